"""``--source musl``: a CPython for musl that zig compiles once, in a root with musl's own loader."""

import pytest
from harness import Crosswheel

pytestmark = [pytest.mark.slow, pytest.mark.network]

RUN = ["run", "--arch", "aarch64", "--python", "3.11", "--source", "musl", "--"]
# pip has the packaging that says for every installer which wheels fit: it runs musl's loader to learn its version.
PROGRAM = """\
import bz2, ctypes, hashlib, lzma, platform, sqlite3, ssl, sysconfig, zlib
from pip._vendor.packaging import tags
fitting = [tag for tag in tags.platform_tags() if "many" in tag or "musl" in tag]
print(platform.machine(), sysconfig.get_config_var("EXT_SUFFIX"), fitting[0])
print(zlib.decompress(zlib.compress(b"zlib")), lzma.decompress(lzma.compress(b"lzma")))
print(ssl.create_default_context().cert_store_stats()["x509_ca"] > 100, ssl.get_default_verify_paths().cafile)
words = sqlite3.connect(":memory:")
words.execute("create virtual table words using fts5(word)")
words.execute("insert into words values ('a wheel for musl')")
print(words.execute("select word from words where words match 'musl'").fetchone())
print(ctypes.CDLL(None).strlen(b"four"), hashlib.sha256(bz2.compress(b"")).hexdigest()[:8])
"""


def test_its_python_is_of_musl_and_is_compiled_once(crosswheel: Crosswheel) -> None:
    (crosswheel.cwd / "program.py").write_text(PROGRAM)
    first, second = crosswheel(*RUN, "python", "program.py"), crosswheel(*RUN, "python", "program.py")

    assert (first.status, first.out) == (0, (
        "aarch64 .cpython-311-aarch64-linux-musl.so musllinux_1_2_aarch64\n"
        "b'zlib' b'lzma'\n"
        "True /etc/ssl/cert.pem\n"
        "('a wheel for musl',)\n"
        "4 d3dda84e\n"
    ))  # fmt: skip
    assert (second.status, second.out, second.err) == (0, first.out, "")


def test_a_shell_and_its_usual_programs_are_there(crosswheel: Crosswheel) -> None:
    result = crosswheel(*RUN, "sh", "-c", "seq 3 | sed s/2/two/ | tr '\\n' ' '; command -v gcc")

    assert (result.status, result.out) == (127, "1 two 3 ")
