"""Why a command failed on this machine, found out while what it worked with is still there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path, PurePosixPath

from crosswheel.engines import diagnosis
from crosswheel.errors import CrosswheelError, ProvisionError, StepError
from crosswheel.pipeline.attempt import Attempt
from crosswheel.pipeline.project import ships
from crosswheel.provision import executables
from crosswheel.provision.images.root import ImageRoot
from crosswheel.provision.musl.system import MuslRoot
from crosswheel.provision.roots import Root as UnpackedRoot
from crosswheel.recognition import Program, Scene, explain
from crosswheel.seams import Root

_OF_PROJECT = ("project", "test")  # directories of a site that may hold what a command named


class DamagedError(CrosswheelError):
    """A command failed, and files of what it worked with are not as they were made."""


@contextmanager
def explained(attempt: Attempt, output_dir: Path) -> Iterator[None]:
    """Give a failed command whose trouble is the machine's its cause and its next step.

    :raises StepError: what the block raised, with more to say.
    :raises DamagedError: what it worked with is damaged.
    """
    try:
        yield
    except StepError as error:
        found = diagnosis.of_step(error, partial(ships, attempt.project))
        if found is None or found.symptom is not None:  # else it is the project's own
            _check_parts(error, attempt)
        if found is not None and found.symptom is not None:
            with suppress(ProvisionError):  # what cannot be had any more says nothing of the failure
                told = explain(found.symptom, _scene(attempt, output_dir), attempt.parts.machine)
                error.cause = "\n".join(filter(None, (found.reason, told.why)))
                error.remedy = told.remedy
        raise


def _check_parts(error: StepError, attempt: Attempt) -> None:
    """:raises DamagedError: parts of the run are damaged: no engine that works with them can be relied on."""
    store = attempt.parts.store
    damage = store.damage()
    if damage:
        places = ", ".join(
            f"{name} in {entry.relative_to(store.root)}" for entry, (name, *_) in damage.items()
        )
        raise DamagedError(
            f"{error.fact}, and parts in the cache are damaged",
            cause=f"not as it was made: {places}",
            remedy="crosswheel cache check removes what is damaged, and the next build makes it anew",
        ) from error


def _scene(attempt: Attempt, output_dir: Path) -> Scene:
    job, parts = attempt.job, attempt.parts
    arch, root, engine = job.target.arch, parts.root(job), job.options.container_engine
    return Scene(
        arch=arch,
        emulator=parts.sandboxes.emulator(arch, engine),
        contained=not parts.sandboxes.is_namespace(arch, engine),
        root=_called(root),
        glibc=root.libc_version if job.target.libc == "manylinux" else None,
        has_musl=job.target.libc == "musllinux",
        directories={"--cache-dir": attempt.scratch, "--output-dir": output_dir},
        passed=job.options.environment_pass,
        look=partial(_look, attempt.scratch, root.path),
    )


def _called(root: Root) -> str:
    match root:
        case UnpackedRoot():
            return f"the root (Debian {root.suite})"
        case MuslRoot():
            return "the root"
        case ImageRoot():
            return f"the root ({root.image})"
        case _:
            return ""


def _look(scratch: Path, root: Path | None, name: str) -> Program | None:
    """A file by the name that a command gave it: a path in the project's copy, or in the root."""
    path = PurePosixPath(name)
    copies = [copy for kind in _OF_PROJECT for copy in scratch.glob(f"*/{kind}")]
    bases = copies
    if path.is_absolute():
        bases = [*scratch.glob("*/target-layer/upper"), *([root] if root else [])]
    places = [base / name.lstrip("/") for base in bases]
    places += [
        Path(place, path.name) for copy in copies for place, _, names in os.walk(copy) if path.name in names
    ]
    found = (executables.program(place) for place in places)
    return next((Program(*one) for one in found if one is not None), None)
