"""Something that several threads need and one of them makes."""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

_Arguments = TypeVarTuple("_Arguments")
_Result = TypeVar("_Result")


def once(make: Callable[[Unpack[_Arguments]], _Result]) -> Callable[[Unpack[_Arguments]], _Result]:
    """The same function, called at most once for the same arguments; who asks meanwhile waits.

    What it raises is raised; the next one who asks, or who waited, tries again.
    """
    made: dict[tuple[object, ...], _Result] = {}
    locks: defaultdict[tuple[object, ...], threading.RLock] = defaultdict(threading.RLock)
    table = threading.Lock()

    def get(*arguments: *_Arguments) -> _Result:
        with table:
            lock = locks[arguments]
        with lock:
            if arguments not in made:
                made[arguments] = make(*arguments)
            return made[arguments]

    return get
