"""Page: the screen that a page of the view is; it shows a scene in the panels of its layout."""

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ..view import moves
from ..view.panels import layout
from ..view.panels.screen import page_length
from ..view.scene import Scene
from ..view.view import View
from .base import Base
from .display import Display
from .panels import Panel, panel_of
from .planned import Planned
from .prompt import Prompt

MOVES = (
    Binding("up,k", "move(-1)", show=False),
    Binding("down,j", "move(1)", show=False),
    Binding("pageup", "page(-1)", show=False),
    Binding("pagedown", "page(1)", show=False),
    Binding("home,g", "far(-1)", show=False),
    Binding("end,G", "far(1)", show=False),
    Binding("enter", "open", show=False),
)
"""Keys that every page has; what they do is an action of its own."""

_FAR = 1 << 20


class PageScreen(Screen[None]):
    """A page: shows a scene in the panels of its layout; moving scrolls it."""

    CSS = """
    PageScreen { background: ansi_default; layers: default over; overflow: hidden; }
    """
    AUTO_FOCUS = ""  # keys are the page's, until something is asked for
    BINDINGS: ClassVar[list[BindingType]] = [*MOVES]
    PANELS: ClassVar[tuple[str, ...]] = ("head", "verdict", "page", "foot", "message")

    def __init__(self) -> None:
        super().__init__()
        self._planned = Planned()
        self._places: list[layout.Place] = []
        self._shown: set[str] = set()
        self._panels: list[Panel] = []
        self._scene: Scene | None = None
        self.prompt = Prompt()

    @property
    def layout(self) -> Planned:
        """Panels stand where view puts them."""
        return self._planned

    @property
    def scene(self) -> Scene:
        """What it shows, or is about to show."""
        if self._scene is None:
            self._scene = self.kmodtop.scene()
        return self._scene

    @property
    def kmodtop(self) -> Base:
        """The app."""
        app: Any = self.app
        owner: Base = app
        return owner

    @property
    def view(self) -> View:
        """What the reader has chosen by now."""
        return self.kmodtop.view

    def compose(self) -> ComposeResult:
        """The panels that the page has at any size."""
        self._panels = [panel_of(name) for name in self.PANELS]
        yield from self._panels
        yield self.prompt

    def show(self, scene: Scene, painter: Display | None = None) -> None:
        """Takes over a scene; panels are placed anew only where they stand elsewhere.

        `painter`: for lines over which nothing lies.
        """
        self._scene = scene
        places = layout.places(scene, *self.size)
        if places != self._places:
            self._places, self._shown = places, {place.panel for place in places}
            # Asked for by a child, as Textual then forgets how it has arranged them.
            self.prompt.refresh(layout=True)
            painter = None
        if "message" in self._shown or self.prompt.is_asking or self._layout_required:
            painter = None
        for panel in self._panels:
            if panel.panel in self._shown:
                panel.show(scene, painter)
            else:
                panel.scene = scene

    async def perform(self, action: str) -> None:
        """An action of this page, or of the app."""
        name = action.partition("(")[0]
        owner = self if hasattr(self, f"action_{name}") else self.app
        await self.app.run_action(action, owner)

    def on_screen_resume(self) -> None:
        """It has become the page that is shown, or is so again after the palette."""
        self.kmodtop.show_soon()

    def on_resize(self, event: events.Resize) -> None:
        """There is another number of rows to be filled."""
        self.kmodtop.show_soon()

    @property
    def rows(self) -> int:
        """Lines between the first and the last."""
        return max(1, self.size.height - 2)

    def action_move(self, by: int) -> None:
        """Scrolls."""
        last = page_length(self.scene, self.size.width, self.rows)
        self.kmodtop.set_view(moves.scroll(self.view, by, last))

    def action_wheel(self, by: int) -> None:
        """Scrolls; lists move."""
        self.action_move(by)

    def action_page(self, by: int) -> None:
        """A page up or down."""
        self.action_move(by * max(1, self.rows - 1))

    def action_far(self, by: int) -> None:
        """To one of the ends."""
        self.action_move(by * _FAR)

    def action_open(self) -> None:
        """Nothing, on most pages."""
