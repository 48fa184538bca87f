"""The programs that builds use: QEMU, bubblewrap, zig, native Pythons."""

from collections.abc import Sequence

from crosswheel.architectures import Architecture
from crosswheel.doctor.machine import Machine, Probed, foreign
from crosswheel.doctor.speed import offered
from crosswheel.findings import Finding
from crosswheel.provision import pythons
from crosswheel.provision.debian.programs import unused_bubblewrap, unused_qemu
from crosswheel.provision.toolchains import zig

_FETCHED = "it is fetched at first need"


def qemu(machine: Machine, archs: Sequence[Architecture]) -> Probed:
    """Runs each emulator, the installed and the fetched."""
    targets = foreign(archs, machine.hardware)
    unused = "; ".join(dict.fromkeys(reason for arch in targets for reason in unused_qemu(arch)))
    found = {arch.name: machine.debian.programs.present_qemu(arch) for arch in targets}
    here = {name: program for name, program in found.items() if program is not None}
    details = {
        name: {"path": str(program.path), "version": program.version, "origin": program.origin}
        for name, program in here.items()
    }
    cause = f"not used: {unused}" if unused else ""
    if len(here) < len(found):
        lacking = ", ".join(name for name in found if name not in here)
        return Probed(Finding("qemu", "note", f"none is here for {lacking}; {_FETCHED}", cause, "", details))
    kinds = dict.fromkeys(f"{program.version} ({program.origin})" for program in here.values())
    fact = f"{' and '.join(kinds)} for {', '.join(here)}" if here else "none is needed"
    return Probed(Finding("qemu", "good", fact, cause, "", details))


def bubblewrap(machine: Machine, archs: Sequence[Architecture]) -> Probed:  # noqa: ARG001
    """Runs it."""
    found = machine.debian.programs.present_bubblewrap()
    unused = "; ".join(unused_bubblewrap())
    cause = f"not used: {unused}" if unused else ""
    if found is None:
        return Probed(Finding("bubblewrap", "note", f"it is not here; {_FETCHED}", cause))
    details = {"path": str(found.path), "version": found.version, "origin": found.origin}
    return Probed(Finding("bubblewrap", "good", f"{found.version} ({found.origin})", cause, "", details))


def compiler(machine: Machine, archs: Sequence[Architecture]) -> Probed:  # noqa: ARG001
    """Runs zig, where it is in the cache."""
    if not zig.present(machine.store):
        fact = f"zig {zig.VERSION} is not in the cache; {_FETCHED}"
        return Probed(Finding("zig", "note", fact, details={"version": zig.VERSION, "present": False}))
    program = zig.fetch(machine.store, lambda _: None).directory / "zig"
    done = machine.run([program, "version"], env={"PATH": "/usr/bin:/bin"}, capture=True)
    details = {"version": done.output, "present": True, "path": str(program)}
    if done.returncode == 0:
        return Probed(Finding("zig", "good", done.output, details=details))
    said = " ".join(done.tail) or f"it ends with {done.returncode}"
    remedy = f"rm -r {program.parent.parent} (it is fetched again)"
    return Probed(Finding("zig", "bad", f"{program} does not run", said, remedy, details))


def native_pythons(machine: Machine, archs: Sequence[Architecture]) -> Probed:  # noqa: ARG001
    """Runs each that has the name of a CPython that roots have."""
    found = {python.version: pythons.find(python, machine.environ) for python in offered()}
    here = {version: str(python.executable) for version, python in found.items() if python is not None}
    lacking = [version for version in found if version not in here]
    details = {"found": here, "lacking": lacking}
    fact = f"CPython {', '.join(here)}" if here else "none of this machine's own"
    if not lacking:
        return Probed(Finding("pythons", "good", fact, details=details))
    fact += f"; Debian's are fetched for {', '.join(lacking)}"
    return Probed(Finding("pythons", "note" if not here else "good", fact, details=details))
