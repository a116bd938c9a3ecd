"""What a reader saw of one text, unjudged."""

from .values import Duplicate


class Found:
    """What a reader saw of one text: numbers by label and rows, in order.

    `tail` is what stood after the last whole row and may be the start of one. `left_out` names
    what stood near it and was no part of any text. `exact`: these are the kernel's own bytes,
    so that their length counts.
    """

    def __init__(self, start: int, exact: bool = False) -> None:
        self.start, self.end, self.exact = start, start, exact
        self.numbers: list[tuple[str, int]] = []
        self.has_table = False
        self.rows: list[Duplicate] = []
        self.tail = ""
        self.counted: float | None = None
        self.left_out: list[str] = []

    def failures(self) -> int:
        """Becoming plus load failures, 0 where they were not seen."""
        seen = dict(reversed(self.numbers))
        return seen.get("Mods failed on becoming", 0) + seen.get("Mods failed on load", 0)
