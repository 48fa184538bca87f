"""A standalone Python made right for where it stands: its build-time variables, and what its programs are."""

import ast
from pathlib import Path

import pytest
import uv
from elf_maker import make_elf

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.model import Python
from crosswheel.provision.debian import DebianSource
from crosswheel.provision.musl import MuslBase
from crosswheel.provision.standalone import bases, binaries, described
from crosswheel.store import Store

AARCH64 = ARCHITECTURES["aarch64"]
CP310 = Python("cp", 3, 10)
PLACE = "/opt/python/cp310-cp310"
VARIABLES = {
    "CC": "clang -pthread",
    "LDSHARED": "clang -pthread -shared -Wl,--exclude-libs,ALL",
    "AR": "/tools/llvm/bin/llvm-ar",
    "CFLAGS": "-O3 -I/tools/deps/include -fdebug-default-version=4 -flto=thin -Wall",
    "LDFLAGS": "-L/tools/deps/lib -Wl,--emit-relocs -fuse-ld=lld -lm",
    "INCLUDEPY": "/install/include/python3.10",
    "LIBDIR": "@WAS@/lib",
    "LIBPYTHON": "-lpython3.10",
    "SO": ".so",
    "WASM_STDLIB": "./install/lib",
    "HAVE_FORK": 1,
}


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An installed Python, moved away from where uv put it."""
    library = tmp_path / "moved/lib/python3.10"
    library.mkdir(parents=True)
    (tmp_path / "moved/bin").mkdir()
    text = repr(VARIABLES).replace("@WAS@", str(tmp_path / "was"))
    (library / "_sysconfigdata__linux_aarch64-linux-gnu.py").write_text(
        f"# generated\nbuild_time_vars = {text}\n"
    )
    (tmp_path / "moved/lib/pkgconfig").mkdir()
    (tmp_path / "moved/lib/pkgconfig/python-3.10.pc").write_text(
        "prefix=/install\nCflags: -I/install/include\n"
    )
    (tmp_path / "moved/bin/python3.10-config").symlink_to("/dev/null")
    return tmp_path / "moved"


def variables_of(python: Path) -> dict[str, object]:
    (file,) = python.glob("lib/python3.10/_sysconfigdata_*.py")
    return dict(ast.literal_eval(file.read_text().partition("=")[2].strip()))


def test_build_time_variables_name_the_roots_compilers_and_no_place_of_the_build_machine(
    python: Path,
) -> None:
    described.settle(python, python.parent / "was", PLACE)
    assert variables_of(python) == {
        **VARIABLES,
        "CC": "gcc",
        "LDSHARED": "gcc -shared",
        "AR": "ar",
        "CFLAGS": "-O3 -Wall",
        "LDFLAGS": "-lm",
        "INCLUDEPY": f"{PLACE}/include/python3.10",
        "LIBDIR": f"{PLACE}/lib",
        "LIBPYTHON": "",
    }


def test_pkg_config_says_where_it_stands(python: Path) -> None:
    described.settle(python, python.parent / "was", PLACE)
    text = (python / "lib/pkgconfig/python-3.10.pc").read_text()
    assert text == f"prefix={PLACE}\nCflags: -I{PLACE}/include\n"


def test_a_file_that_is_shared_with_another_place_stays_there_as_it_was(python: Path, tmp_path: Path) -> None:
    (file,) = python.glob("lib/python3.10/_sysconfigdata_*.py")
    (tmp_path / "other").hardlink_to(file)
    described.settle(python, tmp_path / "was", PLACE)
    assert "clang" in (tmp_path / "other").read_text()


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("build_time_vars = broken(\n", "cannot be read"),
        ("build_time_vars = run_me()\n", "cannot be read"),
        ("other = {}\n", "assigns no build_time_vars"),
    ],
)
def test_build_time_variables_are_read_and_never_run(python: Path, text: str, fact: str) -> None:
    (file,) = python.glob("lib/python3.10/_sysconfigdata_*.py")
    file.write_text(text)
    with pytest.raises(ProvisionError, match=fact):
        described.settle(python, python.parent / "was", PLACE)


def test_an_archive_without_a_python_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match="the archive of X holds no such Python"):
        binaries.interpreter(tmp_path, CP310, AARCH64, "X")
    with pytest.raises(ProvisionError, match="no _sysconfigdata module"):
        described.settle(tmp_path, tmp_path, PLACE)


def test_an_interpreter_of_another_architecture_is_told(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib/python3.10").mkdir(parents=True)
    (tmp_path / "bin/python3.10").write_bytes(Path(uv.find_uv_bin()).read_bytes()[:64])
    with pytest.raises(ProvisionError) as caught:
        binaries.interpreter(tmp_path, CP310, AARCH64, "X")
    assert caught.value.fact == "the archive of X is of another architecture"
    assert caught.value.cause == "the ELF machine of its interpreter is 62, and that of aarch64 is 183"


def test_an_interpreter_that_leads_out_of_the_archive_is_none(tmp_path: Path) -> None:
    prefix = tmp_path / "python"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "lib/python3.10").mkdir(parents=True)
    (prefix / "bin/python3.10").symlink_to("/usr/bin/env")
    with pytest.raises(ProvisionError, match="holds no such Python"):
        binaries.interpreter(prefix, CP310, AARCH64, "X")


@pytest.mark.parametrize(
    ("loader", "cause"),
    [
        ("", "it is a static program"),
        ("/lib/ld-linux-aarch64.so.1", "it is run by /lib/ld-linux-aarch64.so.1"),
    ],
)
def test_a_python_that_is_not_run_by_musls_loader_stands_in_no_root_with_musl(
    tmp_path: Path, loader: str, cause: str
) -> None:
    program = tmp_path / "bin/python3.10"
    program.parent.mkdir()
    program.write_bytes(make_elf(loader=loader))
    store = Store(tmp_path / "store")
    debian = DebianSource(store, lambda _: None)
    found = bases.bases(debian, MuslBase(store, lambda _: None, debian=debian))["musllinux"]
    with pytest.raises(ProvisionError, match="of X is not run by /lib/ld-musl-aarch64") as caught:
        found.root(AARCH64, program, "X")
    assert caught.value.cause == cause


def test_the_loader_of_a_program_is_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "program").write_bytes(make_elf(loader="/lib/ld-musl-aarch64.so.1"))
    assert binaries.loader(tmp_path / "program") == "/lib/ld-musl-aarch64.so.1"


def test_the_newest_symbol_says_which_glibc_is_needed(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3.10").write_bytes(Path("/bin/ls").read_bytes())
    (tmp_path / "bin/python3.10-config").write_text("#!/bin/sh\n")
    major, minor = binaries.glibc_needed(tmp_path)
    assert major == 2
    assert 17 <= minor <= 43
