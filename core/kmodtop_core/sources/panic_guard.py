"""Guard: keeps reading from panicking a machine.

With 112 duplicate modules or more, reading the file makes the kernel warn
(read_file_mod_stats, WARN_ON_ONCE), and panic_on_warn makes that a panic.
"""

from collections.abc import Callable

from ..errors import Trouble
from ..stats.block import ROW_LIMIT_NEAR, NoStatistics
from ..stats.parse import parse

PANIC_FAILURES = 112
"""Failures from which on the table may have the row that makes the kernel warn."""


class Guard:
    """Remembers how near the table at `path` is to the row that makes the kernel warn.

    `failures` tells becoming plus load failures by the sibling files, which are safe to read.
    """

    def __init__(self, path: str, failures: Callable[[], int]) -> None:
        self._path, self._siblings = path, failures
        self._rows: int | None = None
        self._cut = False
        self._shown = 0

    def refusal(self) -> Trouble | None:
        """Why reading on would be dangerous where panic_on_warn is set; None when it is safe."""
        seen = self._danger()
        if seen is None:
            return None
        return Trouble(
            "panic-on-warn",
            f"not read, as panic_on_warn is set and {seen}, where reading can panic the machine",
            "sysctl kernel.panic_on_warn=0, or --risk-panic to read all the same",
            self._path,
        )

    def _danger(self) -> str | None:
        """What makes the kernel warn, or may do so; None when it cannot yet.

        A table that was cut shows fewer rows than it has, so then all failures may be rows.
        """
        rows = self._rows
        if rows is not None and rows >= ROW_LIMIT_NEAR:
            return f"the table has {rows} rows"
        if (rows is None or self._cut) and max(self._siblings(), self._shown) >= PANIC_FAILURES:
            return f"the table may have {PANIC_FAILURES} rows"
        return None

    def note(self, text: bytes) -> None:
        """What was read where panic_on_warn is set."""
        try:
            block = parse(text)[-1]
        except NoStatistics:
            return
        self._rows, self._cut = len(block.stats.duplicates), block.truncated
        self._shown = block.stats.failures

    def forget(self) -> None:
        """Where panic_on_warn is not set, nothing has to be known."""
        self._rows = None
