"""Lines as a terminal takes them (ECMA-48), and what to send when cells have changed."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from unicodedata import combining

from kmodtop_core.plain import width

from .lines import Line
from .theme import Theme

_SGR = {"bold": 1, "dim": 2, "underline": 4, "reverse": 7, "red": 31, "green": 32, "yellow": 33,
        "blue": 34, "magenta": 35, "cyan": 36, "on_blue": 44}  # fmt: skip

_COLOURS = 30
"""Codes from which on they are colours."""


@lru_cache(maxsize=256)
def codes(style: str, theme: Theme) -> str:
    """The codes of a style in rising order, as 1;31; empty for plain text."""
    found = {_SGR[word] for word in theme.words(style)}
    return ";".join(str(n) for n in sorted(found) if theme.colours or n < _COLOURS)


def coded(line: Line, theme: Theme) -> str:
    """The line as a terminal takes it."""
    spans = ((codes(span.style, theme), span.text) for span in line)
    return "".join(f"\x1b[{own}m{text}\x1b[0m" if own else text for own, text in spans)


Cell = tuple[str, str]
"""(text, codes) of a cell of the screen; the right half of a wide character has no text."""

BLANK: Cell = (" ", "")

Row = list[Cell]


def cells_of(line: Line, wide: int, theme: Theme) -> Row:
    """`wide` cells."""
    row: Row = []
    for span in line:
        put(row, span.text, codes(span.style, theme))
    row += [BLANK] * (wide - len(row))
    return row[:wide]


def put(row: Row, text: str, style: str) -> None:
    """Adds the cells of a text to a row."""
    if text.isascii() or _is_narrow(text):
        row.extend([(char, style) for char in text])
        return
    for char in text:
        if combining(char) and row:
            row[-1] = (row[-1][0] + char, row[-1][1])  # it takes no cell of its own
            continue
        room = width(char)
        row.append((char, style))
        if room == 2:
            row.append(("", style))


@lru_cache(maxsize=512)
def _is_narrow(text: str) -> bool:
    """Whether each character takes a cell of its own, as those of frames and bars do."""
    return width(text) == len(text) and not any(map(combining, text))


_NEAR = 5
"""Cells that did not change, which are cheaper to send again than to jump over."""

_BACK = 4
"""Cells that backspaces go back more shortly than an address does."""

_TAIL = 8
"""Blank cells at the end of a row from which on erasing is cheaper than writing them."""


class _Pen:
    """What is sent, and where that leaves the terminal's cursor and style."""

    def __init__(self, wide: int) -> None:
        self.parts: list[str] = []
        self.x = self.y = -1
        self._wide = wide
        self._style = ""

    def move(self, x: int, y: int) -> None:
        """To that cell, from 0."""
        if y == self.y + 1 and 0 < self.x - x <= _BACK and self.y >= 0:
            self.parts.append("\x1b[B" + "\b" * (self.x - x))  # the next of a column
        elif y != self.y:
            self.parts.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        elif x != self.x:
            self.parts.append(self._along(x))
        self.x, self.y = x, y

    def _along(self, x: int) -> str:
        """To that cell of the row: by its address, or by how far it is, whichever is shorter."""
        if not x:
            return "\r"
        address, by = f"\x1b[{x + 1}G", x - self.x
        if by < 0 or self.x < 0:
            return "\b" * -by if self.x >= 0 and -by < len(address) else address
        step = f"\x1b[{by if by > 1 else ''}C"
        return step if len(step) < len(address) else address

    def style(self, wanted: str) -> None:
        """Text that follows looks so."""
        if wanted != self._style:
            lead = "0;" if self._style and wanted else ""
            self.parts.append(f"\x1b[{lead}{wanted}m")
            self._style = wanted

    def put(self, cells: Sequence[Cell]) -> None:
        """Writes cells; the last is no left half."""
        for text, style in cells:
            self.style(style)
            self.parts.append(text)
        self.x += len(cells)
        if self.x >= self._wide:
            self.x = -9  # behind the last column terminals differ

    def erase(self) -> None:
        """From here to the end of the row."""
        self.style("")
        self.parts.append("\x1b[K")


def changes(shown: Sequence[Row | None], wanted: Sequence[Row]) -> str:
    """What a terminal has to be sent so that it shows the wanted rows.

    `shown`: what is on it, None for rows of which nothing is known. Begins and ends with no
    style set.
    """
    pen = _Pen(len(wanted[0]) if wanted else 0)
    runs: dict[int, dict[int, int]] = {}
    for y, new in enumerate(wanted):
        old = shown[y] if y < len(shown) else None
        if old is None:
            _whole(pen, new, y)
        elif old is not new and old != new:
            runs[y] = dict(_runs(old, new, _erased_from(pen, old, new, y)))
    for y in runs:
        while runs[y]:
            _column(pen, runs, wanted, y, next(iter(runs[y])))
    pen.style("")
    return "".join(pen.parts)


def _column(
    pen: _Pen, runs: dict[int, dict[int, int]], wanted: Sequence[Row], y: int, first: int
) -> None:
    """A run of cells, then those that begin below it: the bars of a chart grow by columns."""
    while first in runs.get(y, {}):
        last = runs[y].pop(first)
        if pen.y == y and 0 < first - pen.x < _NEAR:
            pen.put(wanted[y][pen.x : first])
        pen.move(first, y)
        pen.put(wanted[y][first:last])
        if last - first > _BACK:
            return
        y += 1


def _whole(pen: _Pen, new: Row, y: int) -> None:
    pen.move(0, y)
    pen.erase()
    pen.put(new[: _blank_from(new)])


def _blank_from(row: Row) -> int:
    """Where the blank end of the row begins."""
    end = len(row)
    while end and row[end - 1] == BLANK:
        end -= 1
    return end


def _erased_from(pen: _Pen, old: Row, new: Row, y: int) -> int:
    """Where the row was erased to its end, as that is shorter; else its length."""
    tail = _blank_from(new)
    if sum(cell != BLANK for cell in old[tail:]) <= _TAIL:
        return len(new)
    pen.move(tail, y)
    pen.erase()
    return tail


def _runs(old: Row, new: Row, end: int) -> Iterator[tuple[int, int]]:
    """Where cells differ, up to `end`; both halves of wide characters together."""
    x = 0
    while x < end:
        if old[x] == new[x]:
            x += 1
            continue
        first = x
        while new[first][0] == "" and first:
            first -= 1
        x += 1
        while x < end and (old[x] != new[x] or new[x][0] == ""):
            x += 1
        while x < len(new) and new[x][0] == "":
            x += 1
        yield first, x
