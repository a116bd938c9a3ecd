"""The first screen, painted before textual is imported.

Importing textual takes some 300 ms; the composed lines need none of it. Textual
then takes over the same alternate screen with the same picture.
"""

from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.history import Past

from ..process.terminal import SCREEN, Terminal
from .ansi import coded
from .lines import Line
from .panels.layout import screen
from .view import View


def first_screen(
    terminal: Terminal, frame: Frame | None, past: Past, view: View
) -> list[Line] | None:
    """Takes the terminal, and paints what the frame shows, if there is one; returns that."""
    terminal.take()
    size = terminal.size()
    if frame is None or size is None:
        return None
    lines = screen(frame, past, view, *size)
    for on, off in SCREEN:
        terminal.enter(on, off)
    terminal.write("\x1b[H\x1b[2J" + "\r\n".join(coded(line, view.look.theme) for line in lines))
    terminal.is_stale = False
    return lines
