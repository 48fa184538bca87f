"""Compilations of earlier runs in a job: ccache before its compilers, and what came of it."""

from pathlib import Path

from crosswheel.model import Project
from crosswheel.pipeline.parts import Parts
from crosswheel.pipeline.recorder import Recorder
from crosswheel.provision.toolchains import ccache
from crosswheel.provision.toolchains.ccache import Compilations
from crosswheel.provision.toolchains.gcc import Gcc
from crosswheel.seams import Toolchain
from crosswheel.site.site import Site
from crosswheel.store import Store, uses

_HITS = ("direct_cache_hit", "preprocessed_cache_hit")
_MISSES = ("cache_miss",)


def fetched(toolchain: Toolchain | None, site: Site, project: Project, parts: Parts) -> Compilations | None:
    """ccache, where it can serve compilers; None where it is not wanted or cannot be had.

    :param toolchain: None for the root's own compilers.
    """
    if toolchain is None and site.layered is None:  # the machine's own compilers are left alone
        return None
    return parts.compilations(project.path)


def before(kept: Compilations | None, toolchain: Toolchain | None, site: Site) -> Toolchain | None:
    """The compilers with ccache before them, where there is one; see :func:`fetched`."""
    if kept is None:
        return toolchain
    directory = _directory(site)
    if isinstance(toolchain, Gcc):
        return kept.before_cross_gcc(toolchain, directory)
    if toolchain is not None:
        return kept.before_zig(toolchain, directory)
    assert site.layered is not None
    roots = (site.layered.lower, site.layered.layer / "upper")
    return kept.before_gcc_of(roots, site.target.arch.triplet, directory)


def tell(site: Site, recorder: Recorder, store: Store) -> None:
    """Say how many files of a build were compiled by earlier ones, and count them in the store."""
    lines = _lines(_directory(site) / ccache.LOG)
    hits = sum(line in _HITS for line in lines)
    if hits:
        total = hits + sum(line in _MISSES for line in lines)
        recorder.remark(f"files compiled: {total - hits} of {total}; the others were compiled before")
        uses.note(store.root, ccache.KIND, "", hits)


def _directory(site: Site) -> Path:
    return site.directory("job") / ccache.KIND


def _lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
