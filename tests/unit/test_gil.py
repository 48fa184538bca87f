"""What a test on a CPython without the GIL tells of modules that need it."""

from crosswheel.testing import gil

# As CPython 3.13 without the GIL wrote it.
WARNING = (
    "<frozen importlib._bootstrap>:488: RuntimeWarning: The global interpreter lock (GIL) has been enabled to load "
    "module '{}', which has not declared that it can run safely without the GIL. To override this behavior and "
    "keep the GIL disabled (at your own risk), run with PYTHON_GIL=0 or -Xgil=0."
)


def test_a_module_that_turns_the_gil_on_is_noted_once() -> None:
    output = [
        "collected 3 items",
        WARNING.format("c_hello"),
        WARNING.format("pkg._x"),
        WARNING.format("c_hello"),
    ]
    assert gil.notes(output) == (
        "importing c_hello turns the GIL on: it does not declare Py_MOD_GIL_NOT_USED",
        "importing pkg._x turns the GIL on: it does not declare Py_MOD_GIL_NOT_USED",
    )


def test_an_ordinary_test_has_nothing_to_note() -> None:
    assert gil.notes(["3 passed in 0.1s", "GIL"]) == ()
