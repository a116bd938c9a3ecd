"""How it looks: what the names of styles mean under each theme, and the signs of a terminal."""

import os
from collections.abc import Mapping
from typing import NamedTuple

STYLES = {
    "title": "bold reverse",
    "weight": "bold",
    "quiet": "dim",
    "now": "bold red",
    "late": "yellow",
    "good": "green",
    "early": "magenta",
    "becoming": "blue",
    "load": "",
    "both": "on_blue",
    "border": "reverse on_blue",
    "head": "underline",
    "cursor": "reverse",
}
"""Roles. Red, yellow and green say when the harm is, blue and plain ink where in the load path;
no colour has a second meaning. `both` is ink on becoming, `border` becoming on ink. None is a
bright one (the Linux console lacks them, and they
are greys in some themes), and neither black nor white, which a background may be."""

_PLAIN = {
    "now": "bold",
    "late": "",
    "good": "",
    "early": "",
    "becoming": "",
    "both": "",
    "border": "",
}

THEMES: dict[str, dict[str, str]] = {
    "auto": {},
    # For grounds on which yellow cannot be read.
    "light": {"late": "magenta", "early": "cyan"},
    # Blue and yellow are told apart by nearly everybody; red and green never stand for opposites.
    "colour-blind": {"now": "bold yellow", "late": "yellow", "good": "cyan"},
    "plain": _PLAIN,
}
"""What each theme changes. Whatever the colours, signs and words tell the same."""


_STYLES = {name: STYLES | changes for name, changes in THEMES.items()}


class Theme(NamedTuple):
    """One of THEMES, with colours or without."""

    name: str = "auto"
    colours: bool = True

    @property
    def has_fills(self) -> bool:
        """Whether colours tell the stages apart; where not, patterns do."""
        return self.colours and self.name != "plain"

    def words(self, style: str) -> list[str]:
        """What the names in `style`, set apart by spaces, stand for: bold, red, each once."""
        styles = _STYLES[self.name]
        return list(dict.fromkeys(word for name in style.split() for word in styles[name].split()))


AUTO = Theme()


class Glyphs(NamedTuple):
    """The signs of a screen: in Unicode, or in ASCII for terminals that have nothing else.

    `eighths` are the heights of a bar in a cell, from none to full. `lower` and `upper` halves
    stand for becoming and load. `floor` is zero, on which bars stand, `strip` a column in which
    something failed. `borders`: corners from the top left on, clockwise, then the edges.
    """

    live: str = "●"
    simulated: str = "◆"
    waiting: str = "○"
    file: str = "■"
    frozen: str = "‖"
    play: str = "▶"
    up: str = "▲"
    warm: str = "•"
    new: str = "+"
    gone: str = "†"
    failed: str = "×"
    arrow: str = "─→"
    dash: str = "─"
    minus: str = "−"
    dot: str = "·"
    good: str = "✓"
    bad: str = "✗"
    unknown: str = "?"
    none: str = "○"
    edge: str = "▌"
    sure: str = "●"
    unsure: str = "○"
    ellipsis: str = "…"
    about: str = "≈"
    most: str = "≤"
    to: str = "–"
    eighths: str = " ▁▂▃▄▅▆▇█"
    early: str = "▒"
    becoming: str = "░"
    load: str = "█"
    lower: str = "▄"
    upper: str = "▀"
    sliver: str = "▏"
    stage: str = "■"
    bar: str = "▆"
    grid: str = "┈"
    floor: str = "▔"
    tick: str = "╵"
    strip: str = "▀"
    cursor: str = "│"
    line: str = "━"
    here: str = "◀"
    crumb: str = "▸"
    enter: str = "↵"
    sides: str = "←→"
    ups: str = "↑↓"
    down: str = "↓"
    borders: str = "╭╮╯╰─│"
    warn: str = "!"
    sorted_down: str = "▾"
    sorted_up: str = "▴"

    @property
    def is_ascii(self) -> bool:
        """Whether there is nothing else."""
        return self.dash == "-"


UNICODE = Glyphs()

CONSOLE = UNICODE._replace(
    eighths=" ▄▄▄▄▄███", live="•", simulated="♦", waiting="o", file="■", frozen="║", play="►",
    gone="x", good="√", bad="x", none="o", sure="•", unsure="o", dash="─", arrow="─►",
    sliver="│", bar="▄", grid="·", floor="─", tick="│", line="─", here="◄", crumb="►",
    enter="Enter", sides="← →", ups="↑ ↓", borders="┌┐┘└─│", sorted_down="▼", sorted_up="▲",
    to="-",
)  # fmt: skip
"""For the Linux console, whose usual fonts (code page 437, WGL4) have half blocks but neither
eighths nor round corners."""

ASCII = Glyphs(
    live="*", simulated="*", waiting="o", file="=", frozen="||", play=">", up="^", warm="*",
    gone="x", failed="x", arrow="->", dash="-", minus="-", dot="-", good="+", bad="x", none="o",
    edge="|", sure="*", unsure="o", ellipsis="~", about="~", most="<", to="-",
    eighths="   ..::##", early="%", becoming=":", load="#", lower=":", upper="#", sliver=".",
    stage="#", bar="=", grid=".", floor="-", tick="+", strip="=", cursor="|", line="=", here="<",
    crumb=">", enter="Enter", sides="<- ->", ups="Up Dn", down="v", borders="++++-|",
    sorted_down="v", sorted_up="^",
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
