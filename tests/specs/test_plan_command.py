"""``crosswheel plan`` shows what would be built and fetched, and fetches nothing."""

import json

from harness import Crosswheel


def test_an_empty_cache(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("plan", "--source", "debian", "--archs", "aarch64", "--cache-dir", "cache", "c-hello",
                        env={"CIBW_BUILD": "cp39-* cp310-many*", "CIBW_SKIP": "*-musl*"})  # fmt: skip

    assert result.status == 0
    assert result.err == ""
    table, total, left_out = (
        result.out.split("\n\n")[0],
        result.out.split("\n\n")[-2],
        result.out.split("\n\n")[-1],
    )
    assert (
        table
        == """\
identifier              engines                              source  libc        to fetch
cp39-manylinux_aarch64  cross, hybrid, hybrid-gcc, emulated  debian  glibc 2.17  <size>"""
    )
    assert (
        "\n\nwho can install the wheels, each or newer:\n"
        "  manylinux_2_17: pip 19.3, Debian 8, Ubuntu 14.04, RHEL 7, Amazon Linux 2\n\n"
    ) in result.out
    assert total.startswith("1 wheel to build, ")
    assert (
        left_out
        == """\
left out:
  cp310-manylinux_aarch64  debian has no CPython 3.10 for aarch64
"""
    )
    assert not (crosswheel.cwd / "cache").exists(), "a plan fetches and writes nothing"


def test_json_for_programs(crosswheel: Crosswheel) -> None:
    crosswheel.project("c-hello")

    result = crosswheel("plan", "--json", "--only", "cp311-manylinux_s390x", "c-hello")

    plan = json.loads(result.out)
    assert result.status == 0
    assert plan["schema_version"] == 1
    assert [job["identifier"] for job in plan["jobs"]] == ["cp311-manylinux_s390x"]
    assert plan["jobs"][0]["engines"] == ["cross", "hybrid", "hybrid-gcc", "emulated"]
    assert plan["jobs"][0]["glibc_floor"] == "2.17"
