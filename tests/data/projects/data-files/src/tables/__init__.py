import csv
from importlib import resources

from tables import _fast as _fast


def capitals():
    text = resources.files(__name__).joinpath("capitals.csv").read_text(encoding="utf-8")
    return dict(csv.reader(text.splitlines()))
