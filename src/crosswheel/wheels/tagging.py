"""Whether the names agree with the target: the wheel's tags (PEP 425, PEP 600) and the suffixes of extension
modules (PEP 3149)."""

import re
from collections.abc import Iterator

from packaging.tags import Tag, compatible_tags, cpython_tags

from crosswheel.model import Glibc, Target
from crosswheel.wheels.facts import ElfFacts, WheelFacts

_PLATFORM = re.compile(r"(?P<libc>manylinux|musllinux)(?P<policy>_\d+_\d+|1|2010|2014)_(?P<arch>\w+)")
_LEGACY_POLICIES: dict[str, Glibc] = {"1": (2, 5), "2010": (2, 12), "2014": (2, 17)}  # PEP 513, 571, 599
# What an interpreter puts between a module's name and ".so"; anything else belongs to a plain library.
_SUFFIX_TAG = re.compile(r"\.(?P<tag>abi3t?|cpython-\w[\w-]*|pypy\d[\w-]*|graalpy\d[\w-]*)\.so$")
_OTHER_SUFFIXES = {"pp": "pypy", "gp": "graalpy"}
_ABI3T_SINCE = (3, 15)  # PEP 803


def tag_problems(facts: WheelFacts, target: Target) -> Iterator[str]:
    """What is wrong with the tags of a wheel, as sentences."""
    if facts.is_pure:
        yield f"{facts.filename} is tagged for any platform though it is built for {target.arch.name}"
        return
    yield from (
        f"{facts.filename} is tagged {platform}, which is not a platform of {target.libc} {target.arch.name}"
        for platform in facts.platforms
        if not _is_platform_of(platform, target)
    )
    if not any(_usable(tag, target) for tag in facts.tags):
        pairs = ", ".join(sorted({f"{tag.interpreter}-{tag.abi}" for tag in facts.tags}))
        yield f"{facts.filename} is tagged {pairs}, which {target.python.tag} cannot use"
    if facts.stated_tags != facts.tags:
        stated = ", ".join(sorted(map(str, facts.stated_tags))) or "nothing"
        yield f"{facts.filename} is named otherwise than the tags in its WHEEL file, which says {stated}"


def suffix_problems(facts: WheelFacts, target: Target) -> Iterator[str]:
    """What is wrong with the suffixes of a wheel's extension modules, as sentences."""
    stable = facts.is_abi3 or all(tag.abi == "none" for tag in facts.tags)
    for elf in facts.elf:
        tag = suffix_tag(elf)
        if not tag:
            continue
        if not _loads(tag, target):
            yield f"{elf.path} has the suffix .{tag}.so, which {target.identifier} does not load"
        elif stable and not tag.startswith("abi3"):
            yield f"{elf.path} is for one version of Python, but the tag of {facts.filename} promises several"


def suffix_tag(elf: ElfFacts) -> str:
    """The interpreter's part of a file's suffix (``abi3``, ``cpython-311-aarch64-linux-gnu``), or nothing."""
    return "" if elf.is_grafted else suffix_tag_of(elf.path)


def suffix_tag_of(path: str) -> str:
    """As :func:`suffix_tag`, of a file that need not be a library."""
    match = _SUFFIX_TAG.search(path)
    return match["tag"] if match else ""


def promised_glibc(facts: WheelFacts) -> Glibc | None:
    """The oldest glibc that the wheel's tags promise to run on; None where they promise none."""
    found = [_PLATFORM.fullmatch(platform) for platform in facts.platforms]
    policies = [match["policy"] for match in found if match and match["libc"] == "manylinux"]
    return min(map(_policy_glibc, policies), default=None)


def oldest_policy(facts: WheelFacts) -> str:
    """The oldest policy that the wheel is tagged for, by its name of PEP 600 or PEP 656 where it has one.

    It may carry further names: an older one of the same (``manylinux2014``), a newer policy (which holds too).
    """

    def age(platform: str) -> tuple[bool, Glibc, str]:
        match = _PLATFORM.fullmatch(platform)
        named = match is not None and platform.startswith(("manylinux_", "musllinux_"))
        return not named, _policy_glibc(match["policy"]) if match and named else (0, 0), platform

    return min(facts.platforms, key=age)


def _policy_glibc(policy: str) -> Glibc:
    if policy in _LEGACY_POLICIES:
        return _LEGACY_POLICIES[policy]
    major, minor = policy.strip("_").split("_")
    return int(major), int(minor)


def _is_platform_of(platform: str, target: Target) -> bool:
    if platform == f"linux_{target.arch.name}":
        return True
    match = _PLATFORM.fullmatch(platform)
    return match is not None and (match["libc"], match["arch"]) == (target.libc, target.arch.name)


def _usable(tag: Tag, target: Target) -> bool:
    """Whether the target's Python takes the tag, its platform aside."""
    python = target.python
    version = (python.major, python.minor)
    if python.implementation == "cp":
        usable = [
            *cpython_tags(version, [python.tag], ["any"]),
            *compatible_tags(version, python.tag, ["any"]),
        ]
        return any((tag.interpreter, tag.abi) == (other.interpreter, other.abi) for other in usable)
    general = compatible_tags(version, python.tag, ["any"])
    own = f"{python.implementation}{python.major}{python.minor}"
    return tag.interpreter in {own, python.tag} or any(
        (tag.interpreter, tag.abi) == (other.interpreter, other.abi) for other in general
    )


def _loads(tag: str, target: Target) -> bool:
    """Whether the target's interpreter loads extension modules with this in their suffix."""
    if target.python.implementation != "cp":
        # Their suffixes hold a release number that the identifier does not: only the kind can be told.
        return tag.startswith(_OTHER_SUFFIXES[target.python.implementation])
    return tag in _cpython_suffix_tags(target)


def _cpython_suffix_tags(target: Target) -> frozenset[str]:
    """As in CPython's ``_PyImport_DynLoadFiletab``."""
    python, version = target.python, (target.python.major, target.python.minor)
    found = {f"cpython-{python.major}{python.minor}{python.suffix}-{target.triplet}"}
    if not python.suffix:
        found.add("abi3")  # a free-threaded CPython does not load it
    if version >= _ABI3T_SINCE:
        found.add("abi3t")
    return frozenset(found)
