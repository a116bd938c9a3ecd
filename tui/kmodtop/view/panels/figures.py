"""Figures: what stands in each column of the table's rows."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kmodtop_core import units
from kmodtop_core.stats.values import FailReason
from kmodtop_core.tracking.rows import Row

from ..rows import Waste
from ..view import Look
from .columns import grown_text
from .plot import Cells

BOTH = FailReason.BECOMING | FailReason.LOAD
"""The reasons that there are; a recording can be hostile."""

REASONS = ("bug", "becoming", "load", "bec+load")
"""By the mask."""

PATTERNS = {"per-cpu": "per CPU", "per-device": "device", "single": "once"}
"""Words of the table, where they differ from those of diagnosis."""


class Given(NamedTuple):
    """A row, and what is known of its module; `most` is the greatest weight of all."""

    row: Row
    waste: Waste
    pattern: str
    most: float
    look: Look


def figures(given: Given, columns: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """The text of each of these columns; of the bar how many cells it fills."""
    return tuple([_TEXTS[name](given, cells) for name, cells in columns])


def _wasted(given: Given) -> str:
    waste, glyphs = given.waste, given.look.glyphs
    if waste.bytes is None:
        return _percent(waste.share, glyphs.about) if waste.share else "?"
    text = units.brief(waste.bytes, given.look.units)
    return f"{glyphs.most}{text}" if waste.at_most else text


def _percent(share: float, about: str = "") -> str:
    return f"{about}{100 * share:.0f} %" if share >= 0.01 else "<1 %"


def _share(waste: Waste) -> str:
    return _percent(waste.share) if waste.share and waste.bytes is not None else ""


def _length(given: Given, cells: int) -> str:
    """As long as what it wasted; 0 is less than a cell, but something."""
    waste = given.waste
    if not given.most or not waste.weight or waste.at_most:
        return ""
    length = waste.weight / given.most * cells
    return str(max(1, round(length))) if length >= 0.5 else "0"


_TEXTS: dict[str, Callable[[Given, int], str]] = {
    "wasted": lambda given, cells: _wasted(given),
    "share": lambda given, cells: _share(given.waste),
    "bar": _length,
    "times": lambda given, cells: units.count(given.row.count),
    "now": lambda given, cells: grown_text(given.row),
    "refused": lambda given, cells: REASONS[int(given.row.reason) & 3],
    "pattern": lambda given, cells: PATTERNS.get(given.pattern, given.pattern),
}


def bar(reason: FailReason, length: str, look: Look, cells: int) -> Cells:
    """Which half of the cells is filled says at which stages it was refused."""
    if not length:
        return [(" ", "")] * cells
    glyphs, fills = look.glyphs, look.theme.has_fills
    both = reason == BOTH
    style = "both" if both else "load" if reason == FailReason.LOAD else "becoming"
    sign = glyphs.lower if style == "becoming" else glyphs.upper
    if both and glyphs.is_ascii:
        sign = glyphs.early
    elif both and not fills:
        sign = glyphs.load
    full = int(length)
    if not full:
        return [(glyphs.sliver, "becoming"), *[(" ", "")] * (cells - 1)]
    return [(sign, style)] * full + [(" ", "")] * (cells - full)
