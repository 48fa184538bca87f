"""Whether a build compiled for the CPU that it ran on.

A user's machine has another one, and QEMU's is like none: a module so compiled ends there with an illegal
instruction. zig's wrapper refuses the option; the root's own compilers take it, so their commands are read.
"""

import re
from collections.abc import Iterable

from crosswheel.errors import VerificationError

_COMMAND = re.compile(
    r"^\W*(?:\[[\d/]+\] )?\S*(?:cc|gcc|[gc]\+\+|clang)[\d.-]*\s.*?(?<=\s)(-m(?:arch|cpu)=native)\b"
)


def expect_portable(wheel: str, output: Iterable[str]) -> None:
    """Refuse a wheel for the build machine's own CPU.

    :param output: the lines of its build.
    :raises VerificationError: a compiler was told to compile for the CPU that it runs on.
    """
    options = sorted({match[1] for line in output if (match := _COMMAND.search(line))})
    if options:
        raise VerificationError(wheel, tuple(f"it was compiled with {option}" for option in options))
