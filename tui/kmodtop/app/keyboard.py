"""The keyboard: bytes of a terminal to keys, clicks and pastes.

What was typed ahead is handed over together, so that it costs one picture. A
paste whose end is lost is given up, so that keys work again.
"""

import codecs
from collections.abc import Iterable, Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

from kmodtop_core.plain import harmless

_ESCAPE = "\x1b"

_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"

_PASTE_S = 1.0
"""Seconds after which the end of a paste is given up, if hardly anything of it came in them."""

PASTED_A_SECOND = 50
"""Bytes of a paste that come in a second on the slowest line; nobody types so fast."""

MOST_TYPED = 256
"""Characters of a paste, or of a line typed ahead, that are taken: names have 55 at most. The
rest is passed over, and is no keys."""


class Typed(Message):
    """Keys that came together, in order."""

    def __init__(self, keys: list[events.Key]) -> None:
        super().__init__()
        self.keys = keys


class Keyboard:
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
