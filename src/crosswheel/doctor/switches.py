"""Settings of the kernel that take user namespaces away. They are read to name a cause, never to find the fact."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Switch:
    """A setting.

    :param place: below ``/proc``.
    :param off: the value that takes them away.
    :param said: what ``unshare`` then says, as a pattern.
    :param cause: a sentence without a full stop.
    :param remedy: the command that turns it, until the next start of the machine.
    """

    place: str
    off: str
    said: str
    cause: str
    remedy: str


# The last row is no setting of the machine but of the container that this runs in: no command turns it.
_SWITCHES = (
    Switch(
        "sys/user/max_user_namespaces",
        "0",
        r"No space left on device",
        "the kernel is told to allow none (user.max_user_namespaces is 0)",
        "sudo sysctl -w user.max_user_namespaces=15000",
    ),
    Switch(
        "sys/kernel/unprivileged_userns_clone",
        "0",
        r"Operation not permitted|Permission denied",
        "Debian's switch keeps them for root (kernel.unprivileged_userns_clone is 0)",
        "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    Switch(
        "sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        r"Operation not permitted|Permission denied",
        "AppArmor keeps programs without a profile from them, as on Ubuntu since 23.10 "
        "(kernel.apparmor_restrict_unprivileged_userns is 1)",
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    Switch(
        "self/status",
        r"(?s).*^Seccomp:\t2$.*",
        r"Operation not permitted",
        "a filter of system calls forbids them, as containers have one",
        "run outside of the container, or start it with --security-opt seccomp=unconfined",
    ),
)


def blamed(said: str, proc: Path) -> Switch | None:
    """The setting that explains why namespaces were refused; None where none does.

    :param said: what ``unshare`` printed.
    """
    return next(
        (switch for switch in _SWITCHES if re.search(switch.said, said) and _is_off(switch, proc)), None
    )


def _is_off(switch: Switch, proc: Path) -> bool:
    try:
        value = (proc / switch.place).read_text().strip()
    except OSError:  # another kernel's or distribution's
        return False
    return re.fullmatch(switch.off, value, re.MULTILINE) is not None
