"""Glass: the one widget that paints Lines.

Built on Textual's line API: a new picture is compared with the old one, and
only lines that differ are converted and refreshed. (A DataTable costs ten times
htop's whole refresh.)
"""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kmodtop_core.plain import width

from .lines import STYLES, Line


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
        self._strips: list[Strip] = []

    def show(self, lines: list[Line]) -> None:
        """Paints these lines; those that are as they were are left alone."""
        wide = self.size.width
        if len(lines) != len(self._lines):
            self._lines = lines
            self._strips = [_strip(line, wide) for line in lines]
            self.refresh()
            return
        changed = [y for y, line in enumerate(lines) if line != self._lines[y]]
        for y in changed:
            self._lines[y] = lines[y]
            self._strips[y] = _strip(lines[y], wide)
        if changed:
            self.refresh(*(Region(0, y, wide, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def on_resize(self, event: events.Resize) -> None:
        """Everything has to be made for the new size."""
        self._lines, self._strips = [], []
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
