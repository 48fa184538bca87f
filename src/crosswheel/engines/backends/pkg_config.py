"""pkg-config finds the target's libraries only."""

from crosswheel.engines.backends.recipe import Recipe
from crosswheel.engines.record import TargetRecord


def recipe(record: TargetRecord) -> Recipe:
    """The variables of pkg-config and pkgconf (their manual pages)."""
    return Recipe(
        env={
            "PKG_CONFIG_LIBDIR": ":".join(record.pkg_config_dirs),
            "PKG_CONFIG_SYSROOT_DIR": record.sysroot,
        }
    )
