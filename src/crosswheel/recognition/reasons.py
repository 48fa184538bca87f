"""Why it is on this machine, and what to do: a function for each kind of trouble, which asks for what it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from crosswheel import sample
from crosswheel.architectures import HOST, Architecture
from crosswheel.recognition import spent
from crosswheel.recognition.machine import Emulator, Machine, Scene
from crosswheel.recognition.symptoms import Found, Kind

_QEMU_NEWS = "https://www.qemu.org/docs/master/user/main.html"
_GUEST = 1 << 32  # bytes that QEMU reserves for a 32-bit program
# What vm.mmap_min_addr may be: QEMU 7.2 and 11.1 find another place for a program that wants a lower one (tried).
_NO_MATTER = 1 << 28


@dataclass(frozen=True)
class Explanation:
    """What is said of a found symptom.

    :param why: on this machine, by facts of this moment; may be empty.
    :param remedy: the next step.
    """

    why: str
    remedy: str


def explain(found: Found, scene: Scene, machine: Machine) -> Explanation:
    """Why the trouble is there and what to do.

    :param scene: where the command ran.
    """
    return Explanation(*_REASONS[found.kind](found, scene, machine))


_Reason = Callable[[Found, Scene, Machine], tuple[str, str]]


def _is_emulated(scene: Scene) -> bool:
    return not sample.runs_here(scene.arch)


def _emulator(scene: Scene, machine: Machine) -> Emulator:
    return machine.registered(scene.arch) if scene.emulator is None else machine.emulator(scene.emulator)


def _by(emulator: Emulator) -> str:
    return f"QEMU {emulator.version}" if emulator.version else str(emulator.path)


def _install(arch: Architecture, *, replace: bool = False) -> str:
    return f"sudo crosswheel emulation install {arch.name}{' --replace' if replace else ''}"


def _unserved(scene: Scene, emulator: Emulator) -> str:
    """Why programs of the architecture do not run; empty where they should."""
    arch = scene.arch.name
    if emulator.path is None:
        return f"the kernel of this machine has no entry for {arch} in /proc/sys/fs/binfmt_misc"
    if emulator.faults:
        return f"the kernel runs programs of {arch} by {emulator.path}: {'; '.join(emulator.faults)}"
    return ""


def _exec_format(found: Found, scene: Scene, machine: Machine) -> tuple[str, str]:
    emulator = _emulator(scene, machine) if _is_emulated(scene) else Emulator(None)
    name = found.named.get("file", "")
    program = scene.look(name) if name else None
    if program is not None and not program.arch and not program.loader:
        return f"{name} is no ELF program and begins with no #!", f"begin it with #!/bin/sh, or run sh {name}"
    if (
        _is_emulated(scene)
        and scene.emulator is None
        and (program is None or program.arch == scene.arch.name)
    ):
        why = _unserved(scene, emulator) or f"{_by(emulator)} is registered and did not start it"
        return why, _install(scene.arch, replace=emulator.path is not None)
    if scene.emulator is not None and not emulator.version:
        anew = "let it be fetched anew: crosswheel build --clean-cache, then build again"
        return "; ".join(emulator.faults), anew
    further = f" and, by {_by(emulator)}, of {scene.arch.name}" if _is_emulated(scene) else ""
    what = f"{name} is for {program.arch}; " if program and program.arch else ""
    remedy = f"compile {name or 'it'} in the build, or take the one for {scene.arch.name}"
    return f"{what}here run programs of {HOST.name}{further}", remedy


def _loader(found: Found, scene: Scene, machine: Machine) -> tuple[str, str]:
    name = found.named.get("file", "")
    program = scene.look(name) if name else None
    if program is not None and not program.loader:  # it is no matter of a loader
        return _exec_format(found, scene, machine)
    if program is not None and not program.arch:
        what = f"{name} begins with #!{program.loader}, which is not there"
        return what, f'install what has {program.loader} (before-all = "apt-get install -y ...")'
    if scene.contained and not found.named.get("loader") and scene.emulator is None and _is_emulated(scene):
        why = _unserved(scene, machine.registered(scene.arch))
        if why:
            return why, _install(scene.arch, replace=True)
    loader = found.named.get("loader") or (program.loader if program else "")
    place = scene.root or "the image"
    libc = "musl" if scene.has_musl else "glibc"
    if scene.has_musl and "ld-musl" not in loader and loader.startswith(("/lib/ld", "/lib64/ld")):
        return (
            f"{loader} is glibc's, and {place} has musl",
            "take the program that was built for musl, or compile it in the build",
        )
    if "ld-musl" in loader and not scene.has_musl:
        return (
            f"{loader} is musl's, and {place} has glibc",
            "take the program that was built for glibc, or install musl beside it (before-all = "
            '"apt-get install -y musl")',
        )
    what = f"{loader} is not in {place}" if loader else f"{place} has not got it"
    if program is not None and program.arch != scene.arch.name:
        what += f": {name} is for {program.arch}, and the root is for {scene.arch.name}"
    return what, f"compile it in the build, or take the one for {scene.arch.name} and {libc}"


def _library(found: Found, scene: Scene, _: Machine) -> tuple[str, str]:
    name = found.named.get("file") or found.named["library"]
    library = scene.look(name)
    if library is None:
        return (
            "no file of this name is left in the project",
            f"see that the build makes {name} before it is loaded",
        )
    if not library.arch:
        return f"{name} is no ELF file", f"see what it is: head -c 64 {name}"
    if library.arch == scene.arch.name:
        why = f"{name} is for {library.arch}, and a Python of {HOST.name} loaded it"
        return why, "build it by an engine whose Python is the target's (--engine hybrid)"
    remedy = f"compile {name} in the build, or take the one for {scene.arch.name}"
    return f"{name} is for {library.arch}, not for {scene.arch.name}", remedy


def _guest_crash(_: Found, scene: Scene, machine: Machine) -> tuple[str, str]:
    emulator = _emulator(scene, machine)
    if emulator.faults:
        own = f"bring a newer one: crosswheel build --clean-cache, then build again ({_QEMU_NEWS})"
        remedy = own if scene.emulator else f"register a newer one: {_install(scene.arch, replace=True)}"
        return f"{'; '.join(emulator.faults)}; this kernel is {machine.setting('kernel.osrelease')}", remedy
    why = f"{_by(emulator)} ran it, of which no such defect is known: the program itself is likelier to blame"
    return (
        why,
        "run it again with QEMU_STRACE=1 in its environment: the last lines tell what it asked of the kernel",
    )


def _abort(_: Found, __: Scene, ___: Machine) -> tuple[str, str]:
    why = "it called abort() itself: the lines before it say why, and the emulator is not to blame"
    return why, "read the lines before it in the whole log"


def _crash(_: Found, __: Scene, ___: Machine) -> tuple[str, str]:
    return "", "read the whole log"


def _cpu(_: Found, scene: Scene, machine: Machine) -> tuple[str, str]:
    if not _is_emulated(scene):
        return (
            "",
            "use an older image: manylinux_2_34 and later ask for more than every x86_64 CPU has (x86-64-v2)",
        )
    cpu = scene.arch.qemu_cpu or "QEMU's default"
    why = f"the emulated CPU is {cpu} ({_by(_emulator(scene, machine))})"
    return (
        why,
        'ask for another (environment = { QEMU_CPU = "max" }), or compile for the oldest CPU of the architecture',
    )


def _large_files(_: Found, scene: Scene, machine: Machine) -> tuple[str, str]:
    kinds = sorted({machine.disk(place).kind for place in scene.directories.values()} - {""})
    disks = " and ".join(kinds) or "its file system"
    why = f"{scene.arch.name} is emulated on a 64-bit kernel, and {disks} numbers files by 64 bits"
    return (
        why,
        "build without emulating the compiler (--engine cross), or keep the cache on a tmpfs (--cache-dir)",
    )


def _address_space(_: Found, scene: Scene, machine: Machine) -> tuple[str, str]:
    if not machine.reserves(_GUEST):
        limit = machine.limit("RLIMIT_AS")
        may = f": each may have {spent.size(limit)} (ulimit -v)" if limit is not None else ""
        return f"no process here can reserve the 4 GB of addresses that it needs{may}", "ulimit -v unlimited"
    lowest = machine.setting("vm.mmap_min_addr")
    if lowest.isdigit() and int(lowest) > _NO_MATTER:
        return f"vm.mmap_min_addr is {lowest}", "sudo sysctl vm.mmap_min_addr=65536"
    by = _by(_emulator(scene, machine))
    why = f"{by} needs 4 GB of addresses, which can be reserved here: the command itself had less"
    return why, "leave ulimit -v out of what the project runs"


def _glibc(found: Found, scene: Scene, _: Machine) -> tuple[str, str]:
    wanted = found.named["version"].partition("_")[2]
    has = f"glibc {'.'.join(map(str, scene.glibc))}" if scene.glibc else "an older one"
    library = "glibc" if found.named["version"].startswith("GLIBC_") else "libstdc++"
    place = scene.root or "the machine"
    why = f"it was linked where {library} is newer ({wanted}); {place} has {has}"
    return why, (
        "build it from source in the job (before-all), or take a Python whose root is newer: "
        f"crosswheel plan --archs {scene.arch.name} lists them"
    )


def _sudo(_: Found, __: Scene, ___: Machine) -> tuple[str, str]:
    return "commands are root already, in a sandbox of their own", "leave sudo out"


def _namespaces(found: Found, scene: Scene, machine: Machine) -> tuple[str, str]:
    if _is_emulated(scene) and "Invalid argument" in found.named["why"]:
        return (
            "QEMU cannot make namespaces for the programs that it runs",
            "leave unshare, bwrap and podman out",
        )
    most = machine.setting("user.max_user_namespaces")
    return f"user.max_user_namespaces is {most or 'unknown'}", "sudo sysctl user.max_user_namespaces=15000"


def _tracing(_: Found, scene: Scene, __: Machine) -> tuple[str, str]:
    by = "QEMU has no ptrace" if _is_emulated(scene) else "the sandbox does not allow it"
    return by, "leave gdb and strace out; QEMU_STRACE=1 shows what an emulated program asks of the kernel"


_REASONS: dict[Kind, _Reason] = {
    Kind.EXEC_FORMAT: _exec_format,
    Kind.LOADER: _loader,
    Kind.LIBRARY: _library,
    Kind.GUEST_CRASH: _guest_crash,
    Kind.ABORT: _abort,
    Kind.CRASH: _crash,
    Kind.CPU: _cpu,
    Kind.LARGE_FILES: _large_files,
    Kind.ADDRESS_SPACE: _address_space,
    Kind.GLIBC: _glibc,
    Kind.SUDO: _sudo,
    Kind.NAMESPACES: _namespaces,
    Kind.TRACING: _tracing,
    Kind.SPACE: spent.space,
    Kind.MEMORY: spent.memory,
    Kind.KILLED: spent.killed,
    Kind.PROCESSES: spent.processes,
    Kind.FILES: spent.files,
    Kind.FILE_SIZE: spent.file_size,
    Kind.CPU_TIME: spent.cpu_time,
    Kind.NETWORK: spent.network,
    Kind.PERHAPS_NETWORK: spent.network,
    Kind.CERTIFICATE: spent.certificate,
}
