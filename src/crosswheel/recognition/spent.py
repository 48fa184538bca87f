"""Reasons that lie in what a machine has: memory, disks, limits, a network."""

from crosswheel.recognition.machine import Machine, Scene
from crosswheel.recognition.symptoms import Found
from crosswheel.resources import Disk

FEWER = 'run fewer compilers at once (environment = { MAKEFLAGS = "-j1" })'
_NEARLY = 64_000_000  # bytes; less than this free is what filled a disk
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"), (1, "bytes"))


def size(count: int) -> str:
    """``24 MB``."""
    unit, name = next((unit for unit in _UNITS if count >= unit[0]), _UNITS[-1])
    return f"{count / unit:.0f} {name}" if count >= 10 * unit or unit == 1 else f"{count / unit:.1f} {name}"


def memory(_: Found, __: Scene, machine: Machine) -> tuple[str, str]:
    """Memory that was refused."""
    each = machine.limit("RLIMIT_AS")
    if each is not None:
        return f"each process may have {size(each)} (ulimit -v)", "ulimit -v unlimited, or less of it at once"
    now = machine.memory()
    if now.limit is None and now.available > now.total // 2:
        why = f"{_left(machine)}: it asked for more at once, or set itself a limit (ulimit -v)"
        return why, f"let it ask for less, or {FEWER}"
    return _left(machine), _more(machine)


def killed(_: Found, __: Scene, machine: Machine) -> tuple[str, str]:
    """SIGKILL: by the kernel, which counts it, or by somebody."""
    now = machine.memory()
    if now.killed:
        times = "once" if now.killed == 1 else f"{now.killed} times"
        return f"the kernel ended processes for want of memory {times} in this run; {_left(machine)}", _more(
            machine
        )
    why = (
        f"the kernel ended none for want of memory in this run, so that another program did; {_left(machine)}"
    )
    return why, (
        "look for what ends processes: a time limit of CI, systemd-oomd or earlyoom (journalctl -b -u systemd-oomd "
        f"-u earlyoom); if one did it for memory, {FEWER}"
    )


def _left(machine: Machine) -> str:
    now = machine.memory()
    free = f"{size(now.available)} of {size(now.total)} are free now"
    if now.limit is None:
        return free
    return f"the control group may use {size(now.limit)} and uses {size(now.used)}; {free}"


def _more(machine: Machine) -> str:
    limit = machine.memory().limit
    raised = (
        "give the machine more memory"
        if limit is None
        else "raise the group's limit (docker run --memory, MemoryMax=)"
    )
    return f"{raised}, or {FEWER}"


def space(_: Found, scene: Scene, machine: Machine) -> tuple[str, str]:
    """A full file system: which one."""
    disks = {option: machine.disk(place) for option, place in scene.directories.items()}
    full = {option: disk for option, disk in disks.items() if disk.free < _NEARLY or disk.files == 0}
    if not full:
        left = ", ".join(dict.fromkeys(f"{size(disk.free)} on {disk.mount}" for disk in disks.values()))
        why = (
            f"no disk of this run is full ({left}): it was a file system inside, such as /dev/shm, or a quota"
        )
        return why, "write to $TMPDIR instead, which is on the cache's disk, or see quota -s"
    option, disk = next(iter(full.items()))
    what = "no further file can be made" if disk.files == 0 else f"{size(disk.free)} are free"
    clean = "crosswheel build --clean-cache frees the cache's" if "--cache-dir" in full else "free some"
    return f"{what} on {_named(disk)}", f"{clean}, or name a directory on another disk with {option}"


def _named(disk: Disk) -> str:
    return f"{disk.mount} ({disk.kind})" if disk.kind else str(disk.mount)


def processes(_: Found, __: Scene, machine: Machine) -> tuple[str, str]:
    """fork() and clone() that were refused."""
    most = machine.limit("RLIMIT_NPROC")
    threads = machine.setting("kernel.threads-max")
    why = (
        f"this user may have {most} (ulimit -u)"
        if most is not None
        else f"this machine may have {threads} (kernel.threads-max)"
    )
    return f"{why}, and a container's pids limit may be lower", FEWER


def files(_: Found, __: Scene, machine: Machine) -> tuple[str, str]:
    """open() that was refused."""
    most = machine.limit("RLIMIT_NOFILE")
    return f"each process may open {most} (ulimit -n)", "ulimit -n 65536"


def file_size(_: Found, __: Scene, machine: Machine) -> tuple[str, str]:
    """SIGXFSZ."""
    most = machine.limit("RLIMIT_FSIZE")
    why = (
        f"a file may have {size(most)} (ulimit -f)"
        if most is not None
        else "the command set ulimit -f itself"
    )
    return why, "ulimit -f unlimited"


def cpu_time(_: Found, __: Scene, machine: Machine) -> tuple[str, str]:
    """SIGXCPU."""
    most = machine.limit("RLIMIT_CPU")
    why = (
        f"a process may use {most} s (ulimit -t)" if most is not None else "the command set ulimit -t itself"
    )
    return why, "ulimit -t unlimited"


def network(found: Found, scene: Scene, machine: Machine) -> tuple[str, str]:
    """A server that was not reached."""
    where = next((found.named[name] for name in ("where", "server", "url") if name in found.named), "")
    if "port" in found.named:
        where = f"{where}:{found.named['port']}"
    said = f"it asked for {where}; " if where else ""
    if not machine.routed():
        return (
            f"{said}this machine has no way out (no route in /proc/net/route)",
            "connect it, then run it again",
        )
    unseen = [name for name in machine.proxies() if name not in scene.passed]
    if unseen:
        names = ", ".join(unseen)
        return f"{said}here {names} are set, and the command did not see them", (
            f'let them in: environment-pass = ["{unseen[0]}"] in [tool.cibuildwheel.linux]'
        )
    address = (
        where if where.startswith("http") else f"http://{where}" if where else "the address in the output"
    )
    return f"{said}a route is there, and no proxy is set", f"see what answers: curl -sSI {address}"


def certificate(_: Found, __: Scene, ___: Machine) -> tuple[str, str]:
    """TLS."""
    return (
        "the sandbox trusts /etc/ssl/certs/ca-certificates.crt of this machine",
        "put your network's authority into it: sudo cp CA.crt /usr/local/share/ca-certificates/ && sudo "
        "update-ca-certificates",
    )
