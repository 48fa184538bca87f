"""All probes at once, each with its own time; then what their findings mean."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from functools import partial

from crosswheel import sample
from crosswheel.architectures import Architecture
from crosswheel.doctor import containers, disk, kernel, memory, network, programs, speed
from crosswheel.doctor.machine import Machine, Probe, Probed
from crosswheel.doctor.verdict import Case, Stock, judge
from crosswheel.findings import Ability, Examination, Finding
from crosswheel.model import Target
from crosswheel.plan.ladders import ladder
from crosswheel.process import OverdueError, within
from crosswheel.provision.debian.suites import suite_with, suites
from crosswheel.provision.toolchains import zig

# In the order in which they are shown: what builds need first.
PROBES = (
    Probe("machine", "the machine", kernel.machine_kind),
    Probe("user-namespaces", "the kernel", kernel.user_namespaces),
    Probe("private-emulation", "a sandbox", kernel.private_emulation),
    Probe("qemu", "QEMU", programs.qemu),
    Probe("bubblewrap", "bubblewrap", programs.bubblewrap),
    Probe("zig", "zig", programs.compiler),
    Probe("pythons", "a Python of this machine", programs.native_pythons),
    Probe("speed", "a sandbox", speed.speed),
    Probe("mirror", "the Debian mirror", network.mirror, "name another mirror with --mirror"),
    Probe(
        "index", "the package index", network.index, "name an index with UV_DEFAULT_INDEX or PIP_INDEX_URL"
    ),
    Probe("cache", "the file system of the cache", disk.cache),
    Probe("disk", "a file system", disk.disk),
    Probe("memory", "the kernel", memory.memory),
    Probe("cgroups", "the kernel", memory.cgroups),
    Probe("registrations", "a registered emulator", kernel.registrations),
    Probe("docker", "docker", containers.docker, "sudo systemctl restart docker, or unset DOCKER_HOST"),
    Probe("podman", "podman", containers.podman, "podman system migrate, or unset CONTAINER_HOST"),
)
DEFAULT = "aarch64"  # what the default build is for, where nothing else is asked for
_GRACE = 1.0  # seconds for a probe to say itself that its time is over


def examine(
    machine: Machine,
    archs: Sequence[Architecture],
    wanted: Sequence[Architecture],
    probes: Sequence[Probe] = PROBES,
) -> Examination:
    """Find out what a machine can do. Nothing is fetched, and nothing but the cache is written to.

    :param archs: those that are told of.
    :param wanted: those that must be possible to build for.
    :param probes: all of the names in :data:`PROBES`.
    """
    started = time.monotonic()
    probed = _together(machine, archs, probes)
    findings = {name: one.finding for name, one in probed.items()}
    abilities = tuple(_ability(machine, arch, findings, probed) for arch in archs)
    names = {arch.name for arch in wanted}
    obstacles = (reason for ability in abilities if ability.arch in names for reason in ability.obstacles)
    return Examination(
        tuple(findings.values()), abilities, tuple(dict.fromkeys(obstacles)), time.monotonic() - started
    )


def _together(machine: Machine, archs: Sequence[Architecture], probes: Sequence[Probe]) -> dict[str, Probed]:
    started, stop = time.monotonic(), threading.Event()
    futures = {probe: _begun(partial(_timed, probe, machine, archs, stop)) for probe in probes}
    try:
        return {
            probe.name: _result(probe, future, started + probe.seconds + _GRACE)
            for probe, future in futures.items()
        }
    except BaseException:  # Ctrl-C: what probes have begun ends, and they remove what they wrote
        stop.set()
        wait(futures.values(), _GRACE)
        raise


def _begun(work: Callable[[], Probed]) -> Future[Probed]:
    """Work in a thread that does not keep this program from ending: an executor waits for all of its own."""
    future: Future[Probed] = Future()
    threading.Thread(target=lambda: future.set_result(work()), daemon=True).start()
    return future


def _result(probe: Probe, future: Future[Probed], until: float) -> Probed:
    try:
        return future.result(max(until - time.monotonic(), 0.0))
    except TimeoutError:  # it waits for the kernel, a dead network disk for example
        return _overdue(probe)


def _timed(probe: Probe, machine: Machine, archs: Sequence[Architecture], stop: threading.Event) -> Probed:
    """What a probe finds, whatever becomes of it."""
    started = time.monotonic()
    try:
        with within(probe.seconds, stop):
            probed = probe.look(machine, archs)
    except OverdueError:
        probed = _overdue(probe)
    except Exception as error:
        # A probe that meets what nobody thought of must not hide what the others found.
        said = str(error).splitlines()
        cause = ": ".join([type(error).__name__, *said[:1]])
        probed = Probed(Finding(probe.name, "unknown", "it could not be found out", cause))
    return replace(probed, finding=replace(probed.finding, seconds=time.monotonic() - started))


def _overdue(probe: Probe) -> Probed:
    fact = f"{probe.subject} did not answer within {probe.seconds:.0f} s"
    return Probed(Finding(probe.name, "unknown", fact, "", probe.remedy, seconds=probe.seconds))


def _ability(
    machine: Machine, arch: Architecture, findings: Mapping[str, Finding], probed: Mapping[str, Probed]
) -> Ability:
    ways = tuple(one.ways[arch.name] for one in probed.values() if arch.name in one.ways)
    samples = (one.samples[arch.name] for one in probed.values() if arch.name in one.samples)
    # A cache whose file system does not answer must not be asked once more: nobody would end that.
    known = findings["cache"].status != "unknown"
    stock = _stock(machine, arch) if known else Stock(sample.runs_here(arch), ladder(arch, "auto"))
    case = Case(arch, findings, ways, stock)
    namespace = case.way("namespace")
    stuck = namespace is not None and namespace.works is False
    return judge(case, "its programs do not run in a sandbox" if stuck else next(samples, ""))


def _stock(machine: Machine, arch: Architecture) -> Stock:
    """Only looked up, never run or fetched."""
    roots = speed.cached(machine, arch)
    python = next(iter(roots), None) or next(
        python for python in speed.offered() if suite_with(python, arch) is not None
    )
    parts = machine.debian.parts(Target(python, "manylinux", arch))
    return Stock(
        native=sample.runs_here(arch),
        ladder=ladder(arch, "auto"),
        roots=tuple(python.version for python in roots),
        missing=sum(part.size for part in parts if not part.present),
        zig=zig.present(machine.store),
        cross_gcc=any(arch.name in suite.cross_gcc for suite in suites()),
    )
