"""How a form says what is wrong, before anybody knows where the value stood."""


class MalformedError(Exception):
    """A value that its option does not take.

    :param problem: what is wrong, as the rest of a sentence that begins with the value's place.
    :param hint: the nearest right form, or nothing.
    :param deprecated: whether an older cibuildwheel, or one of another platform, took it.
    """

    def __init__(self, problem: str, hint: str = "", *, deprecated: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
        self.deprecated = deprecated
