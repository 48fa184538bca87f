"""What runs foreign programs here, as a table: the command of the next step is whole, names are harmless."""

from crosswheel.report.emulation import Entry, Row, render

INSTALL = "sudo /a/long/way/to/python -m crosswheel emulation install"


def row(name: str, *, native: bool = False, trouble: str = "", entry: Entry | None = None) -> Row:
    return Row(name, f"linux/{name}", native, trouble, entry, persistent=False)


def entry(*faults: str, name: str = "qemu-arm", ours: bool = False) -> Entry:
    return Entry(name, True, "/usr/bin/qemu", "11.1.2", "PF", ours, faults)


def test_a_machine_that_cannot_run_its_own_narrow_programs_is_not_offered_an_emulator() -> None:
    assert render([row("i686", native=True, trouble="Exec format error")], INSTALL).splitlines()[2:] == [
        "",
        "i686",
        "  - Exec format error",
    ]


def test_what_is_absent_is_named_in_one_command_that_is_never_wrapped() -> None:
    rows = [row(name, trouble="Exec format error") for name in ("aarch64", "armv7l", "s390x")]
    assert render(rows, INSTALL, width=40).splitlines()[4:] == [
        "",
        f"next: {INSTALL} aarch64 armv7l s390x",
        "  registers QEMU for docker, chroots and",
        "  shells. crosswheel build needs none of",
        "  it.",
    ]


def test_an_emulator_of_crosswheel_is_installed_again_and_one_of_another_tool_is_replaced() -> None:
    ours = row("aarch64", entry=entry("it is disabled", ours=True))
    theirs = row("armv7l", entry=entry("it is disabled"))
    lines = render([ours, theirs], INSTALL).splitlines()
    assert [line for line in lines if "next" in line] == [
        f"  next: {INSTALL} aarch64",
        f"  next: {INSTALL} armv7l --replace",
    ]


def test_an_emulator_in_order_is_only_a_row() -> None:
    assert render([row("armv7l", entry=entry())], INSTALL) == (
        "architecture  docker        runs  by        interpreter    version  flags\n"
        "armv7l        linux/armv7l  yes   qemu-arm  /usr/bin/qemu  11.1.2   PF"
    )


def test_the_name_of_an_entry_cannot_colour_the_terminal() -> None:
    assert "\x1b" not in render([row("armv7l", entry=entry(name="\x1b[31mred"))], INSTALL)
