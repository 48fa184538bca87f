"""How fast an architecture's programs run here: one small program, by this machine's Python and by the target's."""

from collections.abc import Sequence
from pathlib import Path

from crosswheel import process
from crosswheel.architectures import Architecture
from crosswheel.doctor.machine import Machine, Probed, foreign
from crosswheel.errors import CrosswheelError
from crosswheel.findings import Finding, Sample
from crosswheel.model import Python
from crosswheel.process import OverdueError
from crosswheel.provision import pythons
from crosswheel.provision.debian.suites import suites
from crosswheel.provision.sandboxes.namespace import Namespace, Tools
from crosswheel.seams import Layered, Root, View

# What interpreters do most: calls, dictionaries, text. Processor time, and the best of some rounds, since other
# probes run at the same time.
_NATIVE_ROUNDS, _EMULATED_ROUNDS = 20, 3
_PROGRAM = """
import sys
import time
def work():
    counts = {}
    for number in range(20000):
        key = str(number % 97)
        counts[key] = counts.get(key, 0) + len(key)
    return sorted(counts.items())
def timed():
    started = time.process_time()
    work()
    return time.process_time() - started
print(min(timed() for _ in range(int(sys.argv[1]))))
"""


def speed(machine: Machine, archs: Sequence[Architecture]) -> Probed:
    """Times the sample of each architecture that has a root in the cache."""
    samples = {arch.name: measured(machine, arch) for arch in foreign(archs, machine.hardware)}
    taken = {name: sample for name, sample in samples.items() if isinstance(sample, Sample)}
    details = {name: round(sample.ratio, 2) for name, sample in taken.items()}
    if not samples:
        return Probed(Finding("speed", "good", "nothing is emulated"))
    if not taken:
        return Probed(Finding("speed", "note", "nothing was measured", details=details), samples=samples)
    ratios = ", ".join(f"{name} {sample.ratio:.0f} x" for name, sample in taken.items())
    return Probed(
        Finding("speed", "good", f"emulated Python is slower than native: {ratios}", details=details),
        samples=samples,
    )


def measured(machine: Machine, arch: Architecture) -> Sample | str:
    """The sample of an architecture; without one, why there is none. Nothing is fetched for it."""
    roots = cached(machine, arch)
    if not roots:
        return "the cache has no root yet: the first build fetches one"
    try:
        qemu = machine.debian.programs.present_qemu(arch)
        bubblewrap = machine.debian.programs.present_bubblewrap()
        if qemu is None or bubblewrap is None:
            return "QEMU and bubblewrap are not here yet"
        python, native = _native(machine, list(roots))
        emulated = _emulated(machine, arch, roots[python], Tools(bubblewrap.path, {arch.name: qemu.path}))
    except OverdueError:
        return "it took too long"
    except (CrosswheelError, OSError, ValueError) as error:
        return str(error)
    return Sample(f"CPython {python.version}", native, emulated)


def offered() -> tuple[Python, ...]:
    """The Pythons that roots have."""
    return tuple(Python("cp", 3, int(name.split(".")[1])) for suite in suites() for name in suite.pythons)


def cached(machine: Machine, arch: Architecture) -> dict[Python, Root]:
    """The roots of an architecture that are in the cache, by their Python."""
    roots = {python: machine.debian.present_root(python, arch) for python in offered()}
    return {python: root for python, root in roots.items() if root is not None}


def _native(machine: Machine, wanted: list[Python]) -> tuple[Python, float]:
    """The same Python where this machine has one, else the one that runs crosswheel: which, and its seconds.

    :raises ValueError: it does not run.
    """
    for python in wanted:
        found = pythons.find(python, machine.environ)
        if found is not None:
            return python, _seconds(
                machine.run(_command(found.executable, _NATIVE_ROUNDS), env={}, capture=True)
            )
    return wanted[0], _seconds(
        machine.run(_command(pythons.own().executable, _NATIVE_ROUNDS), env={}, capture=True)
    )


def _emulated(machine: Machine, arch: Architecture, root: Root, tools: Tools) -> float:
    """:raises ValueError: it does not run."""
    assert root.path is not None
    with machine.store.scratch() as scratch:
        view = View(Layered(root.path, scratch / "layer"), emulate=arch)
        done = Namespace(tools, view).run(
            _command(root.python, _EMULATED_ROUNDS), cwd="/", env={"PATH": "/usr/bin:/bin"}, capture=True
        )
    return _seconds(done)


def _command(python: str | Path, rounds: int) -> list[str]:
    return [str(python), "-I", "-S", "-c", _PROGRAM, str(rounds)]


def _seconds(done: process.Completed) -> float:
    """:raises ValueError: it is no number that was printed."""
    if done.returncode != 0:
        raise ValueError(done.tail[-1] if done.tail else f"the program ended with {done.returncode}")
    return float(done.output)
