from company.engine._core import answer as answer
