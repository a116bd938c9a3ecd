"""Boxes: frames round panels, with a title in the upper edge and notes in both."""

from collections.abc import Sequence
from functools import lru_cache

from ..lines import EMPTY, KEPT, Line, Span, cells, crop, padded
from ..theme import Glyphs


def boxed(
    lines: Sequence[Line],
    wide: int,
    high: int,
    glyphs: Glyphs,
    title: Line,
    keys: Line = (),
    note: str = "",
) -> list[Line]:
    """`high` lines of `wide` cells: a frame with the lines in it.

    The title stands left in the upper edge, the panel's keys right; a note right in the lower.
    """
    top_left, top_right, low_right, low_left, across, upright = list(glyphs.borders)
    body = [*lines, *[EMPTY] * high][: max(0, high - 2)]
    framed = [_edge(top_left, title, keys, top_right, across, wide, glyphs)]
    framed += [_between(line, max(0, wide - 2), upright, glyphs.ellipsis) for line in body]
    foot = (Span(note, "quiet"),) if note else ()
    framed.append(_edge(low_left, (), foot, low_right, across, wide, glyphs))
    return framed[:high]


@lru_cache(KEPT)
def _between(line: Line, inner: int, upright: str, ellipsis: str) -> Line:
    side = Span(upright, "quiet")
    return (side, *padded(crop(line, inner, ellipsis), inner), side)


def _edge(
    left: str, title: Line, right: Line, end: str, across: str, wide: int, glyphs: Glyphs
) -> Line:
    room = wide - 4
    head: Line = (Span(f"{across} ", "quiet"), *title, Span(" ")) if title else ()
    tail: Line = (Span(" "), *right, Span(f" {across}", "quiet")) if right else ()
    if cells(head) + cells(tail) > room:
        tail = ()
    head = crop(head, max(0, room), glyphs.ellipsis)
    fill = across * max(0, wide - 2 - cells(head) - cells(tail))
    return (Span(left, "quiet"), *head, Span(fill, "quiet"), *tail, Span(end, "quiet"))


def keys_of(*keys: tuple[str, str, str]) -> Line:
    """Keys of a panel: (key, what it does, action)."""
    spans: list[Span] = []
    for key, text, action in keys:
        lead = "  " if spans else ""
        spans += [Span(lead), Span(key, "weight", action), Span(f" {text}", "quiet", action)]
    return tuple(spans)
