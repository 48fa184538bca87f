"""Sentences and commands that all services have in common."""

from crosswheel import __version__
from crosswheel.ci.workflow import AT_ONCE, Arm, Entry, Workflow, grouped

_ALONE = (
    "A job for each wheel: each Python of each architecture has a root of its own, so that they would share "
    "little, and a failure costs one wheel."
)
_TOGETHER = (
    "A job for each architecture: its wheels share what is fetched and compiled for it, more than "
    f"{AT_ONCE} jobs would wait for each other, and a wheel of the stable ABI is built once: for later Pythons "
    "it is only tested."
)
# Seconds from the command to the tested wheel of regex 2024.11.6 on two cores: `make bench`, in the README; for
# cibuildwheel 4.3.3 with QEMU 7.2 in podman, measured beside it.
_ARM: dict[Arm, str] = {
    "cross": (
        "Arm is built by cross compilers on x86_64, as fast as x86_64 itself: regex takes 10 s with its test, by "
        "the native gcc for x86_64 14 s, emulated by cibuildwheel 91 s. Only tests are emulated. Other ways: "
        "--arm runner, --arm qemu."
    ),
    "runner": (
        "aarch64 is built by cibuildwheel on hosted arm machines: tests run on real hardware, and musllinux and "
        "PyPy are built too. It needs such machines; about as fast without them is --arm cross."
    ),
    "qemu": (
        "Arm is built by cibuildwheel, all of it emulated, for what only its images have: musllinux, PyPy, dnf in "
        "before-all. It takes about nine times as long as --arm cross (regex: 91 s against 10 s)."
    ),
}
# Nested, as crosswheel nests them: that the first may be made, by a process with privileges, does not say that the
# second may.
PROBE = (
    "unshare --user --map-root-user unshare --user --map-root-user true"
    " || sysctl --write kernel.apparmor_restrict_unprivileged_userns=0"
)
NAMESPACES = (
    "crosswheel builds in user namespaces. Ubuntu 24.04 restricts them by AppArmor; the images of its runners keep "
    "that (actions/runner-images#10443). The machine is this job's own: switch it off there."
)
CONTAINER = (
    "Debian 12: its apt has the mirror and the keyring that roots are fetched by, which Ubuntu's has not. "
    "Privileged: docker's default profile refuses the user namespaces that crosswheel builds in."
)


def heading(workflow: Workflow) -> str:
    """What stands at the top of a new file, paragraphs parted by line breaks."""
    lines = [
        f"Wheels by crosswheel {__version__}. What stands between `begin` and `end` is generated; "
        "everything else is yours and stays as it is. Write the generated part anew, or check it with --check:",
        f"  {workflow.command}",
    ]
    return "\n".join(lines)


def left_out(workflow: Workflow) -> str:
    """How many identifiers nobody builds; nothing where all are built."""
    missing = len(workflow.left_out)
    return (
        f"Of what is selected, {missing} are left out: no source has them yet. crosswheel plan tells which."
        if missing
        else ""
    )


def cut(entries: tuple[Entry, ...]) -> str:
    """Why the jobs are cut as they are."""
    return _TOGETHER if grouped(entries) else _ALONE


def arm(workflow: Workflow) -> str:
    """Why arm is built as it is, and the other ways."""
    return _ARM[workflow.arm]


def build(workflow: Workflow) -> str:
    """The command that builds; what a user named comes in by variables, quoted."""
    words = ["crosswheel build"]
    words += [] if grouped(workflow.entries) else ['--only "$BUILD"']
    words += ['--config-file "$CONFIG_FILE"'] if workflow.config_file else []
    words += ['--mirror "$MIRROR"'] if workflow.mirror else []
    words += ["--no-test"] if workflow.no_test else []
    return " ".join([*words, '--output-dir wheelhouse "$PACKAGE"'])


def cibuildwheel(workflow: Workflow) -> str:
    """The command by which cibuildwheel builds the same."""
    words = ["cibuildwheel"]
    words += [] if grouped(workflow.hosted) else ['--only "$BUILD"']
    words += ['--config-file "$CONFIG_FILE"'] if workflow.config_file else []
    return " ".join([*words, '--output-dir wheelhouse "$PACKAGE"'])


def variables(workflow: Workflow) -> dict[str, str]:
    """The variables of every job, by which both programs are told what a user named."""
    told = {
        "CROSSWHEEL": workflow.requirement,
        "PACKAGE": workflow.package,
        "CONFIG_FILE": workflow.config_file,
        "MIRROR": workflow.mirror,
        "CROSSWHEEL_ENGINE": workflow.engine,
        "CROSSWHEEL_SOURCE": workflow.source,
        "CIBW_ENABLE": workflow.enable if grouped(workflow.jobs) else "",
    }
    return {name: value for name, value in told.items() if value}


def variables_of_cibuildwheel(workflow: Workflow) -> dict[str, str]:
    """Those of the jobs of cibuildwheel alone."""
    told = {
        name: value
        for name, value in variables(workflow).items()
        if not name.startswith(("CROSSWHEEL", "MIRROR"))
    }
    return {**told, "CIBW_TEST_SKIP": "*"} if workflow.no_test else told


def in_docker(workflow: Workflow, image: str) -> str:
    """A shell script that builds in a container on a virtual machine of the service."""
    both = ("CIBW_ARCHS", "CIBW_BUILD") if grouped(workflow.entries) else ("BUILD",)
    passed = " ".join(f"--env {name}" for name in (*variables(workflow), "CROSSWHEEL_CACHE", *both))
    return f"""\
mkdir -p "$CROSSWHEEL_CACHE" wheelhouse
docker run --rm --privileged --workdir "$PWD" \\
  --volume "$PWD:$PWD" --volume "$CROSSWHEEL_CACHE:$CROSSWHEEL_CACHE" \\
  {passed} \\
  {image} sh -euc '
    {PROBE}
    python -m pip install --root-user-action=ignore "$CROSSWHEEL"
    {build(workflow)}'
sudo chown --recursive "$(id -u):$(id -g)" "$CROSSWHEEL_CACHE" wheelhouse"""
