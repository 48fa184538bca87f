"""uv in a sandbox: the program, its cache, and the user's own index settings."""

from collections.abc import Mapping
from pathlib import Path

import uv

from crosswheel.architectures import HOST
from crosswheel.model import Target
from crosswheel.provision.debian.movable import LOADER
from crosswheel.provision.executables import is_static
from crosswheel.seams import Mount
from crosswheel.site import places
from crosswheel.site.site import RootUv
from crosswheel.store import Store

# Of the user's variables, those that say how an index is reached; not UV_PUBLISH_TOKEN and its like.
_PASSED_PREFIXES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_KEYRING_PROVIDER",
                    "UV_INSECURE_HOST", "UV_HTTP_TIMEOUT", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "UV_OFFLINE",
                    "UV_EXCLUDE_NEWER")  # fmt: skip
NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy",
           "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")  # fmt: skip
_PASSED = (*NETWORK,
           # for the target's own pip, where a requirement has no wheel
           "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT",
           )  # fmt: skip
_PIP_NAMES = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
}
_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
# Where distributions keep the certificates that are trusted: Debian and Alpine, Fedora, SUSE, others.
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem")  # fmt: skip
_CONFIGURATION = ".config/uv/uv.toml"


def mounts(store: Store, environ: Mapping[str, str]) -> tuple[Mount, ...]:
    """uv itself, its cache shared by all runs, the user's ``uv.toml``, and local indexes that are named."""
    program = Mount(Path(uv.find_uv_bin()), places.UV)
    cache = Mount(store.shared("uv-cache"), places.UV_CACHE, writable=True, cache=True)
    own = Path(environ.get("HOME", "/nonexistent")) / _CONFIGURATION
    configuration = (Mount(own, f"{places.BASE}/uv.toml"),) if own.is_file() else ()
    return (program, cache, *configuration, *(Mount(place, str(place)) for place in _local_indexes(environ)))


def runs_in_root(target: Target) -> bool:
    """Whether a target's root has the C library that uv, a program of this machine, is linked with."""
    return target.arch == HOST and target.libc == "manylinux"


def in_root(runtime: Path | None, environ: Mapping[str, str]) -> RootUv:
    """uv in a target's root: with a C library of its own, and with the certificates that the machine trusts.

    :param runtime: a directory with this machine's C library and loader; None where the root's own serves.
    """
    command: tuple[str, ...] = (places.UV,)
    mounts: tuple[Mount, ...] = ()
    if runtime is not None and not is_static(Path(uv.find_uv_bin())):
        command = (f"{places.UV_LIB}/{Path(LOADER).name}", "--library-path", places.UV_LIB, places.UV)
        mounts = (Mount(runtime, places.UV_LIB),)
    bundle = next((path for path in map(Path, _bundles(environ)) if path.is_file()), None)
    if bundle is None:
        return RootUv(command, mounts)
    certificates = Mount(bundle.resolve(), places.CERTIFICATES)
    return RootUv(command, (*mounts, certificates), {"SSL_CERT_FILE": places.CERTIFICATES})


def _bundles(environ: Mapping[str, str]) -> tuple[str, ...]:
    own = environ.get("SSL_CERT_FILE", "")
    return (own, *_BUNDLES) if own else _BUNDLES


def _local_indexes(environ: Mapping[str, str]) -> list[Path]:
    """Directories of this machine that the user's settings name as an index or for --find-links."""
    words = " ".join(environment(environ).get(name, "") for name in _INDEXES).replace(",", " ").split()
    named = {Path(word.removeprefix("file://")) for word in words if word.startswith(("/", "file:///"))}
    return sorted(place for place in named if place.is_dir())


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables with which uv runs; the user's settings of uv and, where they are silent, of pip."""
    env = {"PATH": places.SYSTEM_PATH, "HOME": places.HOME, "LANG": "C.UTF-8"}
    for pip_name, name in _PIP_NAMES.items():
        if pip_name in environ:
            env[name] = environ[pip_name]
    env.update({name: value for name, value in environ.items() if name.startswith(_PASSED_PREFIXES)})
    env.update({name: environ[name] for name in _PASSED if name in environ})
    own = Path(environ.get("HOME", "/nonexistent")) / _CONFIGURATION
    if own.is_file():
        env["UV_CONFIG_FILE"] = f"{places.BASE}/uv.toml"
    env.update(
        UV_CACHE_DIR=places.UV_CACHE,
        UV_LINK_MODE="copy",  # the cache and the environment are different mounts
        UV_NO_PROGRESS="1",
        UV_PYTHON_DOWNLOADS="never",
    )
    env.setdefault(
        "UV_SYSTEM_CERTS", "true"
    )  # an index behind a proxy of one's own is signed by the system's
    return env
