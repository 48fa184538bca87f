"""The generated parts of a file are written anew; everything around them is its owner's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswheel.ci.regions import merge, seal
from crosswheel.errors import CrosswheelError

OLD = seal("name: x\njobs:\n  # crosswheel begin\n  a: 1\n  # crosswheel end\n")
NEW = seal("name: y\njobs:\n  # crosswheel begin\n  b: 2\n  # crosswheel end\n")
TWO = seal("# crosswheel begin\na\n# crosswheel end\n\n# crosswheel begin\nb\n# crosswheel end\n")


def merged(old: str | None, new: str, *, force: bool = False) -> str:
    return merge(old, new, name="ci.yml", beside="take another", force=force)


def test_a_file_that_is_not_there_or_empty_becomes_the_new_one() -> None:
    assert merged(None, NEW) == merged("", NEW) == merged("\n", NEW) == NEW


def test_the_part_is_replaced_and_the_rest_stays() -> None:
    theirs = OLD.replace("name: x", "name: 'mine' # ü") + "  # mine\n  own: {}"

    assert merged(theirs, NEW) == NEW.replace("name: y", "name: 'mine' # ü") + "  # mine\n  own: {}"


def test_parts_are_replaced_in_their_order() -> None:
    old = TWO.replace("\n\n", "\nbetween\n")
    new = seal(TWO.replace("\na\n", "\nc\n").replace("\nb\n", "\nd\n"))

    assert "\nc\n# crosswheel end\nbetween\n# crosswheel begin" in merged(old, new)
    assert "\nd\n# crosswheel end\n" in merged(old, new)


@given(before=st.text(), after=st.text())
def test_no_text_outside_is_lost(before: str, after: str) -> None:
    """Whatever it is: unless it has such comments itself."""
    around = f"{before}\n{OLD}{after}"

    assert merged(around, NEW).startswith(f"{before}\nname: x\n")
    assert merged(around, NEW).endswith(f"# crosswheel end\n{after}")
    assert merged(merged(around, NEW), OLD) == around


@pytest.mark.parametrize(
    "theirs",
    [
        "jobs: {}\n",
        OLD + OLD,
        OLD.replace("# crosswheel end", "# end"),
        OLD + "# crosswheel begin\n",
    ],
)
def test_a_file_that_is_not_ours_is_overwritten_by_force_alone(theirs: str) -> None:
    with pytest.raises(
        CrosswheelError, match=r"ci.yml is there, and crosswheel ci did not write it"
    ) as caught:
        merged(theirs, NEW)

    assert caught.value.remedy == "take another, or overwrite it with --force"
    assert merged(theirs, NEW, force=True) == NEW


@pytest.mark.parametrize(
    "changed", [OLD.replace("a: 1", "a: 2"), OLD.replace("  a: 1\n", "  a: 1\n  c: 3\n")]
)
def test_a_part_that_was_changed_by_hand_is_overwritten_by_force_alone(changed: str) -> None:
    with pytest.raises(CrosswheelError, match=r"the generated part of ci.yml was changed by hand"):
        merged(changed + "  own: {}\n", NEW)

    assert (
        merged(changed + "  own: {}\n", NEW, force=True) == NEW.replace("name: y", "name: x") + "  own: {}\n"
    )
