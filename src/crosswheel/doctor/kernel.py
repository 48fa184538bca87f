"""What the kernel lets an ordinary user do: namespaces, emulation of one's own; what it is told for everybody."""

import re
from collections.abc import Sequence

from crosswheel import sample
from crosswheel.architectures import HOST, Architecture
from crosswheel.doctor.machine import Machine, Probed, foreign
from crosswheel.doctor.switches import blamed
from crosswheel.errors import ProvisionError
from crosswheel.findings import Finding, Way
from crosswheel.process import Completed
from crosswheel.provision.debian.programs import Program
from crosswheel.provision.emulation import host
from crosswheel.provision.sandboxes.namespace import Namespace, Tools
from crosswheel.provision.this_machine import ThisMachine
from crosswheel.recognition import Scene, explain, recognise
from crosswheel.seams import Mount, View

_PRIVATE_SINCE = (6, 7)  # binfmt_misc in a user namespace
_SAMPLE = "/crosswheel/sample"


def machine_kind(machine: Machine, archs: Sequence[Architecture]) -> Probed:
    """Whether it is one that crosswheel builds on; with the architectures that it could run and does not."""
    details = {"platform": machine.platform, "hardware": machine.hardware, "kernel": machine.kernel}
    if machine.platform == "linux" and machine.hardware in HOST.runs_on:
        fact = f"{machine.hardware} with Linux {machine.kernel}"
        refused = [arch for arch in foreign(archs, machine.hardware) if machine.hardware in arch.runs_on]
        if refused:  # as i686 where the kernel runs no 32-bit programs
            fact += f"; it does not run programs of {', '.join(arch.name for arch in refused)}: QEMU does"
        cause = "; ".join(sample.trouble(arch) for arch in refused)
        return Probed(Finding("machine", "note" if refused else "good", fact, cause, details=details))
    fact = f"crosswheel builds on {HOST.name} Linux only"
    cause = f"this machine is {machine.hardware} {machine.platform}"
    return Probed(Finding("machine", "bad", fact, cause, f"run it on {HOST.name} Linux", details))


def user_namespaces(machine: Machine, archs: Sequence[Architecture]) -> Probed:  # noqa: ARG001
    """Makes one."""
    try:
        machine.probe_sandbox(emulate=False)
    except ProvisionError as error:
        switch = blamed(error.cause, machine.proc)
        cause = f"{switch.cause}: {error.cause}" if switch else error.cause
        return Probed(
            Finding(
                "user-namespaces", "bad", error.fact, cause, switch.remedy if switch else error.remedy,
                {"allowed": False, "switch": switch.place if switch else None},
            )
        )  # fmt: skip
    return Probed(
        Finding(
            "user-namespaces", "good", "this user may make them", details={"allowed": True, "switch": None}
        )
    )


def private_emulation(machine: Machine, archs: Sequence[Architecture]) -> Probed:
    """Mounts a binfmt_misc, and runs the smallest program of each architecture in a sandbox as builds have."""
    name = "private-emulation"
    targets = foreign(archs, machine.hardware)
    try:
        machine.probe_sandbox(emulate=False)
    except ProvisionError as error:
        ways = {arch.name: Way("namespace", False, error.fact) for arch in targets}
        return Probed(Finding(name, "unknown", "not tried: there are no user namespaces"), ways)
    try:
        machine.probe_sandbox(emulate=True)
    except ProvisionError as error:
        cause, remedy = _no_private_binfmt(error.cause, machine)
        ways = {arch.name: Way("namespace", False, cause, remedy) for arch in targets}
        return Probed(Finding(name, "bad", error.fact, cause, remedy), ways)
    ways = {arch.name: _tried(machine, arch) for arch in targets}
    return Probed(_private_finding(name, ways), ways)


def _private_finding(name: str, ways: dict[str, Way]) -> Finding:
    run = [arch for arch, way in ways.items() if way.works]
    failed = [f"{arch}: {way.reason}" for arch, way in ways.items() if way.works is False]
    details = {"runs": run, "fails": [arch for arch, way in ways.items() if way.works is False]}
    if failed:
        remedy = next(way.remedy for way in ways.values() if way.works is False)
        return Finding(name, "bad", "programs do not run in a sandbox", "; ".join(failed), remedy, details)
    if run:
        return Finding(name, "good", f"programs of {', '.join(run)} ran in a sandbox", details=details)
    return Finding(name, "good", "the kernel has binfmt_misc for every user namespace", details=details)


def _no_private_binfmt(said: str, machine: Machine) -> tuple[str, str]:
    """Why binfmt_misc cannot be mounted in a user namespace, and the command that helps."""
    version = tuple(map(int, re.findall(r"\d+", machine.kernel)[:2]))
    if version < _PRIVATE_SINCE:
        since = ".".join(map(str, _PRIVATE_SINCE))
        cause = (
            f"Linux {machine.kernel} is older than {since}, since when user namespaces have their own: {said}"
        )
        containers = f"containers after {machine.as_root} emulation install all"
        return cause, f"use Linux {since} or newer, or {containers}"
    if "unknown filesystem" in said:
        return f"the module binfmt_misc is not loaded: {said}", "sudo modprobe binfmt_misc"
    return said, "sudo modprobe binfmt_misc"


def _tried(machine: Machine, arch: Architecture) -> Way:
    qemu = machine.debian.programs.present_qemu(arch)
    bubblewrap = machine.debian.programs.present_bubblewrap()
    if qemu is None or bubblewrap is None:
        missing = " and ".join(
            name for name, found in (("QEMU", qemu), ("bubblewrap", bubblewrap)) if found is None
        )
        return Way(
            "namespace", None, f"{missing} {'is' if missing.count(' ') == 0 else 'are'} fetched at first need"
        )
    with machine.store.scratch() as scratch:
        (scratch / "program").write_bytes(sample.program(arch))
        (scratch / "program").chmod(0o755)
        view = View(None, (Mount(scratch, _SAMPLE),), emulate=arch)
        box = Namespace(Tools(bubblewrap.path, {arch.name: qemu.path}), view)
        try:
            done = box.run([f"{_SAMPLE}/program"], cwd="/", env={"PATH": "/usr/bin:/bin"})
        except ProvisionError as error:
            return Way("namespace", False, f"{error.fact}: {error.cause}", error.remedy)
    if done.returncode == sample.STATUS:
        return Way("namespace", True, f"QEMU {qemu.version} ({qemu.origin})")
    return _not_started(arch, qemu, done)


def _not_started(arch: Architecture, qemu: Program, done: Completed) -> Way:
    found = recognise(done.tail, done.returncode)
    if found is None:
        said = done.tail[-1] if done.tail else f"it ended with {done.returncode}"
        return Way("namespace", False, f"{qemu.path} {qemu.version}: {said}", "")
    told = explain(found, Scene(arch, emulator=qemu.path), ThisMachine())
    return Way("namespace", False, ": ".join(filter(None, (found.fact, told.why))), told.remedy)


def registrations(machine: Machine, archs: Sequence[Architecture]) -> Probed:
    """Runs the smallest program of each architecture as it is, and looks at what is registered for it."""
    directory = machine.proc / "sys/fs/binfmt_misc"
    entries = host.registrations(directory)
    ways: dict[str, Way] = {}
    registered: dict[str, dict[str, object]] = {}
    wrong: list[str] = []
    for arch in foreign(archs, machine.hardware):
        entry = host.serving(arch, entries)
        trouble = sample.trouble(arch)
        if entry is None:
            way = Way("host", True, "the kernel runs them") if not trouble else _unregistered(machine, arch)
        else:
            known = host.examine(entry)
            registered[arch.name] = {
                "entry": entry.name, "interpreter": str(entry.interpreter), "version": known.version,
                "flags": entry.flags, "enabled": entry.enabled, "faults": list(known.faults),
                "runs": not trouble,
            }  # fmt: skip
            wrong += [f"{entry.name}: {fault}" for fault in known.faults]
            reason = "; ".join(known.faults) or trouble or str(entry.interpreter)
            way = Way("host", not trouble, reason, _replaced(machine, arch.name) if trouble else "")
        ways[arch.name] = way
    running = [name for name, way in ways.items() if way.works]
    return Probed(_registrations_finding(machine, registered, wrong, running), ways)


def _unregistered(machine: Machine, arch: Architecture) -> Way:
    return Way("host", False, "nothing is registered", f"{machine.as_root} emulation install {arch.name}")


def _replaced(machine: Machine, *names: str) -> str:
    return f"{machine.as_root} emulation install --replace {' '.join(names)}"


def _registrations_finding(
    machine: Machine, registered: dict[str, dict[str, object]], wrong: list[str], running: list[str]
) -> Finding:
    mounted = host.mounted(machine.proc / "sys/fs/binfmt_misc")
    details = {"mounted": mounted, "entries": registered}
    if not registered:
        unseen = f"they cannot be read, and programs of {', '.join(running)} run"
        fact = f"{unseen if running else 'there are none'}; builds do not need any"
        return Finding("registrations", "good", fact, details=details)
    fact = "; ".join(
        f"{name} by {row['interpreter']} (flags {row['flags']})" for name, row in registered.items()
    )
    if not wrong:
        return Finding("registrations", "good", fact, details=details)
    remedy = _replaced(machine, *(name for name, row in registered.items() if row["faults"]))
    return Finding("registrations", "note", fact, "; ".join(wrong), remedy, details)
