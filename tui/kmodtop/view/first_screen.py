"""The first screen, painted before textual is imported.

Importing textual takes some 300 ms; the composed lines need none of it. Textual
then takes over the same alternate screen with the same picture.
"""

from ..process.terminal import SCREEN, Terminal
from .ansi import Row, cells_of, coded
from .panels.screen import screen
from .scene import Scene


def first_screen(terminal: Terminal, scene: Scene | None) -> list[Row] | None:
    """Takes the terminal, and paints the scene, if there is one; returns what it then shows."""
    terminal.take()
    size = terminal.size()
    if scene is None or size is None:
        return None
    theme = scene.look.theme
    lines = screen(scene, *size)
    for on, off in SCREEN:
        terminal.enter(on, off)
    terminal.write("\x1b[H\x1b[2J" + "\r\n".join(coded(line, theme) for line in lines))
    terminal.is_stale = False
    return [cells_of(line, size[0], theme) for line in lines]
