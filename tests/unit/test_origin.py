"""Which of several sources serves a target, and why; what is asked, and what is remembered."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.images import is_reference, registry_of
from crosswheel.model import ASKED_FOR, LibcVersion, Part, Project, Python, Target
from crosswheel.pipeline.origins import Origins
from crosswheel.plan.origin import Choice, Earlier, choose
from crosswheel.seams import Reach, Root, Source
from crosswheel.store import Store

ID = "cp311-manylinux_aarch64"
TARGET = Target(Python("cp", 3, 11), "manylinux", ARCHITECTURES["aarch64"])
IMAGE = "quay.io/pypa/manylinux_2_28_aarch64:2026.10.21-1"
DOWN = frozenset({"mirror"})


@dataclass
class Shop:
    """A source that has the target, or not.

    :param needs: who must be reached for it.
    :param down: those of them that cannot be.
    """

    name: str
    needs: tuple[str, ...] = ()
    down: frozenset[str] = frozenset()
    has: bool = True
    asked: list[str] = field(default_factory=list)

    def offers(self, target: Target) -> bool:
        return self.has

    def reaches(self, target: Target) -> tuple[Reach, ...]:
        return tuple(Reach(place, self._asking(place)) for place in self.needs)

    def _asking(self, place: str) -> Callable[[], None]:
        def ask() -> None:
            self.asked.append(place)
            if place in self.down:
                raise ProvisionError(f"{place} cannot be reached")

        return ask

    def libc_version(self, target: Target) -> LibcVersion | None:
        return None

    def parts(self, target: Target) -> tuple[Part, ...]:
        return ()

    def key(self, target: Target) -> str:
        return self.name

    def describe(self) -> str:
        return self.name

    def root(self, target: Target, finish: object = None) -> Root:
        raise AssertionError("nothing is fetched to choose")


def chosen(
    *sources: Source, image: str = "", earlier: Earlier | None = None, asking: bool = True
) -> tuple[str, str, bool]:
    choice = choose(
        TARGET, image, sources, earlier={ID: earlier} if earlier else {}, ask=why_not if asking else None
    )
    assert choice is not None
    return choice.source.name, choice.reason, choice.lasting


def why_not(reach: Reach) -> str:
    try:
        reach.ask()
    except ProvisionError as error:
        return error.fact
    return ""


# The project's image


@pytest.mark.parametrize(
    ("name", "asks"),
    [
        ("", False),
        ("manylinux1", False),
        ("manylinux2014", False),
        ("manylinux_2_28", False),
        ("manylinux_2_99", False),
        ("musllinux_1_2", False),
        (IMAGE, True),
        ("quay.io/pypa/manylinux_2_28_aarch64", True),
        ("manylinux_2_28_aarch64@sha256:00", True),
        ("localhost/own:1", True),
        ("debian:12", True),
    ],
)
def test_an_alias_names_a_policy_and_a_full_name_an_image(name: str, asks: bool) -> None:
    assert is_reference(name) == asks


def test_an_image_that_is_named_in_full_serves_where_it_can_be_reached() -> None:
    image, debian = Shop("image", ("quay.io",)), Shop("debian")
    assert chosen(debian, image, image=IMAGE) == ("image", f"the project names {IMAGE}", False)
    assert image.asked == ["quay.io"]


@pytest.mark.parametrize("name", ["manylinux_2_28", ""])
def test_an_alias_or_nothing_never_leads_to_an_image(name: str) -> None:
    image = Shop("image", ("quay.io",))
    assert chosen(Shop("debian"), image, image=name)[0] == "debian"
    assert image.asked == []


def test_an_image_that_is_unpacked_serves_and_nobody_is_asked() -> None:
    image = Shop("image")
    assert chosen(Shop("debian"), image, image=IMAGE)[0] == "image"


def test_in_place_of_an_image_that_cannot_be_reached_debian_serves_and_it_is_told() -> None:
    image = Shop("image", ("quay.io",), frozenset({"quay.io"}))
    choice = choose(TARGET, IMAGE, (Shop("debian", ("mirror",)), image), earlier={}, ask=why_not)
    assert choice is not None
    told = Choice(choice.source, f"{IMAGE} cannot be had", instead_of="quay.io cannot be reached")
    assert (choice, choice.source.name) == (told, "debian")


def test_a_plan_asks_nobody_and_tells_what_serves_otherwise() -> None:
    image = Shop("image", ("quay.io",), frozenset({"quay.io"}))
    reason = f"the project names {IMAGE}; debian where that cannot be reached"
    assert chosen(Shop("debian"), image, image=IMAGE, asking=False) == ("image", reason, False)
    assert image.asked == []


# The usual sources


def test_where_one_has_it_that_one_serves() -> None:
    debian, standalone = Shop("debian", has=False), Shop("standalone", ("github",), frozenset({"github"}))
    assert chosen(debian, standalone, asking=False) == ("standalone", "no other source has it", False)
    assert standalone.asked == []
    assert chosen(Shop("debian", ("mirror",), DOWN)) == ("debian", ASKED_FOR, False)


def test_the_first_source_is_not_asked_whether_it_can_be_reached() -> None:
    debian, host = Shop("debian", ("mirror",), DOWN), Shop("host", has=False)
    assert chosen(debian, host) == ("debian", "no other source has it", True)
    assert debian.asked == [], "its own sentence says what is wrong"


class Tabled(Shop):
    """A source that is not to be asked what it has: that takes time."""

    def offers(self, target: Target) -> bool:
        raise AssertionError("another source is known to serve")


def test_no_source_is_asked_what_it_has_where_another_served_before_or_is_in_the_store() -> None:
    debian = Shop("debian", ("mirror",))
    before = Earlier("debian", "it comes before standalone")
    assert chosen(debian, Tabled("standalone"), earlier=before) == (*vars(before).values(), True)
    assert chosen(Shop("debian"), Tabled("standalone")) == ("debian", "its root is in the cache", True)


def test_a_further_source_that_alone_has_it_is_asked_and_noted() -> None:
    debian, standalone = Shop("debian", has=False), Shop("standalone", ("github",))
    assert chosen(debian, standalone) == ("standalone", "no other source has it", True)
    assert standalone.asked == ["github"]


def test_one_that_cannot_be_reached_is_away_unless_it_served_before() -> None:
    debian, standalone = Shop("debian", has=False), Shop("standalone", ("github",), frozenset({"github"}))
    choice = choose(TARGET, "", (debian, standalone), earlier={}, ask=why_not)
    assert choice == Choice(standalone, "no other source has it", away="github cannot be reached")
    before = {ID: Earlier("standalone", "no other source has it")}
    choice = choose(TARGET, "", (debian, standalone), earlier=before, ask=why_not)
    assert choice == Choice(standalone, "no other source has it", lasting=True)


def test_an_image_that_alone_has_it_is_not_given_up() -> None:
    debian, image = Shop("debian", has=False), Shop("image", ("quay.io",), frozenset({"quay.io"}))
    assert chosen(debian, image, image=IMAGE) == ("image", f"the project names {IMAGE}", False)


def test_where_none_has_it_there_is_no_choice() -> None:
    assert choose(TARGET, "", (Shop("debian", has=False), Shop("host", has=False)), earlier={}) is None


def test_a_source_that_the_user_names_serves_whatever_else_is_there() -> None:
    assert chosen(Shop("standalone", ("github",))) == ("standalone", ASKED_FOR, False)
    assert choose(TARGET, "", (Shop("image", has=False),), earlier={}) is None


def test_what_is_in_the_cache_comes_before_what_is_fetched() -> None:
    debian, standalone = Shop("debian", ("mirror",)), Shop("standalone")
    assert chosen(debian, standalone) == ("standalone", "its root is in the cache", True)


def test_what_served_before_serves_again_whatever_is_in_the_cache_now() -> None:
    debian, standalone = Shop("debian", ("mirror",)), Shop("standalone")
    earlier = Earlier("debian", "it comes before standalone")
    assert chosen(debian, standalone, earlier=earlier) == ("debian", earlier.reason, True)
    assert debian.asked == []


def test_what_served_before_and_no_longer_has_it_is_forgotten() -> None:
    debian, standalone, host = Shop("debian", has=False), Shop("standalone"), Shop("host")
    assert chosen(debian, host, standalone, earlier=Earlier("debian", "x"))[0] == "standalone"


def test_this_machines_own_are_in_no_cache() -> None:
    debian, host = Shop("debian", ("mirror",)), Shop("host")
    assert chosen(debian, host) == ("debian", "it comes before host", True)
    assert debian.asked == ["mirror"]


def test_where_the_first_cannot_be_reached_one_that_can_do_without_serves_for_once() -> None:
    debian, host = Shop("debian", ("mirror",), DOWN), Shop("host")
    assert chosen(debian, host) == ("host", "debian cannot be reached", False)


def test_nobody_is_asked_where_the_others_need_the_same() -> None:
    debian, standalone = Shop("debian", ("mirror",), DOWN), Shop("standalone", ("github", "mirror"))
    assert chosen(debian, standalone) == ("debian", "it comes before standalone", True)
    assert debian.asked == standalone.asked == []


def test_one_that_only_shares_who_can_be_reached_serves_in_place_of_the_first() -> None:
    standalone, musl = (
        Shop("standalone", ("github", "mirror"), frozenset({"github"})),
        Shop("musl", ("mirror",)),
    )
    assert chosen(standalone, musl) == ("musl", "standalone cannot be reached", False)
    assert standalone.asked == ["github"]
    both = frozenset({"github", "mirror"})
    standalone, musl = Shop("standalone", ("github", "mirror"), both), Shop("musl", ("mirror",), both)
    assert chosen(standalone, musl) == ("standalone", "it comes before musl", False)


# From run to run


def origins(directory: Path, *sources: Source, asking: bool = True) -> Origins:
    project = Project(directory / "p", directory / "p", str(directory / "p"))
    return Origins(Store(directory / "store"), project, sources, asking=asking)


def test_a_choice_is_the_same_in_the_next_run(tmp_path: Path) -> None:
    first = origins(tmp_path, Shop("debian", ("mirror",)), Shop("standalone"))
    choice = first(TARGET, "")
    first.remember()
    later = origins(tmp_path, Shop("debian"), Shop("standalone", ("github",)))(TARGET, "")
    assert choice is not None
    assert later is not None
    assert (later.source.name, later.reason) == (choice.source.name, choice.reason)
    assert later.source.name == "standalone"


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    plan = origins(tmp_path, Shop("debian"), Shop("standalone"), asking=False)
    plan(TARGET, "")
    plan.remember()
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": ["b"]}', "null"])
def test_a_damaged_note_is_no_note(tmp_path: Path, text: str) -> None:
    first = origins(tmp_path, Shop("debian"), Shop("standalone"))
    first(TARGET, "")
    first.remember()
    (note,) = (tmp_path / "store/sources").iterdir()
    assert json.loads(note.read_text()) == {ID: ["debian", "its root is in the cache"]}
    note.write_text(text)
    choice = origins(tmp_path, Shop("debian", ("mirror",)), Shop("standalone"))(TARGET, "")
    assert choice is not None
    assert choice.source.name == "standalone"


def test_who_is_asked_is_asked_once_in_a_run(tmp_path: Path) -> None:
    debian = Shop("debian", ("mirror",), DOWN)
    run = origins(tmp_path, debian, Shop("host"))
    run(TARGET, "")
    run(Target(Python("cp", 3, 13), "manylinux", TARGET.arch), "")
    assert debian.asked == ["mirror"]


@pytest.mark.parametrize(
    ("name", "registry"),
    [
        (IMAGE, "quay.io"),
        ("localhost/own:1", "localhost"),
        ("127.0.0.1:5000/own@sha256:00", "127.0.0.1:5000"),
        ("debian:12", "registry-1.docker.io"),
        ("pypa/manylinux", "registry-1.docker.io"),
    ],
)
def test_a_name_says_which_registry_is_asked(name: str, registry: str) -> None:
    assert registry_of(name) == registry
