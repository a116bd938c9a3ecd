"""How far something long has come: a bar on stderr, where a person looks at that."""

import time
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import TypeVar

from ..process.libraries import use_own
from ..process.streams import is_terminal

_PATIENCE_S = 1.0
"""Seconds after which it is long."""

_PACE_S = 0.2
"""Seconds between two pictures of the bar."""

T = TypeVar("T")


def told(items: Iterable[T], total: int, what: str, is_quiet: bool) -> Iterator[T]:
    """The items, of which there are about `total`; `is_quiet`: stderr is needed otherwise, as
    what is made goes to the same terminal."""
    if is_quiet or not is_terminal(2) or not _has_rich():
        yield from items
        return
    due, bar = time.monotonic() + _PATIENCE_S, None
    try:
        for number, item in enumerate(items, 1):
            yield item
            if number % 16 == 0 and (now := time.monotonic()) >= due:
                bar = bar or _Bar(what, total)
                bar.show(number)
                due = now + _PACE_S
    finally:
        if bar is not None:
            bar.close()


def _has_rich() -> bool:
    use_own()
    return find_spec("rich") is not None


class _Bar:
    """By rich, which textual brings; imported only when something is long."""

    def __init__(self, what: str, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

        columns = ("{task.description}", BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._progress = Progress(*columns, console=console, transient=True, auto_refresh=False)
        self._progress.start()
        self._task = self._progress.add_task(what, total=total)

    def show(self, done: int) -> None:
        """So many are done."""
        self._progress.update(self._task, completed=done, refresh=True)

    def close(self) -> None:
        """It is gone as if it had not been there."""
        self._progress.stop()
