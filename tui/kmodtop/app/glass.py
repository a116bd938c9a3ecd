"""Glass: the one widget that paints Lines.

Built on Textual's line API. A new picture is compared with the old one; while
nothing lies over it, only the cells that differ are sent to the terminal.
"""

from collections.abc import Iterator
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kmodtop_core.plain import width

from ..process.terminal import Terminal
from ..view.ansi import Cell, cells_of, changes, coded
from ..view.lines import Line
from ..view.theme import Theme


@lru_cache(maxsize=256)
def style_of(names: str, theme: Theme) -> Style:
    """The style for some names, set apart by spaces; Textual itself does without colours."""
    return Style.parse(" ".join(theme.words(names))) if names else Style.null()


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
        """There is another number of lines or cells to be filled; or for the first time one."""

        def __init__(self, first: bool) -> None:
            super().__init__()
            self.first = first

    def __init__(self, theme: Theme, painted: list[Line] | None = None) -> None:
        super().__init__()
        self._theme = theme
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._painted = painted
        self._was_sized = False
        self._on_terminal: list[list[Cell]] = []
        self._flushed: list[Line] = []

    def show(self, lines: list[Line]) -> None:
        """Paints these lines; what is as it was is left alone."""
        old, self._lines = self._lines, lines
        changed = [y for y, line in enumerate(lines) if y >= len(old) or line != old[y]]
        for y in changed:
            self._strips.pop(y, None)
        if self.flush():
            return
        if len(old) != len(lines):
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def flush(self) -> bool:
        """Sends the terminal what it lacks, if nothing but this widget is on it; else False.

        Textual sends a changed line again from its left end with every attribute; a table in
        which three figures changed costs ten times what the cells do.
        """
        terminal: Terminal | None = getattr(self.app, "terminal", None)
        alone = len(self.app.screen_stack) == 1 and not self.screen.has_class("asking")
        if terminal is None or not alone:
            self._on_terminal, self._flushed = [], []
            return False
        wide, high = self.size
        if not self._lines or terminal.is_stalled:
            return True  # the picture is still to come
        if self._painted is not None and len(self._painted) == high:
            self._on_terminal = [cells_of(line, wide) for line in self._painted]
            self._flushed = list(self._painted)
        self._painted = None
        if self._on_terminal and len(self._on_terminal[0]) != wide:
            self._on_terminal = []
        if terminal.is_stale:
            terminal.is_stale, self._on_terminal = False, []
        if len(self._on_terminal) == len(self._lines):
            terminal.write("".join(self._changed(wide)))
        else:
            whole = (f"\x1b[{y};1H\x1b[K{coded(line, self._theme)}"
                     for y, line in enumerate(self._lines, 1))  # fmt: skip
            terminal.write("\x1b[0m" + "".join(whole))
            self._on_terminal = [cells_of(line, wide) for line in self._lines]
        self._flushed = list(self._lines)
        return True

    def _changed(self, wide: int) -> Iterator[str]:
        """What the terminal lacks; notes that it has it."""
        known = self._flushed if len(self._flushed) == len(self._lines) else []
        for y, line in enumerate(self._lines):
            if known and (known[y] is line or known[y] == line):
                continue
            old, self._on_terminal[y] = self._on_terminal[y], cells_of(line, wide)
            yield changes(old, self._on_terminal[y], y, self._theme)

    def forget(self) -> None:
        """What is on the terminal may have been garbled."""
        self._on_terminal = []

    def render_lines(self, crop: Region) -> list[Strip]:
        """What Textual paints by itself, out of the present lines: it does not know of paint()."""
        self._styles_cache.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        if y >= len(self._lines):
            return Strip.blank(self.size.width)
        if y not in self._strips:
            self._strips[y] = _strip(self._lines[y], self.size.width, self._theme)
        return self._strips[y]

    def on_resize(self, event: events.Resize) -> None:
        """Everything has to be made for the new size."""
        first, self._was_sized = not self._was_sized, True
        self._lines, self._on_terminal = [], []
        self._strips.clear()
        self.post_message(self.Resized(first))

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


def _strip(line: Line, wide: int, theme: Theme) -> Strip:
    segments = [Segment(span.text, style_of(span.style, theme)) for span in line]
    return Strip(segments).adjust_cell_length(wide)
