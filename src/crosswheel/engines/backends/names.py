"""Names of requirements."""

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


def name_of(requirement: str) -> str:
    """The normalized name; empty for what is no requirement: the installer will say so."""
    try:
        return canonicalize_name(Requirement(requirement).name)
    except InvalidRequirement:
        return ""
