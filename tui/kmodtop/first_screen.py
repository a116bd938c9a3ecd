"""The first screen, painted before textual is imported.

Importing textual takes some 300 ms; the composed lines need none of it. Textual
then takes over the same alternate screen with the same picture.
"""

import os
import signal
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, NoReturn

from kmodtop_core.tracker import Frame

from .lines import Line, coded
from .panels.layout import screen
from .viewmodel import View

_TAKE = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
_GIVE_BACK = "\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[?1049l\x1b[?25h"


class Taken(NamedTuple):
    """What was painted, if anything, and the modes that the terminal had before (termios(3))."""

    lines: list[Line] | None
    modes: list[Any]


@contextmanager
def first_screen(frame: Frame | None, view: View, colours: bool) -> Iterator["Taken"]:
    """Paints what the frame shows, if there is one, on the terminal, and gives that.

    Within, keys are neither echoed nor held back for a whole line, and signals end the program
    until the app listens to them. At the end the terminal is as it was, also after an exception.
    """
    modes = termios.tcgetattr(0)

    def end(number: int, frame: object) -> NoReturn:
        # No exception: one raised while a module is being imported may be swallowed.
        _write(_GIVE_BACK)
        termios.tcsetattr(0, termios.TCSANOW, modes)
        os._exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)
    try:
        yield Taken(_paint(frame, view, colours) if frame is not None else None, modes)
    except BaseException:
        with suppress(OSError):
            _write(_GIVE_BACK)
        raise
    finally:
        with suppress(termios.error, OSError):  # the terminal may have gone
            termios.tcsetattr(0, termios.TCSANOW, modes)


def _paint(frame: Frame, view: View, colours: bool) -> list[Line]:
    tty.setcbreak(0, termios.TCSANOW)
    wide, high = os.get_terminal_size(1)
    lines = screen(frame, view, max(wide, 1), max(high, 3))
    _write(_TAKE + "\r\n".join(coded(line, colours) for line in lines))
    return lines


def _write(text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(1, data) :]
