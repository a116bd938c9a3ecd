"""The terminal as Textual's driver, which knows whether what was written has gone out."""

from typing import Final

from textual.drivers.linux_driver import LinuxDriver

_UNDER_WAY: Final = 2
"""Writes that may be on their way without the link being called stalled."""


class Terminal(LinuxDriver):
    """Textual writes in a thread of its own, through a queue that blocks the app when it is full.

    On a link that stalls, that must not be filled.
    """

    def paint(self, text: str) -> None:
        """Writes past Textual's compositor."""
        if text and self._writer_thread is not None:
            self.write(text)

    @property
    def is_stalled(self) -> bool:
        """Whether the terminal takes nothing at the moment."""
        writer = self._writer_thread
        return writer is not None and writer._queue.qsize() > _UNDER_WAY
