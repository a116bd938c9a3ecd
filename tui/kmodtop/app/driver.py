"""Textual's driver over the Terminal: reads and writes on the loop, in no thread of its own.

What was typed ahead is handed over together, so that it costs one picture. A
paste whose end is lost is given up, so that keys work again.
"""

import asyncio
import codecs
import os
import signal
from collections.abc import Iterable, Iterator
from typing import Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.messages import InBandWindowResize

from kmodtop_core.plain import harmless

from ..process.terminal import SCREEN, Terminal

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

_ESCAPE = "\x1b"

_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"

_PASTE_S = 1.0
"""Seconds after which the end of a paste is given up, if hardly anything of it came in them."""

_PASTED_A_SECOND = 50
"""Bytes of a paste that come in a second on the slowest line; nobody types so fast."""

MOST_TYPED = 256
"""Characters of a paste, or of a line typed ahead, that are taken: names have 55 at most. The
rest is passed over, and is no keys."""


class Typed(Message):
    """Keys that came together, in order."""

    def __init__(self, keys: list[events.Key]) -> None:
        super().__init__()
        self.keys = keys


class Gone(Message):
    """The terminal is there no more."""


class Room(Message):
    """The terminal has taken all that was written."""


class TerminalDriver(Driver):
    """Drives an app that has a `terminal`."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self.terminal: Terminal = app.terminal
        self._input = Input()
        self._tick: asyncio.TimerHandle | None = None
        self._pasted = 0
        self._listens = False

    @property
    def can_suspend(self) -> bool:
        """As a job of a shell."""
        return True

    def start_application_mode(self) -> None:
        """At the start, and when the process goes on after it was stopped."""
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
        was_pasting = self._input.is_pasting
        self._hand_over(self._input.feed(data))
        self._pasted = self._pasted + len(data) if was_pasting else 0
        if not (was_pasting and self._input.is_pasting):
            self._tick_soon()

    def _tick_soon(self) -> None:
        """An escape alone is a key once nothing has followed it for a moment."""
        if self._tick is not None:
            self._tick.cancel()
        wait = self._input.patience
        self._tick = None if wait is None else self._loop.call_later(wait, self._on_tick)

    def _on_tick(self) -> None:
        going_on = self._input.is_pasting and self._pasted >= _PASTED_A_SECOND
        self._pasted = 0
        if not going_on:
            self._hand_over(self._input.tick())
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
        """Gives the terminal back, stops this process, and takes it again when it goes on."""
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


class Input:
    """Bytes from a terminal to messages. What is no UTF-8 is passed over."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._parser = XTermParser()
        self._tail = ""
        self._paste: str | None = None
        self._escapes = False

    @property
    def patience(self) -> float | None:
        """Seconds after which `tick` should be called if nothing comes; None if not at all."""
        if self._paste is not None:
            return _PASTE_S
        return ESCAPE_DELAY + 0.01 if self._escapes or self._tail else None

    @property
    def is_pasting(self) -> bool:
        """Whether the end of a paste is still to come."""
        return self._paste is not None

    def feed(self, data: bytes) -> Iterator[Message]:
        """What the bytes mean, as far as that is known by now."""
        text = self._tail + self._decoder.decode(data)
        self._tail = ""
        while text:
            if self._paste is not None:
                pasted, end, text = (self._paste + text).partition(_PASTE_END)
                # The end may have come in part.
                self._paste = pasted if end else pasted[:MOST_TYPED] + pasted[MOST_TYPED:][-5:]
                if not end:
                    return
                yield from self._give_up()
                continue
            keys, begin, text = text.partition(_PASTE)
            if begin:
                self._paste = ""
            else:
                keys, self._tail = _split_tail(keys)
            self._escapes = self._escapes or "\x1b" in keys
            yield from self._parse(keys)

    def tick(self) -> Iterator[Message]:
        """Nothing has come for a while."""
        yield from self._give_up()
        tail, self._tail = self._tail, ""
        self._escapes = len(tail) > 1  # the parser now waits for what follows it
        yield from self._parser.tick()
        if tail == _ESCAPE:
            yield events.Key("escape", _ESCAPE)
        else:
            yield from self._parse(tail)

    def _parse(self, text: str) -> Iterator[Message]:
        """Nothing that a terminal sends may end the program."""
        try:
            yield from self._parser.feed(text) if text else ()
        except Exception:
            self._parser = XTermParser()

    def _give_up(self) -> Iterator[Message]:
        """The paste as far as it has come."""
        pasted, self._paste = self._paste, None
        shown = _plainly((pasted or "")[:MOST_TYPED])
        if shown:
            yield events.Paste(shown)


def _plainly(text: str) -> str:
    """Pasted text without what steers a terminal: it will be shown."""
    spaced = text.replace("\t", " ").replace("\r", "\n")
    return "".join(char for char in spaced if char == "\n" or _is_shown(char))


def _is_shown(char: str) -> bool:
    return harmless(char) == char


def _split_tail(text: str) -> tuple[str, str]:
    """What may be the start of a paste is kept back until more has come."""
    for length in range(len(_PASTE) - 1, 0, -1):
        if text.endswith(_PASTE[:length]):
            return text[:-length], text[-length:]
    return text, ""


def gathered(messages: Iterable[Message]) -> Iterator[Message]:
    """Keys in a row as one message; of moves of the mouse in a row the last."""
    keys: list[events.Key] = []
    move: Message | None = None
    for message in messages:
        if isinstance(message, events.MouseMove):
            move = message
            continue
        if move is not None:
            yield from (*_typed(keys), move)
            keys, move = [], None
        if isinstance(message, events.Key):
            keys.append(message)
            continue
        yield from (*_typed(keys), message)
        keys = []
    yield from _typed(keys)
    if move is not None:
        yield move


def _typed(keys: list[events.Key]) -> Iterator[Message]:
    if keys:
        yield Typed(keys)
