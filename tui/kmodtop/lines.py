"""Lines of a screen as plain values: what is painted, before anything paints it.

A Line is a tuple of Spans; a Span is text with the names of its styles and, if
it can be clicked, the action that a click is. No textual here: screens are
composed and tested without a terminal.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from kmodtop_core.plain import clip, harmless, width


class Span(NamedTuple):
    """Harmless text, the names of its styles set apart by spaces, and a click's action."""

    text: str
    style: str = ""
    action: str = ""


Line = tuple[Span, ...]
EMPTY: Line = ()


def cells(line: Line) -> int:
    """Terminal cells that the line takes."""
    return sum(width(span.text) for span in line)


def text_of(line: Line) -> str:
    """The line without styles."""
    return "".join(span.text for span in line)


def crop(line: Line, most: int, ellipsis: str) -> Line:
    """At most `most` cells of the line; what is cut off is marked.

    Every line of a screen ends here, so nothing that is not plainly visible gets further.
    """
    if not all(span.text.isprintable() for span in line):
        line = tuple(span._replace(text=harmless(span.text)) for span in line)
    if cells(line) <= most:
        return line
    kept: list[Span] = []
    for span in line:
        room = most - cells(tuple(kept))
        if width(span.text) >= room:
            # One cell of the next span may be hidden too, so the mark stands here.
            text = clip(span.text + " " * (width(span.text) == room), room, ellipsis)
            return (*kept, span._replace(text=text))
        kept.append(span)
    return tuple(kept)


def spread(left: Line, right: Line, wide: int, ellipsis: str) -> Line:
    """`left` at the left and `right` at the right end; `left` gives way."""
    room = wide - cells(right)
    if room < 1:
        return crop(right, wide, ellipsis)
    left = crop(left, room - 1, ellipsis)
    return (*left, Span(" " * (room - cells(left))), *right)


def styled(line: Line, style: str) -> Line:
    """The line with one style more on each of its spans."""
    return tuple(span._replace(style=f"{span.style} {style}".strip()) for span in line)


STYLES = {
    "title": "bold reverse",
    "bold": "bold",
    "dim": "dim",
    "loss": "bold red",
    "hot": "bold red",
    "warm": "yellow",
    "good": "green",
    "warn": "bold yellow",
    "head": "bold underline",
    "key": "bold cyan",
    "cursor": "reverse",
    "stage0": "magenta",
    "stage1": "cyan",
    "stage2": "yellow",
    "stage3": "red",
}
"""The terminal's own sixteen colours, none of the bright ones (the Linux console lacks them)."""

_PLAIN = {
    "loss": "bold",
    "hot": "bold",
    "warm": "underline",
    "good": "",
    "warn": "bold",
    "key": "bold",
    "stage0": "",
    "stage1": "",
    "stage2": "",
    "stage3": "",
}

THEMES: dict[str, dict[str, str]] = {
    "auto": {},
    "light": {"warm": "magenta", "warn": "bold magenta", "stage1": "blue", "stage2": "green"},
    # Blue and yellow are told apart by nearly everybody; red and green never stand for opposites.
    "colour-blind": {
        "loss": "bold yellow",
        "hot": "bold yellow",
        "warm": "yellow",
        "good": "blue",
        "warn": "bold underline",
        "stage0": "cyan",
        "stage1": "blue",
        "stage2": "yellow",
        "stage3": "bold yellow",
    },
    "plain": _PLAIN,
}
"""What each theme changes. Whatever the colours, signs and words tell the same."""


def use_theme(name: str) -> None:
    """Once, before anything is painted."""
    STYLES.update(THEMES[name])
    sgr.cache_clear()


_SGR = {"bold": 1, "dim": 2, "underline": 4, "reverse": 7, "red": 31, "green": 32, "yellow": 33,
        "blue": 34, "magenta": 35, "cyan": 36}  # fmt: skip


@lru_cache(maxsize=256)
def sgr(style: str, colours: bool) -> str:
    """The escape sequence that begins a style after a reset (ECMA-48); empty for plain text."""
    words = [word for name in style.split() for word in STYLES[name].split()]
    codes = [str(_SGR[word]) for word in dict.fromkeys(words) if colours or _SGR[word] < 10]
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def coded(line: Line, colours: bool) -> str:
    """The line as a terminal takes it."""
    spans = ((sgr(span.style, colours), span.text) for span in line)
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


def changes(old: list[Cell], new: list[Cell], y: int, colours: bool) -> str:
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
            start = sgr(wanted, colours)
            if start != style:
                parts.append("\x1b[0m" * bool(style) + start)
                style = start
            parts.append(text)
        x = at = x + 1
        while x < count and new[x][0] == "":
            x = at = x + 1
    return "".join(parts) + ("\x1b[0m" if style else "")


class Glyphs(NamedTuple):
    """The signs of a screen: in Unicode, or in ASCII for terminals that have nothing else."""

    live: str = "●"
    simulated: str = "◆"
    waiting: str = "○"
    frozen: str = "■"
    play: str = "►"
    up: str = "▲"
    warm: str = "•"
    new: str = "+"
    gone: str = "†"
    failed: str = "×"
    arrow: str = "─►"
    dash: str = "─"
    minus: str = "−"
    dot: str = "·"
    ellipsis: str = "…"
    eighths: str = " ▁▂▃▄▅▆▇█"
    fills: str = "░▒▓█"
    axis: str = "┤"
    origin: str = "┼"
    warn: str = "!"
    sorted_down: str = "▼"
    sorted_up: str = "▲"


UNICODE = Glyphs()
"""All but the eighths are in the Linux console's usual fonts (code page 437, WGL4)."""

CONSOLE = UNICODE._replace(
    eighths="   ▄▄▄▄██", live="•", simulated="♦", waiting="o", gone="x", axis="│"
)
"""For the Linux console, whose fonts have half blocks but no eighths."""

ASCII = Glyphs(
    live="*", simulated="*", waiting="o", frozen="||", play=">", up="^", warm=".", gone="x",
    failed="x", arrow="->", dash="-", minus="-", dot="|", ellipsis="~", eighths="   ..::##",
    fills=".:+#", axis="|", origin="+", sorted_down="v", sorted_up="^",
)  # fmt: skip

_PLAIN_TERMINALS = ("dumb", "vt52", "vt100", "vt102", "vt220", "unknown")


def environ_at_start() -> dict[str, str]:
    """The environment that this process was given (proc(5), /proc/self/environ)."""
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().decode("utf-8", "replace").split("\0")
    except OSError:
        return dict(os.environ)
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def has_no_color(environ: Mapping[str, str]) -> bool:
    """Whether NO_COLOR asks for no colours; an empty one does not (no-color.org)."""
    return bool(environ.get("NO_COLOR"))


def glyphs_for(environ: Mapping[str, str]) -> Glyphs:
    """The signs that a terminal can show, going by locale(7) and TERM as they were at the start.

    `environ` must be that of the start: Python itself sets LC_CTYPE when the locale is C.
    """
    names = (environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next((name for name in names if name), "C").lower().replace("-", "")
    term = environ.get("TERM", "")
    if "utf8" not in locale or term.startswith(_PLAIN_TERMINALS):
        return ASCII
    return CONSOLE if term == "linux" else UNICODE
