"""How it looks: what the names of styles mean under each theme, and the signs of a terminal."""

import os
from collections.abc import Mapping
from typing import NamedTuple

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


_STYLES = {name: STYLES | changes for name, changes in THEMES.items()}


class Theme(NamedTuple):
    """One of THEMES, with colours or without."""

    name: str = "auto"
    colours: bool = True

    def words(self, style: str) -> list[str]:
        """What the names in `style`, set apart by spaces, stand for: bold, red, each once."""
        styles = _STYLES[self.name]
        return list(dict.fromkeys(word for name in style.split() for word in styles[name].split()))


AUTO = Theme()


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
    good: str = "✓"
    edge: str = "▌"
    sure: str = "●"
    unsure: str = "○"
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
    eighths="   ▄▄▄▄██", live="•", simulated="♦", waiting="o", gone="x", axis="│", good="√",
    sure="•", unsure="o",
)  # fmt: skip
"""For the Linux console, whose fonts have half blocks but no eighths."""

ASCII = Glyphs(
    live="*", simulated="*", waiting="o", frozen="||", play=">", up="^", warm=".", gone="x",
    failed="x", arrow="->", dash="-", minus="-", dot="|", good="+", edge="|", sure="*",
    unsure="o", ellipsis="~", eighths="   ..::##",
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
