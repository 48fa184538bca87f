"""cargo, for maturin, setuptools-rust and whatever else starts it; PyO3's build script is told of the Python.

Rust code is built for two machines: build scripts and procedural macros run where the build runs.
"""

from collections.abc import Mapping

from crosswheel.architectures import HOST
from crosswheel.engines.backends.recipe import Recipe
from crosswheel.model import Target
from crosswheel.seams import Rust
from crosswheel.site import places

_PYTHON = "pyo3"
_OF_CC = ("CC", "CXX", "AR", "RANLIB")


def recipe(
    target: Target, rust: Rust, tools: Mapping[str, str], variables: Mapping[str, str | int]
) -> Recipe:
    """Variables of cargo, of the ``cc`` crate and of PyO3.

    PyO3, old and new, and maturin take the Python's suffix and ABI from a ``_sysconfigdata`` module in
    PYO3_CROSS_LIB_DIR, so that nothing of theirs has to run a Python of the target. maturin's own repair is off
    wherever PEP 517 calls it (``--compatibility off``).

    :param tools: the target's compilers by their variables.
    :param variables: the build-time variables of the target's Python.
    """
    env = {**rust.env, **_tools(target.rust, tools), **_linking(target)}
    if target.rust == HOST.rust:
        return Recipe(env=env)
    assert rust.native is not None
    native = rust.native.env()
    module = f"_sysconfigdata__linux_{target.triplet}.py"
    data = {"prefix": "/usr", **variables}  # PyO3 looks for conda's in it
    return Recipe(
        files={f"{_PYTHON}/{module}": f"build_time_vars = {data!r}\n"},
        env={
            **env,
            **_tools(HOST.rust, native),
            **{f"HOST_{name}": native[name] for name in _OF_CC},
            "CARGO_BUILD_TARGET": target.rust,
            "PKG_CONFIG_ALLOW_CROSS": "1",
            "PYO3_CROSS_LIB_DIR": f"{places.JOB}/{_PYTHON}",
            "PYO3_CROSS_PYTHON_VERSION": target.python.version,
        },
    )


def _linking(target: Target) -> dict[str, str]:
    """Rust links musl statically unless it is told otherwise, and then makes no shared library."""
    if target.libc == "manylinux":
        return {}
    name = target.rust.replace("-", "_").upper()
    return {f"CARGO_TARGET_{name}_RUSTFLAGS": "-C target-feature=-crt-static"}


def _tools(triple: str, tools: Mapping[str, str]) -> dict[str, str]:
    """The linker of cargo, and the compilers of the ``cc`` crate, for one machine."""
    name = triple.replace("-", "_")
    return {
        f"CARGO_TARGET_{name.upper()}_LINKER": tools["CC"],
        **{f"{tool}_{name}": tools[tool] for tool in _OF_CC},
    }
