"""Panels: a widget each over the pure panels of view, on Textual's line API.

A panel composes its lines anew for each scene. Of the rows that differ from those
before, the cells are put on the display at once where nothing lies over the panel;
else Textual's compositor renders them.
"""

from functools import lru_cache
from typing import Any, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from kmodtop_core.plain import width

from ..view.ansi import cells_of
from ..view.lines import EMPTY, Line
from ..view.panels import chart, layout
from ..view.panels.screen import compose
from ..view.scene import Scene
from ..view.theme import Theme
from .display import Display

WHEEL = 3
"""Rows that a step of the wheel moves, as terminals do."""


class Performing(Protocol):
    """The page of a panel: it does what a click asks for."""

    async def perform(self, action: str) -> None:
        """An action of the page, or of the app."""


@lru_cache(maxsize=256)
def style_of(names: str, theme: Theme) -> Style:
    """The style for some names, set apart by spaces."""
    words = " ".join(word.replace("on_", "on ") for word in theme.words(names))
    return Style.parse(words) if words else Style.null()


class Panel(Widget):
    """Shows the lines of the panel `name`; a click on an action is that action."""

    DEFAULT_CSS = "Panel { background: ansi_default; color: ansi_default; }"

    def __init__(self, name: str) -> None:
        super().__init__(name=name, id=name)
        self.panel = name
        self.scene: Scene | None = None
        self._lines: list[Line] = []
        self._made_for = (Size(0, 0), 0)
        self._theme = Theme()

    @property
    def page(self) -> Performing:
        """The screen that this is a panel of."""
        screen: Any = self.screen
        page: Performing = screen
        return page

    def show(self, scene: Scene, painter: Display | None = None) -> None:
        """The scene as it is now; what is as it was is left alone.

        `painter`: where lines can be put at once, as nothing lies over the panel. Textual is not
        asked then to find out what else may have changed, but renders these lines anew when it
        needs them.
        """
        self.scene = scene
        size, old = self.size, self._lines if self._theme == scene.look.theme else []
        self._compose_lines(size)
        if len(old) != len(self._lines):
            self.refresh()
            return
        rows = [y for y, line in enumerate(self._lines) if line is not old[y] and line != old[y]]
        if not rows:
            return
        regions = [Region(0, y, size.width, 1) for y in rows]
        if painter is None:
            self.refresh(*regions)
            return
        self._styles_cache.set_dirty(*regions)
        corner = self.region.offset
        for y in rows:
            cells = cells_of(self._lines[y], size.width, self._theme)
            painter.put(corner.x, corner.y + y, cells)

    def _compose_lines(self, size: Size) -> None:
        if self.scene is None or not size:
            return
        screen_wide = self.screen.size.width
        place = layout.Place(self.panel, 0, 0, *size)
        self._lines = compose(self.scene, place, screen_wide)
        self._made_for, self._theme = (size, screen_wide), self.scene.look.theme

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        if self._made_for != (self.size, self.screen.size.width):
            self._compose_lines(self.size)
        line = self._lines[y] if y < len(self._lines) else EMPTY
        segments = [Segment(span.text, style_of(span.style, self._theme)) for span in line]
        return Strip(segments).adjust_cell_length(self.size.width)

    def action_at(self, x: int, y: int) -> str:
        """What a click on that cell is; empty where it is nothing."""
        for span in self._lines[y] if 0 <= y < len(self._lines) else ():
            x -= width(span.text)
            if x < 0:
                return span.action
        return ""

    async def on_click(self, event: events.Click) -> None:
        """Does what stands below the pointer."""
        event.stop()
        await self.clicked(event)

    async def clicked(self, event: events.Click) -> None:
        """An action, where there is one."""
        if action := self.action_at(event.x, event.y):
            await self.page.perform(action)


class Selecting(Panel):
    """A list: a click selects, two open, the wheel moves in it."""

    async def clicked(self, event: events.Click) -> None:
        """The second click opens what the first has selected."""
        action = self.action_at(event.x, event.y)
        if not action:
            return
        await self.page.perform(action)
        if event.chain > 1 and action.startswith(("select", "choose")):
            await self.page.perform("open")

    async def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """On."""
        event.stop()
        await self.page.perform(f"wheel({WHEEL})")

    async def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back."""
        event.stop()
        await self.page.perform(f"wheel({-WHEEL})")


class Chart(Panel):
    """The chart: a click goes to that moment, dragging scrubs, the wheel moves by columns."""

    edge = 0

    async def _point(self, x: int, y: int) -> None:
        if self.scene is None or not self.edge <= y < self.size.height - self.edge:
            return
        at = chart.moment_at(self.scene, self.size.width - 2 * self.edge, x - self.edge)
        if at is not None:
            await self.page.perform(f"seek({at})")

    async def clicked(self, event: events.Click) -> None:
        """An action of its frame; else to that moment."""
        if action := self.action_at(event.x, event.y):
            await self.page.perform(action)
        else:
            await self._point(event.x, event.y)

    async def on_mouse_move(self, event: events.MouseMove) -> None:
        """With a button held down it scrubs."""
        if event.button:
            await self._point(event.x, event.y)

    async def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """On in time."""
        event.stop()
        await self.page.perform("scrub(1)")

    async def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back in time."""
        event.stop()
        await self.page.perform("scrub(-1)")


class BoxedChart(Chart):
    """The same within a frame."""

    edge = 1


_KINDS: dict[str, type[Panel]] = {
    "table": Selecting,
    "table_box": Selecting,
    "page": Selecting,
    "chart": Chart,
    "chart_box": BoxedChart,
}


def panel_of(name: str) -> Panel:
    """The widget of a panel."""
    return _KINDS.get(name, Panel)(name)
