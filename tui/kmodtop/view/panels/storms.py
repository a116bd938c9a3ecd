"""Storms of a recording: in a row, or as a panel; and the list of its boots."""

from kmodtop_core import units
from kmodtop_core.plain import harmless

from ..lines import EMPTY, Line, Span, crop, marked
from ..scene import Scene
from ..view import Deck
from .chart import peak


def row(scene: Scene, wide: int) -> Line:
    """The storms side by side, the one that is looked at marked."""
    deck, glyphs = scene.view.situation.deck, scene.look.glyphs
    if deck is None or not deck.storms:
        return (Span(" storms  ", "quiet"), Span("none", "quiet"))
    spans = [Span(" storms ", "quiet")]
    for number, storm in enumerate(deck.storms, 1):
        here = _is_here(deck, number - 1)
        action = f"seek({storm.began})"
        amount = units.brief(storm.wasted, scene.look.units)
        spans += [
            Span(f" {number}  ", "now" if here else "late", action),
            Span(f"{storm.began:,.0f} s  ", "", action),
            Span(f"{amount} ", "weight" if here else "", action),
            Span(f"{glyphs.here} here  " if here else "  ", "weight", action),
        ]
    return crop(tuple(spans), wide, glyphs.ellipsis)


def _is_here(deck: Deck, place: int) -> bool:
    storm = deck.storms[place]
    return storm.began <= deck.position <= storm.ended


def panel(scene: Scene, wide: int, high: int, chart_wide: int) -> list[Line]:
    """A line each: when it began, how long it lasted, what it wasted, and its peak, the one that
    a chart of that width shows."""
    deck, glyphs = scene.view.situation.deck, scene.look.glyphs
    if deck is None:
        return []
    text = f"   {'began':>9} {'lasted':>9} {'failed':>8} {'wasted':>11} {'peak':>12}"
    lines: list[Line] = [(Span(text, "quiet"),)]
    for number, storm in enumerate(deck.storms, 1):
        here = _is_here(deck, number - 1)
        amount = units.brief(storm.wasted, scene.look.units)
        action = f"seek({storm.began})"
        most = peak(scene, chart_wide, storm.began, storm.ended)
        rate = "" if most is None else f"{units.brief(most, scene.look.units)}/s"
        lines.append(
            (
                Span(f" {number} ", "now" if here else "late", action),
                Span(f"{storm.began:>7,.1f} s {storm.ended - storm.began:>7,.1f} s", "", action),
                Span(f" {units.count(storm.failures):>8} {amount:>11}", "", action),
                Span(f" {rate:>12}", "", action),
                Span(f" {glyphs.here}" if here else "", "weight", action),
            )
        )
    if not deck.storms:
        lines.append((Span(" none: nothing failed in quick succession", "quiet"),))
    return [crop(line, wide, glyphs.ellipsis) for line in lines[:high]]


def boots(scene: Scene, wide: int, high: int) -> list[Line]:
    """Which boots the recording has; the one under the cursor is played by Enter."""
    deck, glyphs = scene.view.situation.deck, scene.look.glyphs
    if deck is None:
        return [EMPTY, (Span("  This is no recording.", "quiet"),)]
    lines: list[Line] = [EMPTY, (Span("  Boots of this recording, oldest first", "weight"),), EMPTY]
    room = max(1, high - len(lines))
    at = scene.view.choice.scroll
    top = max(0, min(at - room + 1, len(deck.boots) - room))
    for number, about in list(enumerate(deck.boots, 1))[top : top + room]:
        mark = glyphs.play if number == deck.boot else " "
        text = f"  {mark} {number:>3}  {harmless(about)}"
        line = crop((Span(text, "", f"choose_boot({number})"),), wide, glyphs.ellipsis)
        lines.append(marked(line, wide) if number - 1 == at else line)
    return lines
