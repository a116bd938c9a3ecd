"""The terminal as Textual's driver: what is on it, and whether what was written has gone out."""

from typing import Any, ClassVar, Final

from textual.drivers.linux_driver import LinuxDriver

_TAKE: Final = "\x1b[?1049h"
_UNDER_WAY: Final = 2
"""Writes that may be on their way without the link being called stalled."""


class Terminal(LinuxDriver):
    """Textual writes in a thread of its own, through a queue that blocks the app when it is full.

    On a link that stalls, that must not be filled. `is_anew`: nothing is known of what is on
    the screen.
    """

    is_taken = False
    """Whether the first screen was painted: the alternate screen need not be taken again."""

    modes: ClassVar[list[Any] | None] = None
    """What the terminal had before the first screen; it gets them back whenever it is left."""

    def start_application_mode(self) -> None:
        """At the start, and when the process goes on after it was suspended."""
        self.is_anew = not Terminal.is_taken
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if Terminal.modes is not None:
            self.attrs_before = Terminal.modes

    def write(self, data: str) -> None:
        """Hands it to the thread that writes."""
        if data == _TAKE and Terminal.is_taken:
            Terminal.is_taken = False
            return
        super().write(data)

    def paint(self, text: str) -> None:
        """Writes past Textual's compositor."""
        if text and self._writer_thread is not None:
            self.write(text)

    @property
    def is_stalled(self) -> bool:
        """Whether the terminal takes nothing at the moment."""
        writer = self._writer_thread
        return writer is not None and writer._queue.qsize() > _UNDER_WAY
