"""The parts of a file that are ours, between two comments; everything else in it belongs to its owner."""

import hashlib
import re

from crosswheel.errors import CrosswheelError

_BEGIN = "crosswheel begin"
_END = "crosswheel end"
# The digest tells whether somebody wrote into a part of ours: such a change must not be lost without a word.
_REGION = re.compile(
    rf"^(?P<begin>[ ]*# {_BEGIN})(?: (?P<digest>[0-9a-f]{{16}}))?(?P<rest>[^\n]*\n)(?P<body>.*?)"
    rf"(?P<end>^[ ]*# {_END}[^\n]*$)",
    re.MULTILINE | re.DOTALL,
)
_MARK = re.compile(rf"^[ ]*# (?:{_BEGIN}|{_END})\b", re.MULTILINE)


def seal(text: str) -> str:
    """A text with the digest of each part in the comment that begins it."""
    return _REGION.sub(
        lambda found: f"{found['begin']} {_digest(found)}{found['rest']}{found['body']}{found['end']}", text
    )


def merge(old: str | None, new: str, *, name: str, beside: str, force: bool) -> str:
    """The new parts in the old file; whatever stands outside of them stays to the letter.

    :param old: what is there; None where there is nothing.
    :param new: a whole sealed file.
    :param name: the file, for an error.
    :param beside: what to do where the file is somebody else's.
    :param force: overwrite a file that we did not write, or a part that was changed by hand.
    :raises CrosswheelError: the file is not ours, or a part of ours was changed, and ``force`` is not set.
    """
    if old is None or not old.strip():
        return new
    ours, theirs = list(_REGION.finditer(new)), list(_REGION.finditer(old))
    if len(theirs) != len(ours) or len(_MARK.findall(old)) != 2 * len(ours):
        if force:
            return new
        raise CrosswheelError(
            f"{name} is there, and crosswheel ci did not write it",
            cause="it has not the comments between which the generated part stands",
            remedy=f"{beside}, or overwrite it with --force",
        )
    if not force and any(found["digest"] != _digest(found) for found in theirs):
        raise CrosswheelError(
            f"the generated part of {name} was changed by hand",
            cause="it does not have the digest that stands in the comment before it",
            remedy="put your own jobs outside of the two comments, or lose the change with --force",
        )
    fresh = iter(ours)
    return _REGION.sub(lambda _: next(fresh)[0], old)


def _digest(found: re.Match[str]) -> str:
    return hashlib.sha256(found["body"].encode()).hexdigest()[:16]
