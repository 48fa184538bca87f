"""All that can be told of a wheel without its target's Python."""

import re
from pathlib import Path
from typing import Literal, cast

from packaging.tags import Tag

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ConfigurationError, Fault, VerificationError
from crosswheel.inspection import CompiledFile, Inspection, Libraries, Policy, Processor
from crosswheel.model import Libc, Python, Target
from crosswheel.wheels.compare import glibc_needed
from crosswheel.wheels.facts import ElfFacts, WheelFacts
from crosswheel.wheels.inspect import inspect
from crosswheel.wheels.policy import policy_of
from crosswheel.wheels.symbols import outside_libraries
from crosswheel.wheels.verify import notes, problems

_PLATFORM = re.compile(r"(?:(manylinux|musllinux)(?:_\d+_\d+|1|2010|2014)|linux)_(\w+)")
_INTERPRETER = re.compile(r"(cp|pp|py|graalpy)(\d)(\d*)")
_IMPLEMENTATIONS = {"cp": "cp", "py": "cp", "pp": "pp", "graalpy": "gp"}
_GRAALPY_ABI = re.compile(r"graalpy(\d+)_")
_ANY_MINOR = 11  # py3-none-PLATFORM: every CPython takes it
_ELSEWHERE = {"macosx": "macOS", "win": "Windows", "ios": "iOS", "android": "Android", "pyodide": "Pyodide",
              "emscripten": "Pyodide", "wasm32": "Pyodide"}  # fmt: skip


def read(wheel: Path) -> WheelFacts:
    """Read a wheel with all that is compared.

    :raises ConfigurationError: it is no readable wheel, or one for another system than Linux.
    """
    try:
        facts = inspect(wheel, instructions=True)
    except VerificationError as error:
        raise ConfigurationError(tuple(Fault(str(wheel), problem) for problem in error.problems)) from None
    except OSError as error:
        raise ConfigurationError((Fault(str(wheel), f"cannot be read: {error.strerror}"),)) from None
    elsewhere = [name for start, name in _ELSEWHERE.items() if facts.platforms[0].startswith(start)]
    if elsewhere:
        problem = f"is a wheel for {elsewhere[0]}; only wheels for Linux and pure ones can be inspected"
        raise ConfigurationError((Fault(str(wheel), problem),))
    return facts


def overview(wheel: Path, facts: WheelFacts) -> Inspection:
    """What is told of a wheel.

    :param facts: as :func:`read` gives them.
    """
    target = target_of(facts)
    arch = target.arch.name if target else ""
    needed = glibc_needed(facts)
    return Inspection(
        filename=facts.filename,
        name=facts.name,
        version=facts.version,
        size=wheel.stat().st_size,
        files=len(facts.files),
        tags=tuple(sorted(map(str, facts.tags))),
        is_pure=facts.is_pure,
        requires=facts.requires,
        requires_python=facts.requires_python,
        modules=facts.modules,
        arch=arch,
        policy=_policy(wheel, arch) if arch and facts.elf else None,
        glibc=needed[0] if needed else None,
        glibc_by=f"{needed[1].path} takes {needed[2]}" if needed else "",
        processor=_processor(facts, arch) if facts.elf else None,
        libraries=_libraries(facts) if facts.elf else None,
        compiled=tuple(_compiled(elf) for elf in sorted(facts.elf, key=lambda elf: elf.path)),
        problems=_problems(facts, target),
        notes=notes(facts),
    )


def target_of(facts: WheelFacts) -> Target | None:
    """The target that a wheel's tag names; None where it names none that is known.

    Of an abi3 wheel that of its oldest Python, of a ``py3-none-PLATFORM`` wheel that of any CPython.
    """
    found = (_target(tag, facts) for tag in sorted(facts.tags, key=str, reverse=True))
    return next((target for target in found if target is not None), None)


def _target(tag: Tag, facts: WheelFacts) -> Target | None:
    interpreter, platform = _INTERPRETER.fullmatch(tag.interpreter), _PLATFORM.fullmatch(tag.platform)
    if interpreter is None or platform is None or platform[2] not in ARCHITECTURES:
        return None
    graal = _GRAALPY_ABI.match(tag.abi)
    suffix = f"_{graal[1]}" if graal else "t" if tag.abi.endswith("t") else ""
    implementation = _IMPLEMENTATIONS[interpreter[1]]
    python = Python(
        cast("Literal['cp', 'pp', 'gp']", implementation),
        int(interpreter[2]),
        int(interpreter[3] or _ANY_MINOR),
        suffix,
    )
    libc = platform[1] or ("musllinux" if facts.is_for_musl else "manylinux")
    return Target(python, cast("Libc", libc), ARCHITECTURES[platform[2]])


def _policy(wheel: Path, arch: str) -> Policy:
    try:
        verdict = policy_of(wheel, arch)
    except VerificationError as error:
        return Policy("", "; ".join(error.problems))
    return Policy(verdict.name, verdict.reason)


def _problems(facts: WheelFacts, target: Target | None) -> tuple[str, ...]:
    if target is not None:
        return problems(facts, target=target, floor=None, python_exports=None)
    if facts.is_pure:
        return tuple(f"{elf.path} is compiled, but the wheel is tagged for any platform" for elf in facts.elf)
    return (f"{facts.filename} is tagged {', '.join(facts.platforms)}, which is no known platform of Linux",)


def _processor(facts: WheelFacts, arch: str) -> Processor:
    needs: dict[str, str] = {}
    uses: dict[str, tuple[int, str]] = {}
    known_by = ""
    for elf in facts.elf:
        if elf.cpu is None:
            continue
        known_by = known_by or elf.cpu.known_by
        for need in elf.cpu.needs:
            needs.setdefault(need, elf.path)
        for name, count in elf.cpu.uses:
            before, first = uses.get(name, (0, elf.path))
            uses[name] = before + count, first
    found = tuple((name, count, path) for name, (count, path) in sorted(uses.items()))
    return Processor(ARCHITECTURES[arch].baseline if arch else "", known_by, tuple(needs.items()), found)


def _libraries(facts: WheelFacts) -> Libraries:
    inside = {name for elf in facts.elf for name in (elf.name, elf.soname) if name}
    needed = {library for elf in facts.elf for library in elf.needed}
    outside = frozenset(outside_libraries(facts))
    policy = needed - inside - outside
    return Libraries(tuple(sorted(needed & inside)), tuple(sorted(policy)), tuple(sorted(outside)))


def _compiled(elf: ElfFacts) -> CompiledFile:
    kind = "grafted library" if elf.is_grafted else "extension module" if elf.inits else "library"
    return CompiledFile(
        path=elf.path,
        kind=kind,
        size=elf.size,
        code_size=elf.code_size,
        inits=elf.inits if kind == "extension module" else (),
        needed=elf.needed,
        search_path=elf.runpath or elf.rpath,
        uses_cpp=elf.uses_cpp,
        is_stripped=elf.is_stripped,
        has_debug=elf.has_debug,
    )
