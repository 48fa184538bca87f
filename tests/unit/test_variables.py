"""The project's variables: its commands run once, and what follows the build sees what they said then."""

from collections.abc import Mapping, Sequence

from crosswheel.config import environment
from crosswheel.pipeline.variables import ProjectVariables
from crosswheel.process import Completed


class Told:
    """A sandbox whose commands print their PATH, and that remembers what it ran."""

    def __init__(self) -> None:
        self.ran: list[list[str]] = []

    def run(self, argv: Sequence[str], *, env: Mapping[str, str], **_: object) -> Completed:
        self.ran.append(list(argv))
        return Completed(0, 0.0, 0.0, 0, (), output=env["PATH"])


def test_commands_run_in_the_build_alone_and_each_place_keeps_its_own_path() -> None:
    own = ProjectVariables(environment.parse('A="$(where)" PATH="/mine:$PATH" B=`where`'))
    build, repair = Told(), Told()
    assert own.has_commands_to_run

    built = own.over({"PATH": "/bin"}, build, "/python")
    repaired = own.over({"PATH": "/repair"}, repair)

    assert built == {"A": "/python:/bin", "PATH": "/mine:/bin", "B": "/python:/mine:/bin"}
    assert repaired == {**built, "PATH": "/mine:/repair"}
    assert (build.ran, repair.ran) == ([["where"], ["where"]], [])
    assert not own.has_commands_to_run


def test_variables_without_a_command_need_no_python() -> None:
    assert not ProjectVariables(environment.parse('A="$B" C=1')).has_commands_to_run
