"""What ends a verb that runs until it is stopped: a signal, or the end of its time."""

import os
import select
import signal
import time
from contextlib import suppress
from types import FrameType

from .signals import ENDINGS, handle


class SignalStop:
    """Set by SIGTERM, SIGINT or SIGHUP, whose number it keeps, unless they are ignored.

    No threading.Event: its lock may be held by the very thread that a signal interrupts. A signal
    that comes just before the sleep, or to another thread, wakes it all the same: by the pipe,
    into which it is Python itself that writes (signal.set_wakeup_fd), before any handler can run.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self.number = 0
        self._until = None if seconds is None else time.monotonic() + seconds
        self._woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        handle(ENDINGS, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.number = number

    def is_set(self) -> bool:
        """Whether a signal has come, or the time is over."""
        return bool(self.number) or (self._until is not None and time.monotonic() >= self._until)

    def wait(self, timeout: float | None = None) -> bool:
        """Sleeps for `timeout` seconds at most; wakes up when a signal comes."""
        if self._until is not None:
            left = self._until - time.monotonic()
            timeout = left if timeout is None else min(timeout, left)
        if not self.number:
            select.select([self._woken], [], [], None if timeout is None else max(0.0, timeout))
            with suppress(BlockingIOError):
                os.read(self._woken, 512)  # of other signals, which wake it once
        return self.is_set()

    @property
    def code(self) -> int:
        """The exit status: 0 when no signal came."""
        return 128 + self.number if self.number else 0
