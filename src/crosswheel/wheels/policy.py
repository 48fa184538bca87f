"""Which manylinux or musllinux policy a wheel holds, and what keeps it from an older one (auditwheel)."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditwheel.architecture import Architecture
from auditwheel.error import AuditwheelError
from auditwheel.libc import Libc
from auditwheel.wheel_abi import analyze_wheel_abi, get_wheel_elfdata

from crosswheel.errors import VerificationError
from crosswheel.model import Glibc
from crosswheel.wheels.facts import WheelFacts
from crosswheel.wheels.inspect import inspect

_GLIBC_POLICY = re.compile(r"manylinux_(\d+)_(\d+)_")


@dataclass(frozen=True)
class PolicyVerdict:
    """The most compatible policy that a wheel holds.

    :param name: as in a tag: ``manylinux_2_17_aarch64``; ``linux_aarch64`` where it holds none.
    :param aliases: older names of the same policy (``manylinux2014_aarch64``).
    :param glibc: the glibc of the policy; None for ``linux`` and for musl.
    :param reason: what keeps it from an older one, a sentence; empty where there is no older one.
    """

    name: str
    aliases: tuple[str, ...]
    glibc: Glibc | None
    reason: str


def policy_of(wheel: Path, arch: str) -> PolicyVerdict:
    """The most compatible policy that holds for a wheel as it is, libraries in it included.

    :param arch: the architecture's name in tags; it need not be this machine's.
    :raises VerificationError: auditwheel cannot judge it (no compiled file of that architecture).
    """
    facts = inspect(wheel)
    logging.getLogger("auditwheel").setLevel(logging.ERROR)  # what it warns of, verify finds too
    get_wheel_elfdata.cache_clear()  # it goes by the path, and a path may hold another wheel by now
    try:
        found = analyze_wheel_abi(
            Libc.MUSL if facts.is_for_musl else Libc.GLIBC,
            Architecture(arch),
            wheel,
            frozenset(),
            disable_isa_ext_check=False,
            allow_graft=False,
            args_ldpaths="",  # this machine's libraries are none of the wheel's
        )
    except (AuditwheelError, RuntimeError, ValueError) as error:
        raise VerificationError(wheel.name, (" ".join(str(error).split()),)) from error
    policy = found.overall_policy
    match = _GLIBC_POLICY.match(policy.name)
    return PolicyVerdict(
        name=policy.name,
        aliases=tuple(policy.aliases),
        glibc=(int(match[1]), int(match[2])) if match else None,
        reason=_reason(found, facts),
    )


def _reason(found: Any, facts: WheelFacts) -> str:
    """Why the next older policy does not hold."""
    older = next((policy for policy in found.policies if policy > found.overall_policy), None)
    if older is None:
        return ""
    because = next(_obstacles(found, facts, older), "auditwheel refuses it")
    return f"{older.name} does not hold: {because}"


def _obstacles(found: Any, facts: WheelFacts, older: Any) -> Iterator[str]:
    allowed = {
        f"{name}_{version}" for name, versions in older.symbol_versions.items() for version in versions
    }
    judged = tuple(f"{name}_" for name in older.symbol_versions)
    versions = {version for needed in found.versioned_symbols.values() for version in needed}
    yield from (
        _version_user(facts, version) for version in sorted(versions - allowed) if version.startswith(judged)
    )
    reference = found.external_refs[older.name]
    yield from (f"{library} is neither in the wheel nor allowed" for library in sorted(reference.libs))
    yield from (
        f"{', '.join(names)} of {library} may not be used"
        for library, names in sorted(reference.blacklist.items())
    )
    if found.machine_policy < older:
        yield "an object needs instructions that not every processor of the architecture has"


def _version_user(facts: WheelFacts, version: str) -> str:
    for elf in facts.elf:
        for symbol in elf.undefined:
            if symbol.version == version:
                return f"{elf.path} needs {symbol} of {symbol.library}"
    return f"{version} is needed"
