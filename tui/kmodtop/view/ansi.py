"""Lines as a terminal takes them (ECMA-48), and what to send when one has changed."""

from functools import lru_cache

from kmodtop_core.plain import width

from .lines import Line
from .theme import Theme

_SGR = {"bold": 1, "dim": 2, "underline": 4, "reverse": 7, "red": 31, "green": 32, "yellow": 33,
        "blue": 34, "magenta": 35, "cyan": 36}  # fmt: skip


@lru_cache(maxsize=256)
def sgr(style: str, theme: Theme) -> str:
    """The escape sequence that begins a style after a reset (ECMA-48); empty for plain text."""
    codes = [str(_SGR[w]) for w in theme.words(style) if theme.colours or _SGR[w] < 10]
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def coded(line: Line, theme: Theme) -> str:
    """The line as a terminal takes it."""
    spans = ((sgr(span.style, theme), span.text) for span in line)
    return "".join(f"{start}{text}\x1b[0m" if start else text for start, text in spans)


Cell = tuple[str, str]
"""(text, style) of a cell of the screen; the right half of a wide character has no text."""


def cells_of(line: Line, wide: int) -> list[Cell]:
    """`wide` cells."""
    found: list[Cell] = []
    for span in line:
        for char in span.text:
            room = width(char)
            if room == 0 and found:
                found[-1] = (found[-1][0] + char, found[-1][1])
            else:
                found.append((char, span.style))
                found += [("", span.style)] * (room - 1)
    found += [(" ", "")] * (wide - len(found))
    return found[:wide]


_NEAR = 6
"""Cells that did not change, which are cheaper to send again than to jump over."""


def changes(old: list[Cell], new: list[Cell], y: int, theme: Theme) -> str:
    """What a terminal has to be sent so that line `y`, from 0, shows the new cells.

    Begins and ends with no style set.
    """
    parts: list[str] = []
    at, style, x, count = -1, "", 0, len(new)
    while x < count:
        if old[x] == new[x]:
            x += 1
            continue
        if new[x][0] == "":
            x -= 1  # the left half too
        near = 0 <= at <= x < at + _NEAR
        if not near:
            parts.append(f"\x1b[{y + 1};{x + 1}H")
        for place in range(at if near else x, x + 1):
            text, wanted = new[place]
            start = sgr(wanted, theme)
            if start != style:
                parts.append("\x1b[0m" * bool(style) + start)
                style = start
            parts.append(text)
        x = at = x + 1
        while x < count and new[x][0] == "":
            x = at = x + 1
    return "".join(parts) + ("\x1b[0m" if style else "")
