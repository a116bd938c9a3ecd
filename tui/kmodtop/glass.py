"""Glass: the one widget that paints Lines.

Built on Textual's line API. A new picture is compared with the old one; while
nothing lies over it, only the cells that differ are sent to the terminal.
"""

from collections.abc import Callable
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kmodtop_core.plain import width

from .lines import STYLES, Cell, Line, cells_of, changes
from .terminal import Terminal


@lru_cache(maxsize=256)
def style_of(names: str) -> Style:
    """The style for some names, set apart by spaces."""
    return Style.parse(" ".join(STYLES[name] for name in names.split())) if names else Style.null()


class Glass(Widget, can_focus=True):
    """Shows lines; tells which action stands where it was clicked."""

    DEFAULT_CSS = (
        "Glass { width: 1fr; height: 1fr; background: ansi_default; color: ansi_default; }"
    )

    class Clicked(Message):
        """A click: on the action of a span, which may be none, at a cell of the glass."""

        def __init__(self, action: str, times: int, x: int, y: int) -> None:
            super().__init__()
            self.action, self.times, self.x, self.y = action, times, x, y

    class Dragged(Message):
        """The pointer was moved to a cell with its button held down."""

        def __init__(self, x: int, y: int) -> None:
            super().__init__()
            self.x, self.y = x, y

    class Scrolled(Message):
        """The wheel, by so many lines."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Resized(Message):
        """There is another number of lines or cells to be filled."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._cells: list[list[Cell]] = []
        self._strips: dict[int, Strip] = {}

    def show(self, lines: list[Line]) -> None:
        """Paints these lines; what is as it was is left alone."""
        wide = self.size.width
        if len(lines) != len(self._lines):
            self._lines = lines
            self._cells = [cells_of(line, wide) for line in lines]
            self._strips.clear()
            self.refresh()
            return
        changed = [y for y, line in enumerate(lines) if line != self._lines[y]]
        paint, written = self._painter(), []
        for y in changed:
            old, self._cells[y] = self._cells[y], cells_of(lines[y], wide)
            self._lines[y] = lines[y]
            self._strips.pop(y, None)
            if paint:
                written.append(changes(old, self._cells[y], y, not self.app.no_color))
        if paint:
            paint("".join(written))
        elif changed:
            self.refresh(*(Region(0, y, wide, 1) for y in changed))

    def _painter(self) -> Callable[[str], None] | None:
        """What writes to the terminal, if nothing but this widget is on it.

        Textual sends a changed line again from its left end with every attribute; a table in
        which three figures changed costs ten times what the cells do.
        """
        terminal = self.app._driver
        alone = len(self.app.screen_stack) == 1 and not self.screen.has_class("asking")
        return terminal.paint if isinstance(terminal, Terminal) and alone else None

    def render_lines(self, crop: Region) -> list[Strip]:
        """What Textual paints by itself, out of the present lines: it does not know of paint()."""
        self._styles_cache.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        if y >= len(self._lines):
            return Strip.blank(self.size.width)
        if y not in self._strips:
            self._strips[y] = _strip(self._lines[y], self.size.width)
        return self._strips[y]

    def on_resize(self, event: events.Resize) -> None:
        """Everything has to be made for the new size."""
        self._lines, self._cells = [], []
        self._strips.clear()
        self.post_message(self.Resized())

    def on_click(self, event: events.Click) -> None:
        """Finds the span below the pointer."""
        event.stop()
        at, action = event.x, ""
        for span in self._lines[event.y] if event.y < len(self._lines) else ():
            at -= width(span.text)
            if at < 0:
                action = span.action
                break
        self.post_message(self.Clicked(action, event.chain, event.x, event.y))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """With a button held down it scrubs."""
        if event.button:
            self.post_message(self.Dragged(event.x, event.y))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three lines further, as terminals do."""
        self.post_message(self.Scrolled(3))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three lines back."""
        self.post_message(self.Scrolled(-3))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is."""
        return container.width


def _strip(line: Line, wide: int) -> Strip:
    return Strip([Segment(span.text, style_of(span.style)) for span in line]).adjust_cell_length(
        wide
    )
