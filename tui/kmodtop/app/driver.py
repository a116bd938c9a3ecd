"""Textual's driver over the process's terminal: reads and writes on the loop, without threads."""

import asyncio
import os
import signal
from collections.abc import Iterable
from typing import Any

from textual import events
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.messages import InBandWindowResize

from ..process.terminal import SCREEN, Terminal
from .keyboard import PASTED_A_SECOND, Keyboard, gathered

_MOUSE = (
    ("\x1b[?1000h", "\x1b[?1000l"),
    ("\x1b[?1003h", "\x1b[?1003l"),
    ("\x1b[?1015h", "\x1b[?1015l"),
    ("\x1b[?1006h", "\x1b[?1006l"),
)

_MODES = (
    *SCREEN,
    ("\x1b[?7l", "\x1b[?7h"),
    ("\x1b[?1004h", "\x1b[?1004l"),
    ("\x1b[>25u", "\x1b[<u"),
    ("\x1b[?2004h", "\x1b[?2004l"),
    *_MOUSE,
)
"""Alternate screen, no cursor, no wrapping, focus, kitty's keyboard, pastes in brackets, mouse."""


class Gone(Message):
    """The terminal is there no more."""


class Room(Message):
    """The terminal has taken all that was written."""


class TerminalDriver(Driver):
    """Drives an app that has a `terminal`."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self.terminal: Terminal = app.terminal
        self._keyboard = Keyboard()
        self._tick: asyncio.TimerHandle | None = None
        self._pasted = 0
        self._listens = False

    @property
    def can_suspend(self) -> bool:
        """As a job of a shell."""
        return True

    def start_application_mode(self) -> None:
        """At the start, and when the process continues after it was stopped."""
        self.terminal.take()
        for on, off in _MODES:
            self.terminal.enter(on, off)
        if os.environ.get("TERM_PROGRAM") != "Apple_Terminal":  # which prints the last letter
            self.terminal.write("\x1b[?2026$p")
        self._listen()
        self.send_size()

    def _listen(self) -> None:
        if self._listens or self.terminal.fileno() < 0:
            return
        self._listens = True
        self._loop.add_reader(self.terminal.fileno(), self._read)
        self.terminal.on_wait = self._wait_for_room
        self.terminal.tell()  # the first screen may still be on its way
        self._loop.add_signal_handler(signal.SIGWINCH, self.send_size)

    def send_size(self) -> None:
        """Tells the app how large the terminal is."""
        size = self.terminal.size()
        if self.terminal.is_gone:
            self._app.post_message(Gone())
        elif size is not None:
            self._app.post_message(events.Resize(Size(*size), Size(*size)))

    def write(self, data: str) -> None:
        """Sends it, or lets it wait."""
        self.terminal.write(data)

    def _wait_for_room(self, waits: bool) -> None:
        fd = self.terminal.fileno()
        if waits and fd >= 0:
            self._loop.add_writer(fd, self._send_waiting)
        else:
            self._loop.remove_writer(fd)
            self._app.post_message(Room())

    def _send_waiting(self) -> None:
        self.terminal.send_waiting()
        if self.terminal.is_gone:
            self._hung_up()

    def _hung_up(self) -> None:
        self._deafen()
        self._app.post_message(Gone())

    def _read(self) -> None:
        data = self.terminal.read()
        if self.terminal.is_gone:
            self._hung_up()
            return
        was_pasting = self._keyboard.is_pasting
        self._hand_over(self._keyboard.feed(data))
        self._pasted = self._pasted + len(data) if was_pasting else 0
        if not (was_pasting and self._keyboard.is_pasting):
            self._tick_soon()

    def _tick_soon(self) -> None:
        """An escape alone is a key once nothing has followed it for a moment."""
        if self._tick is not None:
            self._tick.cancel()
        wait = self._keyboard.patience
        self._tick = None if wait is None else self._loop.call_later(wait, self._on_tick)

    def _on_tick(self) -> None:
        going_on = self._keyboard.is_pasting and self._pasted >= PASTED_A_SECOND
        self._pasted = 0
        if not going_on:
            self._hand_over(self._keyboard.tick())
        self._tick_soon()

    def _hand_over(self, messages: Iterable[Message]) -> None:
        for message in gathered(messages):
            if not isinstance(message, InBandWindowResize):
                self.process_message(message)

    def send_message(self, message: Message) -> None:
        """To the app, which runs on this loop."""
        self._app.post_message(message)

    def disable_input(self) -> None:
        """Reads no more."""
        self._deafen()

    def _deafen(self) -> None:
        if not self._listens:
            return
        self._listens = False
        if self._tick is not None:
            self._tick.cancel()
        self._loop.remove_signal_handler(signal.SIGWINCH)
        self.terminal.on_wait = None
        fd = self.terminal.fileno()
        if fd >= 0:
            self._loop.remove_reader(fd)
            self._loop.remove_writer(fd)

    def stop_application_mode(self) -> None:
        """Nothing of Textual's reaches the terminal from here on."""
        self._deafen()
        self.terminal.give_back()

    def suspend(self) -> None:
        """Gives the terminal back, stops this process, and takes it again when it continues."""
        self._deafen()
        self.terminal.leave()
        # As the terminal's own Ctrl-Z does: where no shell could let it go on, nothing stops.
        self._loop.remove_signal_handler(signal.SIGTSTP)
        os.kill(0, signal.SIGTSTP)
        self._loop.add_signal_handler(signal.SIGTSTP, self._app.action_suspend_process)
        self.start_application_mode()

    def resume(self) -> None:
        """After a stop that nobody had announced: others may have used the terminal."""
        self._deafen()
        self.terminal.leave()
        self.start_application_mode()
