"""Lines of a screen as plain values: what is painted, before anything paints it.

A Line is a tuple of Spans; a Span is text with the names of its styles and, if
it can be clicked, the action that a click is. No textual here: screens are
composed and tested without a terminal.
"""

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
