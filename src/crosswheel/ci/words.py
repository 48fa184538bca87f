"""Sentences and commands that all services have in common."""

from crosswheel import __version__
from crosswheel.ci.workflow import AT_ONCE, Arm, Entry, Workflow, grouped, sharded

_ALONE = (
    "A job for each wheel: each Python of each architecture has a root of its own, so that they would share "
    "little, and a failure costs one wheel."
)
_TOGETHER = (
    "A job for each architecture: its wheels share what is fetched and compiled for it, more than "
    f"{AT_ONCE} jobs would wait for each other, and a wheel of the stable ABI is built once: for later Pythons "
    "it is only tested."
)
_PARTS = (
    "The plan in parts of about the same work, as crosswheel plan --shard shows each: every job computes the same "
    "parts, so that a Python more or less in the configuration needs no other workflow."
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
        "aarch64 is built by cibuildwheel on hosted arm machines: tests run on real hardware, and before-all has "
        "the images' dnf and apk. It needs such machines; about as fast without them is --arm cross."
    ),
    "qemu": (
        "Arm is built by cibuildwheel, all of it emulated, for what only its images have: dnf and apk in "
        "before-all. It takes about nine times as long as --arm cross (regex: 91 s against 10 s)."
    ),
}
# Nested, as crosswheel nests them: that the first may be made, by a process with privileges, does not say that the
# second may.
PROBE = (
    "unshare --user --map-root-user unshare --user --map-root-user true"
    " || sysctl --write kernel.apparmor_restrict_unprivileged_userns=0"
)
PARTS = (
    "The digest in the keys is that of the job's part of the plan: another plan has caches of its own, and begins "
    "with what the one before left. What a run needs later on is saved with the next week."
)
WHEELS = (
    "Wheels that were built, tests that passed, what jobs took: what has not changed since the last commit is not "
    "built again."
)
NAMESPACES = (
    "crosswheel builds in user namespaces. Ubuntu 24.04 restricts them by AppArmor; the images of its runners keep "
    "that (actions/runner-images#10443). The machine is this job's own: switch it off there."
)
REPORTS = "crosswheel-reports"  # by the name of the job; in the repository's directory
MERGED = "One report of all jobs, also where some have failed: what was built, and where the time went."
_SELECTING = {"SHARD": "--shard", "BUILD": "--only"}
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
    verb, what = ("is", "it") if missing == 1 else ("are", "them")
    told = f"Of what is selected, {missing} {verb} left out: no source has {what} yet. crosswheel plan tells which."
    return told if missing else ""


def cut(entries: tuple[Entry, ...]) -> str:
    """Why the jobs are cut as they are."""
    if sharded(entries):
        return _PARTS
    return _TOGETHER if grouped(entries) else _ALONE


def told(entries: tuple[Entry, ...]) -> dict[str, str]:
    """The variables by which a job is told what to build, each with the key of the matrix."""
    if sharded(entries):
        return {"SHARD": "build"}
    return {"CIBW_ARCHS": "arch", "CIBW_BUILD": "build"} if grouped(entries) else {"BUILD": "build"}


def arm(workflow: Workflow) -> str:
    """Why arm is built as it is, and the other ways."""
    return _ARM[workflow.arm]


def exported(entries: tuple[Entry, ...]) -> str:
    """The same for a shell that has the matrix as variables in capitals."""
    pairs = ((name, key.upper()) for name, key in told(entries).items())
    return " ".join(f'{name}="${variable}"' for name, variable in pairs if name != variable)


def build(workflow: Workflow, *, reports: bool = False) -> str:
    """The command that builds; what a user named comes in by variables, quoted.

    :param reports: whether the job writes a report, in a directory of its name.
    """
    words = ["crosswheel build"]
    words += [f'{option} "${name}"' for name, option in _SELECTING.items() if name in told(workflow.entries)]
    words += ['--config-file "$CONFIG_FILE"'] if workflow.config_file else []
    words += ['--mirror "$MIRROR"'] if workflow.mirror else []
    words += ["--no-test"] if workflow.no_test else []
    words += [f'--report "{REPORTS}/$NAME"'] if reports else []
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
        "CIBW_ARCHS": workflow.archs,
    }
    return {name: value for name, value in told.items() if value}


def variables_of_cibuildwheel(workflow: Workflow) -> dict[str, str]:
    """Those of the jobs of cibuildwheel alone."""
    told = {
        name: value
        for name, value in variables(workflow).items()
        if not name.startswith(("CROSSWHEEL", "MIRROR", "CIBW_ARCHS"))
    }
    return {**told, "CIBW_TEST_SKIP": "*"} if workflow.no_test else told


def in_docker(workflow: Workflow, image: str) -> str:
    """A shell script that builds in a container on a virtual machine of the service."""
    names = (*variables(workflow), "CROSSWHEEL_CACHE", *told(workflow.entries))
    passed = " ".join(f"--env {name}" for name in names)
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
