"""Lines of a screen as plain values: what is painted, before anything paints it.

A Line is a tuple of Spans; a Span is text with the names of its styles and, if
it can be clicked, the action that a click is. No textual here: screens are
composed and tested without a terminal.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from kmodtop_core.plain import clip, harmless, width


class Span(NamedTuple):
    """Harmless text, the names of its styles set apart by spaces, and a click's action."""

    text: str
    style: str = ""
    action: str = ""


Line = tuple[Span, ...]
EMPTY: Line = ()

KEPT = 300
"""Results that are remembered of what is done to each line: from one picture to the next most
lines are the same."""


def cells(line: Line) -> int:
    """Terminal cells that the line takes."""
    return width(text_of(line))


def text_of(line: Line) -> str:
    """The line without styles."""
    return "".join([span[0] for span in line])


@lru_cache(KEPT)
def crop(line: Line, most: int, ellipsis: str) -> Line:
    """At most `most` cells of the line; what is cut off is marked.

    Every line of a screen ends here, so nothing that is not plainly visible gets further.
    """
    if not text_of(line).isprintable():
        line = tuple(span._replace(text=harmless(span.text)) for span in line)
    if cells(line) <= most:
        return line
    kept: list[Span] = []
    room = most
    for span in line:
        wide = width(span.text)
        if wide >= room:
            # One cell of the next span may be hidden too, so the mark stands here.
            text = clip(span.text + " " * (wide == room), room, ellipsis)
            return (*kept, span._replace(text=text))
        kept.append(span)
        room -= wide
    return tuple(kept)


def spread(left: Line, right: Line, wide: int, ellipsis: str) -> Line:
    """`left` at the left and `right` at the right end; `left` gives way."""
    room = wide - cells(right)
    if room < 1:
        return crop(right, wide, ellipsis)
    left = crop(left, room - 1, ellipsis)
    return (*left, Span(" " * (room - cells(left))), *right)


def from_cells(cells: Iterable[tuple[str, str]], action: str = "") -> Line:
    """Characters with their styles as a line, all of it with that action."""
    runs = [
        (style, "".join([char for char, _ in run])) for style, run in groupby(cells, itemgetter(1))
    ]
    return tuple([Span(text, style, action) for style, text in runs])


def padded(line: Line, wide: int) -> Line:
    """The line with blanks up to that many cells."""
    room = wide - cells(line)
    return (*line, Span(" " * room)) if room > 0 else line


def marked(line: Line, wide: int) -> Line:
    """The row under the cursor: turned round once, all colours off; what is bold stays so."""
    return tuple(
        span._replace(style="cursor weight" if _is_bold(span.style) else "cursor")
        for span in padded(line, wide)
    )


def _is_bold(style: str) -> bool:
    return any(name in ("weight", "now") for name in style.split())


def beside(left: Sequence[Line], right: Sequence[Line], wide: int, gap: int = 0) -> list[Line]:
    """Two blocks of lines side by side; the left one has `wide` cells."""
    high = max(len(left), len(right))
    lefts = [*left, *[EMPTY] * (high - len(left))]
    rights = [*right, *[EMPTY] * (high - len(right))]
    return [(*padded(a, wide + gap), *b) for a, b in zip(lefts, rights, strict=True)]
