"""``CIBW_*``: the variables as layers, and the switches that only variables have."""

from collections.abc import Mapping
from dataclasses import dataclass

from crosswheel.config import forms, own
from crosswheel.config.layers import Layer, Reader, Rule
from crosswheel.config.options import OPTIONS, PLATFORMS
from crosswheel.errors import did_you_mean

_SWITCHES = (
    "CIBW_ALLOW_EMPTY", "CIBW_CACHE_PATH", "CIBW_DEBUG_KEEP_CONTAINER", "CIBW_DEBUG_TRACEBACK", "CIBW_INHERIT",
    "CIBW_LOG_FOLD_MODE", "CIBW_OUTPUT_DIR", "CIBW_PLATFORM", "CIBW_PROJECT_REQUIRES_PYTHON",
)  # fmt: skip
FOLD_MODES = ("azure", "github", "gitlab", "travis", "disabled")  # gitlab is not one of cibuildwheel's
_GONE = {"CIBW_FREE_THREADED_SUPPORT": "cibuildwheel 3 took it away: free-threaded Pythons need no switch"}
_BY_VARIABLE = {option.variable: option for option in OPTIONS.values()}


@dataclass(frozen=True)
class Switches:
    """What only the environment (and a flag of the command line) says.

    :param output_dir: empty where it is not set; so is ``cache_path``.
    """

    allow_empty: bool
    output_dir: str
    cache_path: str
    debug_traceback: bool
    keep_container: bool = False


def switches(environ: Mapping[str, str]) -> Switches:
    """The switches in an environment."""
    return Switches(
        allow_empty=forms.truth(environ.get("CIBW_ALLOW_EMPTY", "")),
        output_dir=environ.get("CIBW_OUTPUT_DIR", ""),
        cache_path=environ.get(own.CACHE.variable) or environ.get("CIBW_CACHE_PATH", ""),
        debug_traceback=forms.truth(environ.get("CIBW_DEBUG_TRACEBACK", "")),
        keep_container=forms.truth(environ.get("CIBW_DEBUG_KEEP_CONTAINER", "")),
    )


def layers(environ: Mapping[str, str], reader: Reader) -> list[Layer]:
    """The layer of ``CIBW_X`` and above it that of ``CIBW_X_LINUX``."""
    for name in _GONE.keys() & environ.keys():
        reader.fault(name, "is set", _GONE[name])
    _check_fold_mode(environ.get("CIBW_LOG_FOLD_MODE", ""), reader)
    plain, linux = _inherit(environ, reader)
    for option in OPTIONS.values():
        if option.variable_adds:
            plain.setdefault(option.name, "append")
    for platform in PLATFORMS:
        if platform != "linux":
            _check_elsewhere(environ, f"_{platform.upper()}", reader)
    return [_layer(environ, "", plain, reader), _layer(environ, "_LINUX", linux, reader)]


def warnings(environ: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each variable that looks like an option and is none."""
    return tuple(text for name in sorted(environ) if name.startswith("CIBW_") and (text := _warning(name)))


def _layer(environ: Mapping[str, str], suffix: str, rules: Mapping[str, Rule], reader: Reader) -> Layer:
    values = _values(environ, suffix, reader)
    return Layer(values, rules, places={name: OPTIONS[name].variable + suffix for name in values})


def _check_elsewhere(environ: Mapping[str, str], suffix: str, reader: Reader) -> None:
    for variable, option in _BY_VARIABLE.items():
        if variable + suffix in environ and option.linux_variable:
            reader.read(variable + suffix, option.read_elsewhere, environ[variable + suffix])


def _values(environ: Mapping[str, str], suffix: str, reader: Reader) -> dict[str, object]:
    result = {}
    for variable, option in _BY_VARIABLE.items():
        name = variable + suffix
        if name in environ and (option.linux_variable or not suffix):
            value = reader.read(name, option.read, environ[name])
            if value is not None:
                result[option.name] = value
    return result


def _check_fold_mode(mode: str, reader: Reader) -> None:
    # Empty is not set: a workflow that passes on an input of its own sets it so.
    if mode and mode not in FOLD_MODES:
        known = f"one of {', '.join(FOLD_MODES)}"
        reader.fault("CIBW_LOG_FOLD_MODE", f"{mode!r} is not {known}", did_you_mean(mode, FOLD_MODES))


def _inherit(environ: Mapping[str, str], reader: Reader) -> tuple[dict[str, Rule], dict[str, Rule]]:
    """The rules of ``CIBW_INHERIT``: for the variables, and for those ending in ``_LINUX``."""
    text = environ.get("CIBW_INHERIT", "")
    plain, linux = [], []
    for part in filter(str.strip, text.split(";")):
        names, colon, rule = part.partition(":")
        for name in names.split():
            bare, _, platform = name.rpartition("-")
            if platform == "linux":
                linux.append(f"{bare}{colon}{rule}")
            elif platform not in PLATFORMS:
                plain.append(f"{name}{colon}{rule}")
    return reader.inherit("CIBW_INHERIT", ";".join(plain)), reader.inherit("CIBW_INHERIT", ";".join(linux))


def _warning(name: str) -> str:
    if name in _BY_VARIABLE or name in _SWITCHES or name in _GONE:
        return ""
    for platform in PLATFORMS:
        option = _BY_VARIABLE.get(name.removesuffix(f"_{platform.upper()}"))
        if option is not None and platform == "linux" and not option.linux_variable:
            return f"{name} is not read: {option.variable} has no form for one platform"
        if option is not None:
            return ""
    known = [known.removeprefix("CIBW_") for known in (*_BY_VARIABLE, *_SWITCHES)]  # all alike in the prefix
    hint = did_you_mean(name.removeprefix("CIBW_"), known).replace("mean ", "mean CIBW_")
    return f"{name} is not a variable of cibuildwheel and is not read" + (f"; {hint}" if hint else "")
