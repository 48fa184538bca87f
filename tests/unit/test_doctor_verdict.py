"""What follows from the findings of ``crosswheel doctor``, and how its probes are run together."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel import process
from crosswheel.architectures import ARCHITECTURES, Architecture
from crosswheel.doctor import PROBES, Machine, Probe, Probed, examine
from crosswheel.doctor.verdict import Case, Stock, judge
from crosswheel.findings import Ability, Finding, Sample, Status, Way
from crosswheel.provision.debian import DebianSource
from crosswheel.store import Store

AARCH64, X86_64 = ARCHITECTURES["aarch64"], ARCHITECTURES["x86_64"]
LADDER = ("cross", "hybrid", "hybrid-gcc", "emulated")
WARM = Stock(native=False, ladder=LADDER, roots=("3.11",), missing=0, zig=True, cross_gcc=True)
EMPTY = replace(WARM, roots=(), missing=180_000_000, zig=False)
WORKS = Way("namespace", True, "QEMU 11.1.2")
ROOM = {"cache": {"free": 50_000_000_000}}
GOOD = {
    probe.name: Finding(probe.name, "good", "fine", details=ROOM if probe.name == "disk" else {})
    for probe in PROBES
}


def found(name: str, status: Status, remedy: str = "turn it on") -> dict[str, Finding]:
    return {name: Finding(name, status, f"{name} fails", "because", remedy, GOOD[name].details)}


def judged(
    *, findings: dict[str, Finding] | None = None, ways: Sequence[Way] = (WORKS,), stock: Stock = WARM
) -> Ability:
    return judge(Case(AARCH64, {**GOOD, **(findings or {})}, ways, stock), "not asked")


def test_where_all_is_well_every_engine_builds_and_nothing_would_help() -> None:
    ability = judged()
    assert ability.engines == LADDER
    assert ability.tests_by == WORKS
    assert (ability.obstacles, ability.improvements) == ((), ())


@pytest.mark.parametrize("name", ["machine", "user-namespaces", "cache", "disk"])
@pytest.mark.parametrize("status", ["bad", "unknown"])
def test_what_every_build_needs_is_in_the_way_with_its_cause_and_remedy(name: str, status: Status) -> None:
    ability = judged(findings=found(name, status))
    assert ability.obstacles == (f"{name} fails: because",)
    assert ability.engines == ()
    assert "turn it on" in ability.improvements


@pytest.mark.parametrize(
    "name", ["mirror", "index", "docker", "podman", "registrations", "memory", "cgroups"]
)
def test_a_warm_cache_does_without_the_rest(name: str) -> None:
    ability = judged(findings=found(name, "note"))
    assert (ability.obstacles, ability.engines) == ((), LADDER)


@pytest.mark.parametrize("status", ["note", "unknown"])
def test_a_mirror_that_does_not_answer_is_in_the_way_of_what_must_be_fetched(status: Status) -> None:
    ability = judged(findings=found("mirror", status), stock=EMPTY)
    assert ability.obstacles == ("what aarch64 needs cannot be fetched: mirror fails: because",)
    assert ability.improvements == ("turn it on",)


def test_an_index_that_does_not_answer_is_in_the_way_of_zig_only() -> None:
    ability = judged(findings=found("index", "note"), stock=replace(WARM, zig=False))
    assert ability.obstacles == ("zig cannot be fetched: index fails: because",)
    assert ability.engines == ("hybrid-gcc", "emulated")


def test_a_cache_that_cannot_be_written_is_the_only_reason_given() -> None:
    findings = {**found("cache", "bad"), **found("mirror", "unknown"), **found("index", "unknown")}
    assert judged(findings=findings, stock=EMPTY).obstacles == ("cache fails: because",)


def test_a_disk_without_room_for_what_is_fetched_is_in_the_way() -> None:
    disk = {"disk": Finding("disk", "note", "little", details={"cache": {"free": 100_000_000}})}
    assert judged(findings=disk).obstacles == ()
    assert judged(findings=disk, stock=EMPTY).obstacles == (
        "the first build for aarch64 fetches and unpacks about 0.9 GB, and 0.1 GB are free",
    )


def test_a_program_that_did_not_run_in_a_sandbox_is_in_the_way() -> None:
    fails = Way("namespace", False, "QEMU crashed", "use another QEMU")
    ability = judged(ways=[fails])
    assert ability.obstacles == ("programs of aarch64 do not run in a sandbox: QEMU crashed",)
    assert (ability.engines, ability.tests_by, ability.improvements) == ((), None, ("use another QEMU",))


def test_emulation_that_was_not_found_out_about_is_in_the_way() -> None:
    assert judged(findings=found("private-emulation", "unknown"), ways=[]).obstacles == (
        "private-emulation fails: because",
    )


def test_a_qemu_that_is_yet_to_be_fetched_is_not_in_the_way() -> None:
    untried = Way("namespace", None, "QEMU is fetched at first need")
    ability = judged(ways=[untried], stock=EMPTY)
    assert (ability.obstacles, ability.engines, ability.tests_by) == ((), LADDER, None)


def test_containers_are_the_way_out_where_there_are_no_namespaces() -> None:
    ways = [Way("docker", True), Way("host", False, "nothing", "install it"), Way("namespace", False, "no")]
    ability = judged(findings=found("user-namespaces", "bad"), ways=ways)
    assert ability.obstacles == ("user-namespaces fails: because",)
    assert ability.engines == LADDER
    assert [way.name for way in ability.ways] == ["namespace", "host", "docker"]
    assert ability.tests_by == Way("docker", True)
    assert "crosswheel build --sandbox container --archs aarch64" in ability.improvements


def test_an_engine_whose_compilers_debian_does_not_have_is_left_out() -> None:
    assert judged(stock=replace(WARM, cross_gcc=False)).engines == ("cross", "hybrid", "emulated")


def test_a_native_architecture_needs_no_emulation() -> None:
    stock = replace(WARM, native=True, ladder=("native", "emulated"))
    findings = {**GOOD, **found("private-emulation", "bad")}
    ability = judge(Case(X86_64, findings, (), stock), "as they are")
    assert (ability.obstacles, ability.engines) == ((), ("native", "emulated"))
    assert ability.tests_by is not None
    assert ability.tests_by.name == "native"


def test_a_sample_is_told_as_a_ratio() -> None:
    ability = judge(Case(AARCH64, GOOD, (WORKS,), WARM), Sample("CPython 3.11", 0.002, 0.03))
    assert ability.sample is not None
    assert ability.sample.ratio == pytest.approx(15)


# --- all probes together

Look = Callable[[Machine, Sequence[Architecture]], Probed]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    store = Store(tmp_path / "cache")
    debian = DebianSource(store, lambda _: None)
    return Machine("linux", "x86_64", "6.18.0", {}, store, debian, tmp_path)


def answers(machine: Machine, archs: Sequence[Architecture]) -> Probed:
    return Probed(Finding("any", "good", "fine"))


def probes(**looks: Look) -> list[Probe]:
    """The whole table, with some probes of one's own in the place of others."""
    return [
        replace(probe, look=looks.get(probe.name, answers), seconds=0.5, remedy="wait") for probe in PROBES
    ]


def test_a_probe_that_breaks_hides_nothing_and_shows_no_traceback(machine: Machine) -> None:
    def breaks(machine: Machine, archs: Sequence[Architecture]) -> Probed:
        raise KeyError("MemTotal")

    findings = {
        one.name: one for one in examine(machine, [AARCH64], [AARCH64], probes(memory=breaks)).findings
    }
    memory = findings.pop("memory")
    assert (memory.status, memory.fact, memory.cause) == (
        "unknown",
        "it could not be found out",
        "KeyError: 'MemTotal'",
    )
    assert {finding.status for finding in findings.values()} == {"good"}


def test_a_probe_whose_program_hangs_is_ended_in_time(machine: Machine) -> None:
    def hangs(machine: Machine, archs: Sequence[Architecture]) -> Probed:
        process.run(["sleep", "60"])
        raise AssertionError

    started = time.monotonic()
    findings = examine(machine, [AARCH64], [AARCH64], probes(docker=hangs)).findings
    assert time.monotonic() - started < 30  # not the minute that it would sleep
    (docker,) = (finding for finding in findings if finding.name == "docker")
    assert (docker.status, docker.fact, docker.remedy) == (
        "unknown",
        "docker did not answer within 0 s",
        "wait",
    )


def test_a_probe_that_waits_for_the_kernel_is_left_behind(machine: Machine) -> None:
    def waits(machine: Machine, archs: Sequence[Architecture]) -> Probed:
        time.sleep(30)  # as for a file on a network disk whose server is gone: nothing can end it
        raise AssertionError

    started = time.monotonic()
    found = examine(machine, [AARCH64], [AARCH64], probes(disk=waits))
    assert time.monotonic() - started < 20
    assert "a file system did not answer within 0 s" in found.obstacles


def test_a_cache_on_a_disk_that_does_not_answer_is_not_asked_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(machine: Machine, archs: Sequence[Architecture]) -> Probed:
        process.run(["sleep", "60"])
        raise AssertionError

    monkeypatch.setattr(Store, "has", lambda *_: pytest.fail("it was asked"))
    (ability,) = examine(machine, [AARCH64], [AARCH64], probes(cache=waits)).abilities
    assert (ability.roots, ability.engines) == ((), ())
    assert "the file system of the cache did not answer within 0 s" in ability.obstacles


def test_only_what_was_asked_for_decides(machine: Machine) -> None:
    def runs(machine: Machine, archs: Sequence[Architecture]) -> Probed:
        ways = {"aarch64": Way("namespace", True), "armv7l": Way("namespace", False, "no")}
        return Probed(Finding("private-emulation", "bad", "some do not run"), ways)

    archs = [AARCH64, ARCHITECTURES["armv7l"]]
    table = probes(**{"private-emulation": runs})
    assert examine(machine, archs, [AARCH64], table).obstacles == ()
    assert examine(machine, archs, archs, table).obstacles == (
        "programs of armv7l do not run in a sandbox: no",
    )
