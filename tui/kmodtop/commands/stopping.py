"""What ends a verb that goes on by itself."""

import threading
from types import FrameType

from kmodtop_core.errors import Trouble
from kmodtop_core.sources.base import Detouring, Source

from ..signals import ENDINGS, handle
from ..streams import say


class SignalStop(threading.Event):
    """Set by SIGTERM, SIGINT or SIGHUP, whose number it keeps, unless they are ignored."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        handle(ENDINGS, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self.set()

    @property
    def code(self) -> int:
        """The exit status: 0 when no signal came."""
        return 128 + self.number if self.number else 0


class DetourTold:
    """Says once on stderr when a source is no longer read as it should be."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._told: Trouble | None = None

    def look(self) -> None:
        """Says what is new."""
        if not isinstance(self._source, Detouring) or self._source.detour == self._told:
            return
        self._told = self._source.detour
        if self._told is not None:
            say(self._told.sentence)
