"""What all tests share: the order of a run."""

import pytest

_SERVICES = ("TRAVIS", "APPVEYOR", "CIRCLECI", "AZURE_HTTP_USER_AGENT", "GITHUB_ACTIONS", "GITLAB_CI")


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test is run by a service of continuous integration, wherever the tests themselves run."""
    for name in (*_SERVICES, "GITHUB_STEP_SUMMARY", "CIBW_LOG_FOLD_MODE"):
        monkeypatch.delenv(name, raising=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fast tests first: what they find need not wait for builds of minutes."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
