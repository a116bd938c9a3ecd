"""The farewell: what a live view that is left says on the shell's screen."""

from collections.abc import Iterator, Sequence

from kmodtop_core import units
from kmodtop_core.diagnosis.finding import Level
from kmodtop_core.plain import harmless

from .panels.verdict import told, word_of
from .view import View


def farewell(view: View, recorded: Sequence[str]) -> Iterator[str]:
    """One line: what was seen last, who is named, where it is recorded; nothing where nothing
    was seen."""
    glyphs, answer = view.look.glyphs, view.situation.answer
    parts = []
    if answer is not None:
        verdict = answer.verdict
        word = "STORM" if verdict.level is Level.STORM_NOW else word_of(answer)
        lost = (
            "" if answer.total is None else f", {units.size(answer.total, view.look.units)} wasted"
        )
        parts.append(f"{word}{lost}")
        if verdict.confidence is not None:
            parts.append(f"{verdict.who} ({verdict.confidence.value})")
    parts += [f"recorded in {harmless(path)}" for path in recorded]
    if parts:
        yield told("; ".join(parts), glyphs)
