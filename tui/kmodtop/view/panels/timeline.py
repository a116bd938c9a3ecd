"""The line of time of a recording, with its storms; and the list of its boots."""

from kmodtop_core.plain import harmless

from ..lines import EMPTY, Line, Span, crop
from ..view import Deck, View

_LABEL = 10
"""Cells for the moment at each end."""


def timeline(deck: Deck, view: View, wide: int) -> Line:
    """From the first moment to the last: how much was wasted when, and where the reader is."""
    count = columns(wide)
    at = _place(deck, deck.position, count)
    left, right = f"{deck.begin:,.0f} s ", f" {deck.end:,.0f} s"
    bars = _bars(deck, view, count)
    spans = [Span(f"{left:>{_LABEL}}", "dim")]
    for x, bar in enumerate(bars):
        text, style = (view.look.glyphs.live, "key") if x == at else bar
        if spans[-1].style == style and len(spans) > 1:
            spans[-1] = spans[-1]._replace(text=spans[-1].text + text)
        else:
            spans.append(Span(text, style))
    return crop((*spans, Span(right, "dim")), wide, view.look.glyphs.ellipsis)


def _bars(deck: Deck, view: View, count: int) -> list[tuple[str, str]]:
    """(sign, style) of each column: the more was wasted, the higher."""
    parts, most = len(deck.growth), max(deck.growth, default=0.0)
    ramp = view.look.glyphs.eighths.strip()
    signs: list[tuple[str, str]] = []
    for x in range(count):
        first = x * parts // count
        grown = max(deck.growth[first : max(first + 1, (x + 1) * parts // count)], default=0.0)
        if grown > 0:
            # By its root, so that small storms are seen beside a large one.
            height = min(len(ramp) - 1, int((grown / most) ** 0.5 * len(ramp)))
            signs.append((ramp[height], "loss"))
        else:
            signs.append((view.look.glyphs.dash, "dim"))
    return signs


def columns(wide: int) -> int:
    """Cells of the line besides its labels."""
    return max(2, wide - 2 * _LABEL)


def moment_at(deck: Deck, wide: int, x: int) -> float | None:
    """The moment (seconds since boot) at that cell of the line; None beside it."""
    count, column = columns(wide), x - _LABEL
    if not 0 <= column < count:
        return None
    return deck.begin + (deck.end - deck.begin) * column / (count - 1)


def _place(deck: Deck, moment: float, count: int) -> int:
    span = deck.end - deck.begin
    part = (moment - deck.begin) / span if span > 0 else 0.0
    return max(0, min(count - 1, round(part * (count - 1))))


def boots_page(deck: Deck, view: View, wide: int, high: int) -> list[Line]:
    """Which boots the recording has; the one under the cursor is played by Enter."""
    lines: list[Line] = [EMPTY, (Span("  Boots of this recording, oldest first", "title"),), EMPTY]
    room = max(1, high - len(lines))
    top = max(0, min(view.choice.scroll - room + 1, len(deck.boots) - room)) if room else 0
    for number, about in list(enumerate(deck.boots, 1))[top : top + room]:
        mark = view.look.glyphs.play if number == deck.boot else " "
        style = "cursor" if number - 1 == view.choice.scroll else ""
        text = f"  {mark} {number:>3}  {harmless(about)}"
        lines.append(
            crop((Span(text, style, f"choose_boot({number})"),), wide, view.look.glyphs.ellipsis)
        )
    return lines
