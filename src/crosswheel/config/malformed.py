"""How a form says what is wrong, before anybody knows where the value stood."""


class MalformedError(Exception):
    """A value that its option does not take.

    :param problem: what is wrong, as the rest of a sentence that begins with the value's place.
    :param hint: the nearest right form, or nothing.
    """

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
