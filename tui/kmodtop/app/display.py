"""Display: what Textual's compositor wants to show against what is on the terminal.

Textual sends a changed span again from the left edge of its widget, each segment
with all its attributes. Here every update ends in a grid of cells, and only the
cells that differ from those on the terminal are sent: widgets may refresh as
freely as they like. While the terminal has not taken what was sent, nothing is
added; the next picture is what counts by then.
"""

from collections.abc import Iterable
from functools import lru_cache

from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Offset
from textual.strip import Strip

from ..process.terminal import Terminal
from ..view.ansi import BLANK, Row, changes, put

_ATTRIBUTES = (
    ("bold", 1),
    ("dim", 2),
    ("italic", 3),
    ("underline", 4),
    ("blink", 5),
    ("reverse", 7),
    ("strike", 9),
)

_LARGE = 400
"""Bytes of an update from which on a terminal is told to show it at once (mode 2026)."""


@lru_cache(maxsize=1024)
def codes_of(style: Style | None, colours: bool) -> str:
    """The codes of one of Textual's styles, in the order of view.ansi.codes; at most 256
    colours, as a terminal that has more shows these all the same."""
    if style is None:
        return ""
    found = [str(number) for name, number in _ATTRIBUTES if getattr(style, name)]
    for colour, is_ink in ((style.color, True), (style.bgcolor, False)):
        if colours and colour is not None and not colour.is_default:
            found += colour.downgrade(ColorSystem.EIGHT_BIT).get_ansi_codes(foreground=is_ink)
    return ";".join(found)


class Display:
    """The cells that are on a terminal, and those that should be."""

    def __init__(self, terminal: Terminal, colours: bool) -> None:
        self._terminal, self._colours = terminal, colours
        self._shown: list[Row | None] = []
        self._wanted: list[Row] = []
        self._cursor: Offset | None = None
        self.is_synchronised = False

    def seed(self, rows: list[Row]) -> None:
        """What somebody else has painted, so that it need not be sent again."""
        self._shown = list(rows)

    def forget(self) -> None:
        """Nothing is known of what is on the terminal."""
        self._shown, self._cursor = [], None

    def take(self, update: CompositorUpdate) -> bool:
        """What the compositor wants to show; False for what it is not known to make."""
        if isinstance(update, LayoutUpdate):
            self._take_all(update)
        elif isinstance(update, ChopsUpdate) and self._wanted:
            for y, left, right in update.spans:
                self._take_span(update, y, left, right)
        else:
            return False
        return True

    def _take_all(self, update: LayoutUpdate) -> None:
        region = update.region
        wide, high = region.width, region.height
        if self._shown and (len(self._shown), len(self._shown[0] or ())) != (high, wide):
            self._shown = []
        rows = []
        for strips in list(update.strips)[:high]:
            row = self._cells(strips)
            rows.append((row + [BLANK] * (wide - len(row)))[:wide])
        rows += [[BLANK] * wide for _ in range(high - len(rows))]
        self._wanted = rows

    def _take_span(self, update: ChopsUpdate, y: int, left: int, right: int) -> None:
        if not 0 <= y < len(self._wanted):
            return
        row = list(self._wanted[y])
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x >= right or end <= left:
                continue
            cells = self._cells([strip])[: end - x]
            row[x : x + len(cells)] = cells
        self._wanted[y] = row[: len(self._wanted[y])]

    @property
    def is_ready(self) -> bool:
        """Whether Textual has told once what the whole screen is to show."""
        return bool(self._wanted)

    def put(self, x: int, y: int, cells: Row) -> None:
        """What part of a line is to show, by whoever knows that nothing lies over it."""
        if 0 <= y < len(self._wanted):
            row = self._wanted[y]
            wanted = row[:x] + cells + row[x + len(cells) :]
            self._wanted[y] = wanted[: len(row)]

    def _cells(self, strips: Iterable[Strip]) -> Row:
        row: Row = []
        for strip in strips:
            for text, style, control in strip:
                if not control:
                    put(row, text, codes_of(style, self._colours))
        return row

    def send(self, cursor: Offset) -> None:
        """Sends what the terminal lacks. `cursor`: where an input line is written in, so that
        an input method opens there; at the origin when none is."""
        if self._terminal.is_stalled or not self._wanted:
            return
        if self._terminal.is_stale:
            self._terminal.is_stale = False
            self.forget()
        text = changes(self._shown, self._wanted)
        self._shown = list(self._wanted)
        if cursor != (0, 0) and (text or cursor != self._cursor):
            text += f"\x1b[{cursor.y + 1};{cursor.x + 1}H"
        self._cursor = cursor
        if self.is_synchronised and len(text) > _LARGE:
            text = f"\x1b[?2026h{text}\x1b[?2026l"
        self._terminal.write(text)
