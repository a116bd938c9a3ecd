"""The last line: keys. Above it, for a moment, a passing message."""

from kmodtop_core.plain import harmless

from ..keys import Shown, shown_keys, sign_of
from ..lines import Line, Span, cells, crop
from ..scene import Scene
from ..theme import Glyphs
from ..view import View
from .verdict import told


def foot(scene: Scene, wide: int) -> Line:
    """The keys of the page; the most needed stay when it is narrow."""
    is_waiting = scene.frame is None or scene.frame.block is None
    shown = list(shown_keys(scene.view, scene.is_static, is_waiting, bool(scene.rows)))
    glyphs = scene.look.glyphs
    while len(shown) > 1 and cells(_keys(shown, glyphs)) > wide:
        worst = max(key.rank for key in shown)
        last = max(i for i, key in enumerate(shown) if key.rank == worst)
        del shown[last]
    return crop(_keys(shown, glyphs), wide, glyphs.ellipsis)


def _keys(shown: list[Shown], glyphs: Glyphs) -> Line:
    spans: list[Span] = [Span(" ")]
    for place, key in enumerate(shown):
        gap = "  " if place < len(shown) - 1 else ""
        spans.append(Span(sign_of(key.key, glyphs), "weight", key.action))
        spans.append(Span(f" {key.text}{gap}", "quiet", key.action))
    return tuple(spans)


def message(view: View, wide: int) -> Line:
    """A passing message, over the row above the keys."""
    glyphs = view.look.glyphs
    line = (Span(glyphs.edge), Span(f" {told(harmless(view.situation.note), glyphs)}", "weight"))
    return crop(line, wide, glyphs.ellipsis)
