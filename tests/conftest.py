"""What all tests share: the order of a run."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fast tests first: what they find need not wait for builds of minutes."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
