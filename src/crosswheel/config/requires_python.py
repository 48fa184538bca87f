"""Which Pythons a project says that it supports."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def find(project_dir: Path, pyproject: Mapping[str, Any]) -> tuple[str, str] | None:
    """The place and the text of the specifier: from pyproject.toml, else setup.cfg, else setup.py.

    :param pyproject: the contents of pyproject.toml.
    :raises ValueError: setup.cfg cannot be read as one.
    """
    project = pyproject.get("project")
    if isinstance(project, dict) and "requires-python" in project:
        return "project.requires-python", str(project["requires-python"])
    setup_cfg = project_dir / "setup.cfg"
    if setup_cfg.is_file():
        import configparser  # noqa: PLC0415 -- few projects still have one

        config = configparser.ConfigParser()
        try:
            config.read(setup_cfg, encoding="utf-8")
            text = config.get("options", "python_requires", fallback="")
        except configparser.Error as error:
            raise ValueError(str(error)) from None
        if text:
            return "setup.cfg: options.python_requires", text
    setup_py = project_dir / "setup.py"
    if setup_py.is_file():
        text = _of_setup_call(setup_py.read_bytes())
        if text:
            return "setup.py: python_requires", text
    return None


def _of_setup_call(source: bytes) -> str:
    """``python_requires`` of a call at the top of setup.py or under ``if __name__ == "__main__"``."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ""
    mains = [node for node in body if isinstance(node, ast.If) and _is_main(node.test)]
    found = ""
    for statement in [*body, *(inner for node in mains for inner in node.body)]:
        call = statement.value if isinstance(statement, ast.Expr) else None
        for keyword in call.keywords if isinstance(call, ast.Call) else []:
            value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
            if keyword.arg == "python_requires" and isinstance(value, str):
                found = value
    return found


def _is_main(test: ast.expr) -> bool:
    return ast.unparse(test) in ("__name__ == '__main__'", "'__main__' == __name__")
