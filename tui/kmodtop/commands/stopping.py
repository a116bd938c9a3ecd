"""What ends a verb that goes on by itself."""

import signal
import threading
from types import FrameType


class SignalStop(threading.Event):
    """Set by SIGTERM, SIGINT or SIGHUP, whose number it keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self.set()

    @property
    def code(self) -> int:
        """The exit status: 0 when no signal came."""
        return 128 + self.number if self.number else 0
