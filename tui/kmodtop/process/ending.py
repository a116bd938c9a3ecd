"""The ways out of a live view: whatever ends it, the terminal is given back and data is kept.

Before the app stands a signal ends the process at once; later the app ends in
good order, and if that takes too long, a thread ends it all the same.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from .signals import ENDINGS, LETHAL, end_by, handle
from .terminal import Terminal

_LAST_S = 1.5
"""Seconds after the first word of an end after which the process ends in any case."""


class Ending:
    """Owns the signals of a live view. `finish` keeps what was read; it may take a while."""

    def __init__(self, terminal: Terminal, finish: Callable[[], None]) -> None:
        self._terminal, self._finish = terminal, finish
        self._end: Callable[[int], object] | None = None
        self._begun = False
        self._last: threading.Timer | None = None
        handle(ENDINGS, self._ended)
        handle(LETHAL, self._killed)

    def attend(self, end: Callable[[int], object]) -> None:
        """From now on `end` is called with a signal's number; by the main thread, at any place."""
        self._end = end

    def _ended(self, number: int, frame: FrameType | None) -> None:
        if self._end is None:
            # No exception: one raised while a module is being imported may be swallowed.
            self._terminal.give_back()
            self._finish()
            os._exit(128 + number)
        self.begin(128 + number)
        with suppress(RuntimeError):  # the loop is closed: it ends already
            self._end(number)

    def _killed(self, number: int, frame: FrameType | None) -> None:
        self._terminal.give_back()
        self._finish()
        end_by(number)

    def begin(self, status: int) -> None:
        """The process ends with that status even if nothing else brings it about."""
        if self._begun:
            return
        self._begun = True
        self._last = threading.Timer(_LAST_S, self._end_hard, (status,))
        self._last.daemon = True
        self._last.start()

    def over(self) -> None:
        """Textual has ended in time; what is left to be saved takes as long as it takes."""
        self._begun = True
        if self._last is not None:
            self._last.cancel()

    def _end_hard(self, status: int) -> None:
        self._terminal.give_back()
        self._finish()
        os._exit(status)
