"""The sandbox ``namespace``, tried for real: what is seen in it, what stays, and how it ends.

bubblewrap is fetched into the user's own cache where the machine has none.
"""

import errno
import os
import signal
import struct
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from crosswheel.architectures import ARCHITECTURES
from crosswheel.errors import ProvisionError
from crosswheel.process import Completed
from crosswheel.provision.debian.archive import Archive
from crosswheel.provision.debian.programs import Programs
from crosswheel.provision.sandboxes import namespace as module
from crosswheel.provision.sandboxes.namespace import Namespace, Tools, probe
from crosswheel.seams import Layered, Mount, View
from crosswheel.store import Store, remove_tree

pytestmark = pytest.mark.network  # fetches bubblewrap (0.4 MB) and, for one test, QEMU

SOURCE = Path(module.__file__).parents[3]
PATH = "/usr/bin:/bin"
AARCH64 = ARCHITECTURES["aarch64"]
STRANGE = [
    "plain",
    "two words",
    "a,b",
    "a:b",
    "back\\slash",
    'quo"te',
    "apos'trophe",
    "new\nline",
    "ä€",
    "$HOME;*",
]


@pytest.fixture(scope="session")
def programs() -> Programs:
    cache = os.environ.get("CIBW_CACHE_PATH") or platformdirs.user_cache_path("crosswheel")
    return Programs(Archive(Store(Path(cache)), lambda event: None))


@pytest.fixture(scope="session")
def tools(programs: Programs) -> Tools:
    return Tools(programs.bubblewrap().path, {})


@pytest.fixture
def machine(tools: Tools) -> Namespace:
    return Namespace(tools, View(None))


def run(sandbox: Namespace, *argv: str, **env: str) -> Completed:
    return sandbox.run(argv, cwd="/", env={"PATH": PATH, **env}, capture=True)


def shell(sandbox: Namespace, command: str, **env: str) -> Completed:
    return run(sandbox, "sh", "-c", command, **env)


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.01)
    return True


def command_lines() -> list[str]:
    """What every process of this machine says that it runs, zombies left out."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(place.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def running(mark: str) -> bool:
    return any(mark in line for line in command_lines())


def small_root(place: Path) -> Path:
    """A root with nothing of its own; the machine's programs are mounted into it."""
    place.mkdir(parents=True)
    for name in ("usr", "etc", "proc", "dev", "sys", "tmp", "data"):
        (place / name).mkdir()
    for name in ("bin", "lib", "lib64"):
        (place / name).symlink_to(f"usr/{name}")
    (place / "data" / "file").write_text("below\n")
    return place


USR = Mount(Path("/usr"), "/usr")


# --- commands


def test_a_command_runs_and_its_output_and_status_come_out(machine: Namespace) -> None:
    done = shell(machine, "echo out; echo err >&2; exit 42")
    assert (done.returncode, done.output) == (42, "out")
    assert "err" in done.tail


@pytest.mark.parametrize("status", [0, 1, 126, 127, 128, 200, 255])
def test_every_status_is_told_as_it_is(machine: Namespace, status: int) -> None:
    assert shell(machine, f"exit {status}").returncode == status


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_command_that_a_signal_ended_has_a_negative_status(machine: Namespace, number: int) -> None:
    assert shell(machine, f"kill -{number} $$").returncode == -number


def test_arguments_arrive_as_they_were_given(machine: Namespace) -> None:
    words = ["", "two words", "$HOME", "`id`", "new\nline", "--", "--bind", "*", "'\"\\", "ä€"]
    done = run(machine, "python3", "-c", "import sys; print(ascii(sys.argv[1:]))", *words)
    assert done.output == ascii(words)


def test_a_missing_command_fails_with_127(machine: Namespace) -> None:
    done = run(machine, "no-such-program")
    assert done.returncode == 127
    assert any("no-such-program" in line for line in done.tail)


def test_cpu_and_memory_of_what_ran_are_counted(machine: Namespace) -> None:
    done = run(machine, "python3", "-c", "x = bytearray(150_000_000); sum(range(10_000_000))")
    assert done.cpu > 0.1
    assert done.peak > 150_000_000


def test_a_command_gets_no_descriptor_but_the_three(machine: Namespace) -> None:
    done = run(
        machine, "python3", "-c", "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])"
    )
    assert done.output == "[0, 1, 2]"


def test_there_is_no_terminal_to_write_to(machine: Namespace) -> None:
    assert shell(machine, "exec 3<> /dev/tty").returncode != 0


# --- the environment


def test_the_environment_is_what_is_given_and_nothing_else(
    machine: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "of the host")
    done = run(machine, "env", "-0")
    names = {entry.split("=", 1)[0] for entry in done.output.rstrip("\0").split("\0")}
    assert names - {"PWD"} == {"PATH"}  # PWD is the shell's own


def test_values_are_kept_however_strange(machine: Namespace) -> None:
    values = {
        "EMPTY": "",
        "LINES_": "a\nb\n",
        "EQUALS": "=a=b",
        "DASHES": "--bind",
        "UNICODE": "ä€",
        "QUOTE": "'\"$x`",
    }
    done = run(machine, "env", "-0", **values)
    got = dict(entry.split("=", 1) for entry in done.output.rstrip("\0").split("\0"))
    assert {name: got[name] for name in values} == values


def test_an_environment_may_be_larger_than_a_pipe(machine: Namespace) -> None:
    values = {f"NAME_{number}": "x" * 50_000 for number in range(8)}
    done = shell(machine, 'printf %s "$NAME_7" | wc -c', **values)
    assert done.output.strip() == "50000"


def test_a_null_byte_cannot_smuggle_an_option_in(machine: Namespace, tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match="null byte"):
        run(machine, "true", X=f"\0--bind\0{tmp_path}\0/mnt")


def test_values_are_not_seen_by_others_who_list_processes(machine: Namespace) -> None:
    seen: list[bool] = []
    secret = "s3cret-of-this-test"
    machine.run(
        ["sh", "-c", "echo ready; sleep 0.2"],
        cwd="/",
        env={"PATH": PATH, "TOKEN": secret},
        on_line=lambda _: seen.append(running(secret)),
    )
    assert seen == [False]


# --- the view of the machine


def test_home_directories_are_hidden(machine: Namespace) -> None:
    done = shell(machine, "ls -A /home /root /srv /var /mnt 2>/dev/null; ls /")
    here = set(done.output.split())
    assert not here & {"home", "root", "srv", "var", "mnt", "run"}
    assert {"usr", "etc", "tmp", "proc", "dev"} <= here


def test_the_machine_cannot_be_written(machine: Namespace) -> None:
    done = shell(
        machine, "for d in /usr /usr/bin /etc /opt; do touch $d/crosswheel-was-here && echo $d; done"
    )
    assert done.output == ""
    assert not Path("/usr/crosswheel-was-here").exists()


def test_what_is_read_only_cannot_be_mounted_anew(machine: Namespace) -> None:
    assert shell(machine, "mount -o remount,bind,rw /usr").returncode != 0
    assert shell(machine, "unshare -Urm mount -o remount,bind,rw /usr").returncode != 0
    assert shell(machine, "umount /proc").returncode != 0


def test_tmp_is_writable_and_ends_with_the_command(machine: Namespace) -> None:
    assert shell(machine, "echo x > /tmp/crosswheel-test && cat /tmp/crosswheel-test").output == "x"
    assert shell(machine, "ls -A /tmp").output == ""
    assert not Path("/tmp/crosswheel-test").exists()


def test_development_files_of_the_machine_are_hidden(machine: Namespace) -> None:
    done = shell(
        machine,
        "find /usr/include /usr/local/include /usr/lib/pkgconfig /usr/lib/*/pkgconfig /usr/share/pkgconfig -type f",
    )
    assert done.output == ""


def test_config_programs_of_the_machine_do_not_answer(machine: Namespace) -> None:
    here = [path for path in Path("/usr/bin").glob("*[-_]config") if not path.name.endswith("pkg-config")]
    done = shell(machine, 'for p in "$@"; do [ -x "$p" ] && echo "$p"; done')
    assert done.output == ""
    for path in here:
        assert run(machine, str(path), "--version").returncode == 126


def test_a_build_for_the_machine_itself_sees_development_files(tools: Tools) -> None:
    sandbox = Namespace(tools, View(None, development=True))
    done = shell(sandbox, "ls -A /usr/include")
    assert set(done.output.split()) == {path.name for path in Path("/usr/include").iterdir()}


def test_mounts_are_read_only_unless_they_are_writable(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    view = View(None, (Mount(tmp_path / "a", "/crosswheel/a"), Mount(tmp_path / "b", "/crosswheel/b", True)))
    shell(Namespace(tools, view), "touch /crosswheel/a/x /crosswheel/b/x")
    assert not (tmp_path / "a/x").exists()
    assert (tmp_path / "b/x").exists()


def test_further_directories_of_one_command_are_writable(machine: Namespace, tmp_path: Path) -> None:
    machine.run(["touch", "/control/x"], cwd="/", env={"PATH": PATH}, binds={"/control": tmp_path})
    assert (tmp_path / "x").exists()


def test_nothing_of_the_host_changes(machine: Namespace) -> None:
    before = Path("/proc/self/mounts").read_text()
    shell(machine, "true")
    assert Path("/proc/self/mounts").read_text() == before


# --- roots and their layers


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_written_to_a_root_stays_in_its_layer(tools: Tools, tmp_path: Path, name: str) -> None:
    root = small_root(tmp_path / name / "root")
    layer = tmp_path / name / "layer"
    sandbox = Namespace(tools, View(Layered(root, layer), (USR,)))
    first = shell(
        sandbox, "cat /data/file && echo above > /data/file && rm -rf /tmp/../data/none && echo new > /n"
    )
    assert (first.returncode, first.output) == (0, "below")
    assert shell(sandbox, "cat /data/file /n").output == "above\nnew"
    assert (root / "data/file").read_text() == "below\n"
    assert not (root / "n").exists()
    remove_tree(layer)
    assert not layer.exists()
    assert shell(sandbox, "cat /data/file").output == "below"


@pytest.mark.parametrize("arch", ["x86_64", "i686"])
def test_programs_that_run_as_they_are_are_told_the_architecture_of_their_root(
    tools: Tools, tmp_path: Path, arch: str
) -> None:
    root = Layered(small_root(tmp_path / "root"), tmp_path / "layer", ARCHITECTURES[arch])
    assert run(Namespace(tools, View(root, (USR,))), "uname", "-m").output == arch


def test_two_layers_of_one_root_do_not_see_each_other(tools: Tools, tmp_path: Path) -> None:
    root = small_root(tmp_path / "root")
    one, other = (Namespace(tools, View(Layered(root, tmp_path / name), (USR,))) for name in ("one", "other"))
    shell(one, "echo one > /data/file")
    assert shell(other, "cat /data/file").output == "below"


def test_directories_of_a_root_may_be_removed_and_made_again(tools: Tools, tmp_path: Path) -> None:
    sandbox = Namespace(tools, View(Layered(small_root(tmp_path / "root"), tmp_path / "layer"), (USR,)))
    assert shell(sandbox, "rm -r /data && mkdir /data && ls -A /data").output == ""
    assert shell(sandbox, "mv /data /moved && ls -d /moved").output == "/moved"


def test_a_root_under_a_layer_may_be_mounted_beside_the_machine(tools: Tools, tmp_path: Path) -> None:
    layered = Layered(small_root(tmp_path / "root"), tmp_path / "layer")
    sandbox = Namespace(tools, View(None, (Mount(layered, "/crosswheel/sysroot"),)))
    assert shell(sandbox, "cat /crosswheel/sysroot/data/file").output == "below"


def test_a_root_that_cannot_be_laid_under_a_layer_is_a_matter_of_the_sandbox(
    tools: Tools, tmp_path: Path
) -> None:
    sandbox = Namespace(tools, View(Layered(tmp_path / "missing", tmp_path / "layer"), (USR,)))
    with pytest.raises(ProvisionError, match="cannot be set up") as caught:
        shell(sandbox, "true")
    assert "mount" in caught.value.cause


def test_a_mount_of_what_is_not_there_is_a_matter_of_the_sandbox(tools: Tools, tmp_path: Path) -> None:
    sandbox = Namespace(tools, View(None, (Mount(tmp_path / "missing", "/crosswheel/a"),)))
    with pytest.raises(ProvisionError, match="cannot be set up") as caught:
        shell(sandbox, "true")
    assert "missing" in caught.value.cause


# --- owners


def test_giving_a_file_to_a_user_who_is_not_mapped_succeeds_and_does_nothing(
    machine: Namespace, tmp_path: Path
) -> None:
    code = """
        import os
        path = "/control/file"
        open(path, "w").close()
        before = os.stat(path)
        os.chown(path, 12345, 54321)
        os.lchown(path, 1, 1)
        with open(path) as file:
            os.fchown(file.fileno(), 65534, 65534)
        after = os.stat(path)
        assert (before.st_uid, before.st_gid) == (after.st_uid, after.st_gid) == (0, 0)
        os.setgroups([1, 2])
        os.setgid(12345)
        os.setuid(12345)
        assert os.getuid() == os.geteuid() == os.getgid() == 0
        print("ok")
    """
    done = machine.run(
        ["python3", "-c", textwrap.dedent(code)],
        cwd="/",
        env={"PATH": PATH},
        binds={"/control": tmp_path},
        capture=True,
    )
    assert done.output == "ok", done.tail
    assert (tmp_path / "file").stat().st_uid == os.getuid()


def test_other_errors_of_files_are_still_errors(machine: Namespace) -> None:
    done = run(machine, "python3", "-c", "import os; os.mkdir('/proc/none')")
    assert done.returncode == 1
    assert str(errno.ENOENT) in done.tail[-1]


# --- the end


def test_no_process_outlives_the_command(machine: Namespace) -> None:
    mark = f"{12345 + os.getpid()}.0625"
    started = time.monotonic()
    assert shell(machine, f"setsid sleep {mark} & sleep {mark} & sleep 0.2; exit 3").returncode == 3
    assert time.monotonic() - started < 5
    assert eventually(lambda: not running(f"sleep {mark}"))


def test_all_processes_end_when_the_run_is_interrupted(machine: Namespace) -> None:
    mark = f"{22345 + os.getpid()}.0625"

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        machine.run(
            ["sh", "-c", f"setsid sleep {mark} & echo; sleep {mark}"],
            cwd="/",
            env={"PATH": PATH},
            on_line=interrupt,
        )
    assert eventually(lambda: not running(f"sleep {mark}"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_all_processes_end_when_the_parent_is_killed(tools: Tools, how: signal.Signals) -> None:
    mark = f"{32345 + os.getpid()}.0625"
    code = f"""
        import signal
        from pathlib import Path
        from crosswheel.provision.sandboxes.namespace import Namespace, Tools
        from crosswheel.seams import View

        signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's background job ignores it
        Namespace(Tools(Path({str(tools.bubblewrap)!r}), {{}}), View(None)).run(
            ["sh", "-c", "setsid sleep {mark} & echo ready; sleep {mark}"],
            cwd="/", env={{"PATH": {PATH!r}}}, on_line=lambda line: print(line, flush=True),
        )
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        assert running(f"sleep {mark}")
        parent.send_signal(how)
        parent.wait()
    assert eventually(lambda: not running(f"sleep {mark}"))


def test_no_descriptor_and_no_file_is_left(
    machine: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = {path.name for path in Path("/proc/self/fd").iterdir()}
    for _ in range(3):
        run(machine, "true")
    assert {path.name for path in Path("/proc/self/fd").iterdir()} == before
    assert list(tmp_path.iterdir()) == []


# --- emulation


def aarch64_program(status: int) -> bytes:
    """A static aarch64 program that exits with a status: ``mov x0, #status; mov x8, #93; svc #0``."""
    code = struct.pack("<3I", 0xD2800000 | status << 5, 0xD2800BA8, 0xD4000001)
    base, size = 0x400000, 64 + 56 + len(code)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, base + 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 0x1000) + code


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    program = tmp_path / "foreign"
    program.write_bytes(aarch64_program(42))
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("name", ["qemu", "a:b c,d"])
def test_a_foreign_program_and_its_kin_run_where_they_are_emulated(
    programs: Programs, tools: Tools, foreign: Path, tmp_path: Path, name: str
) -> None:
    emulator = tmp_path / name
    emulator.symlink_to(programs.qemu(AARCH64).path)
    view = View(None, (Mount(foreign, "/crosswheel/foreign"),), emulate=AARCH64)
    sandbox = Namespace(Tools(tools.bubblewrap, {"aarch64": emulator}), view)
    assert run(sandbox, "/crosswheel/foreign").returncode == 42
    assert shell(sandbox, "sh -c /crosswheel/foreign; exit $(($? + 1))").returncode == 43
    assert shell(sandbox, "echo $QEMU_CPU").output == AARCH64.qemu_cpu


def test_a_foreign_program_does_not_run_where_nothing_is_emulated(tools: Tools, foreign: Path) -> None:
    done = run(Namespace(tools, View(None, (Mount(foreign, "/crosswheel/foreign"),))), "/crosswheel/foreign")
    assert done.returncode == 126
    assert any("Exec format error" in line for line in done.tail)


def test_a_foreign_program_still_does_not_run_outside(foreign: Path) -> None:
    with pytest.raises(OSError, match="Exec format error"):
        subprocess.run([foreign], check=False)


def test_this_machine_is_found_able_to_make_sandboxes() -> None:
    probe(emulate=False)
    probe(emulate=True)


def test_a_machine_without_user_namespaces_is_told_from_one_without_binfmt_misc(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for refused, fact in (("true", "does not let"), ("mount", "no binfmt_misc")):
        tool = tmp_path / "unshare"
        tool.write_text(
            f'#!/bin/sh\ncase "$*" in *" {refused}"*) echo "unshare: refused" >&2; exit 1;; esac\n'
        )
        tool.chmod(0o755)
        monkeypatch.setattr(module, "_TRUSTED_PATH", f"{tmp_path}:/usr/bin:/bin")
        with pytest.raises(ProvisionError, match=fact) as caught:
            probe(emulate=True)
        assert caught.value.cause == "unshare: refused"
        assert caught.value.remedy


# --- a command with this process's standard input, output and error


def attach(sandbox: Namespace, *argv: str) -> int:
    return sandbox.attach(argv, cwd="/", env={"PATH": PATH})


def test_an_attached_command_writes_where_this_process_does(
    machine: Namespace, capfd: pytest.CaptureFixture[str]
) -> None:
    assert attach(machine, "sh", "-c", "echo out; echo err >&2; exit 3") == 3
    assert capfd.readouterr() == ("out\n", "err\n")


def test_an_attached_command_that_a_signal_ended_gives_128_and_its_number(machine: Namespace) -> None:
    assert attach(machine, "sh", "-c", "kill -TERM $$") == 128 + signal.SIGTERM


def test_an_attached_command_that_is_missing_gives_127_without_a_word(
    machine: Namespace, capfd: pytest.CaptureFixture[str]
) -> None:
    assert attach(machine, "no-such-command") == 127
    assert capfd.readouterr() == ("", "")


def test_an_attached_command_leads_no_session_of_this_machine(
    machine: Namespace, capfd: pytest.CaptureFixture[str]
) -> None:
    assert attach(machine, "sh", "-c", "cut -d' ' -f6 /proc/self/stat") == 0  # proc(5): its session
    assert capfd.readouterr().out == "1\n"


def test_a_sandbox_that_cannot_be_set_up_is_no_exit_code_of_the_command(
    tools: Tools, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox = Namespace(tools, View(None, mounts=(Mount(tmp_path / "missing", "/missing"),)))
    with pytest.raises(ProvisionError, match="the sandbox cannot be set up"):
        attach(sandbox, "true")
    assert "bwrap: " in capfd.readouterr().err
