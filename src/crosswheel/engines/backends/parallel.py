"""How many compilers a build starts at once: jobs of a run share the machine's cores."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from crosswheel.engines.backends.names import name_of

# GNU make's manual, "Options Summary"; cmake-env-variables(7); cargo's reference, "build.jobs"; what
# torch.utils.cpp_extension and many setup.py read. A project's own value comes on top.
_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "MAKEFLAGS": "-j{}",
        "CMAKE_BUILD_PARALLEL_LEVEL": "{}",
        "CARGO_BUILD_JOBS": "{}",
        "MAX_JOBS": "{}",
    }
)
# ninja has no variable: it counts the cores it may use. meson-python hands its arguments on.
_SETTINGS: Mapping[str, Mapping[str, str]] = {"meson-python": {"compile-args": "-j{}"}}


def variables(cores: int) -> dict[str, str]:
    """What every command of a build sees."""
    return {name: value.format(cores) for name, value in _VARIABLES.items()}


def settings(cores: int, requires: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Config settings for the backend among these requirements; a project's own come behind them."""
    names = {name_of(text) for text in requires}
    return {
        key: (value.format(cores),)
        for backend, held in _SETTINGS.items()
        if backend in names
        for key, value in held.items()
    }
