"""Why a container's programs do not run here (``exec format error``), and what helps."""

from crosswheel import sample
from crosswheel.architectures import Architecture
from crosswheel.errors import ProvisionError
from crosswheel.provision.containers import faults
from crosswheel.provision.containers.client import Client
from crosswheel.provision.containers.images import Images
from crosswheel.provision.emulation import host


def check(client: Client, images: Images, arch: Architecture) -> None:
    """Find out by doing whether containers run an architecture's programs, before anything is built in one.

    :raises ProvisionError: they do not, with the cause and what helps.
    """
    image = images.of_sample(arch)
    done = client.brief(
        *("run", "--rm", "--pull=never", "--platform", arch.docker, "--network", "none", image, "/sample")
    )
    if done.returncode == sample.STATUS:
        return
    if faults.is_foreign(done.tail):
        raise refused(client, arch)
    raise faults.explained(client.name, "run a container", done.tail)


def refused(client: Client, arch: Architecture) -> ProvisionError:
    """The kernel refused to run a program of an image.

    :param arch: the image's architecture.
    """
    name = arch.docker.removeprefix("linux/")
    return ProvisionError(
        f"the kernel cannot run programs of {arch.name} in containers of {client.name} (exec format error)",
        cause=_cause(client, arch),
        remedy=f"sudo crosswheel emulation install {arch.name}, or docker run --privileged --rm "
        f"tonistiigi/binfmt --install {name}, or docker/setup-qemu-action on GitHub Actions; "
        "--sandbox namespace needs none of them",
    )


def serves(arch: Architecture) -> bool:
    """Whether this machine's registrations run the architecture's programs in containers."""
    entry = host.serving(arch, host.registrations())
    return entry is not None and entry.enabled and "F" in entry.flags


def _cause(client: Client, arch: Architecture) -> str:
    if not client.here:
        return f"nothing that runs them is registered on the machine of {client.name}"
    entry = host.serving(arch, host.registrations())
    if entry is None:
        return f"no emulator is registered for {arch.name} on this machine"
    found = host.faults(entry)
    if found:
        return f"the emulator registered as {entry.name} does not serve: {'; '.join(found)}"
    return f"{entry.name} is registered here, but {client.name} runs its containers on another kernel"
