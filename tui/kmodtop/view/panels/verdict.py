"""The answer: badge, what, when, who above everything; and the page of its findings."""

import textwrap
from collections.abc import Iterator

from kmodtop_core import units
from kmodtop_core.diagnosis.finding import Answer, Confidence, Finding, Level
from kmodtop_core.plain import clip, fit, harmless, to_ascii, width
from kmodtop_core.reports.answer import BADGES, DOTS, basis_of, finding_weight, name_of, parts_of

from ..lines import EMPTY, Line, Span, crop
from ..view import View

_SIGNS = {
    Level.HEALTHY: ("good", "good"),
    Level.NEARLY_NONE: ("good", "good"),
    Level.STORM_NOW: ("up", "hot"),
    Level.STORM_OVER: ("warm", "warm"),
    Level.WASTED: ("warm", "warm"),
    Level.FAILING: ("warn", "warn"),
    Level.UNKNOWN: ("waiting", "warn"),
}
"""Sign (a name of Glyphs) and style of each level; its word is that of reports."""

_MOST_MODULES = 8


def told(text: str, view: View) -> str:
    """Harmless, and ASCII where the terminal has nothing else."""
    plain = harmless(text)
    return to_ascii(plain) if view.look.glyphs.dash == "-" else plain


def believed(confidence: Confidence | None, view: View) -> str:
    """The word and its dots; nothing where nobody is named."""
    if confidence is None:
        return ""
    glyphs = view.look.glyphs
    dots = DOTS[confidence].replace("●", glyphs.sure).replace("○", glyphs.unsure)
    return told(f" – {confidence.value} ", view) + dots


def lines(view: View, wide: int, high: int) -> list[Line]:
    """As many of the four lines as there is room for, the most needed first."""
    answer = view.situation.answer
    if answer is None or high < 18 or wide < 50:
        return []
    more = believed(answer.verdict.confidence, view)
    room = wide - 8 - width(more)
    who = clip(told(answer.verdict.who, view), max(8, room), view.look.glyphs.ellipsis)
    last = _row("who", who, view, more)
    found = [badge(answer, view)]
    if high >= 26:
        found += [
            _row("what", answer.verdict.what, view),
            _row("when", answer.verdict.when, view),
        ]
    return [crop(line, wide, view.look.glyphs.ellipsis) for line in (*found, last)]


def _edge(answer: Answer, view: View) -> Span:
    return Span(view.look.glyphs.edge, _SIGNS[answer.verdict.level][1])


def badge(answer: Answer, view: View) -> Line:
    """Sign, level, and what was lost."""
    sign, style = _SIGNS[answer.verdict.level]
    word = BADGES[answer.verdict.level][1]
    if answer.verdict.which:
        word = f"STORM {answer.verdict.which}"
    mark = getattr(view.look.glyphs, sign)
    return (
        _edge(answer, view),
        Span(f" {mark} {word}", f"bold {style}"),
        Span(f"  {told(answer.verdict.head, view)}"),
    )


def _row(name: str, text: str, view: View, more: str = "") -> Line:
    assert view.situation.answer is not None
    return (
        _edge(view.situation.answer, view),
        Span(f" {name:<5}", "dim"),
        Span(told(text, view)),
        Span(more, "bold"),
    )


# ---- the page ----------------------------------------------------------------


def findings_page(view: View, wide: int) -> list[Line]:
    """The answer whole: what, when, who, each finding with its evidence, modules by waste."""
    answer = view.situation.answer
    if answer is None:
        return [EMPTY, (Span("  Nothing is known yet.", "dim"),)]
    verdict = answer.verdict
    lines: list[Line] = [EMPTY, badge(answer, view)]
    for name, text, more in (
        ("what", verdict.what, ""),
        ("when", verdict.when, ""),
        ("who", verdict.who, believed(verdict.confidence, view)),
    ):
        for number, part in enumerate(_wrap(text + more, wide - 8, view)):
            lines.append(_row(name if not number else "", part, view))
    for finding in answer.findings:
        lines += [EMPTY, *_finding(finding, view, wide)]
    if not answer.findings:
        lines += [EMPTY, (Span("  There is nothing to be explained.", "dim"),)]
    if answer.modules:
        lines += [EMPTY, *_modules(answer, view, wide)]
    return lines


def _wrap(text: str, wide: int, view: View) -> list[str]:
    return textwrap.wrap(told(text, view), max(20, wide), break_on_hyphens=False) or [""]


def _finding(finding: Finding, view: View, wide: int) -> Iterator[Line]:
    weight = finding_weight(finding, view.look.units).partition(", ")[2]
    yield (
        Span(f"  {told(finding.title, view)}", "bold"),
        Span(believed(finding.confidence, view)),
        Span(f"  {weight}", "dim"),
    )
    for part in _wrap(f"{finding.sentence}.", wide - 4, view):
        yield (Span(f"  {part}"),)
    for word, texts in parts_of(finding):
        head = word
        for text in texts:
            for part in _wrap(text, wide - 13, view):
                yield (Span(f"  {head:<9}", "dim"), Span(part))
                head = ""
    for advice in finding.next:
        for number, part in enumerate(_wrap(str(advice.text), wide - 13, view)):
            yield (Span(f"  {'next' if not number else '':<9}", "dim"), Span(part))
        for part in _wrap(advice.command, wide - 3, view) if advice.command else ():
            yield (Span(f"  {part}", "bold"),)


def _modules(answer: Answer, view: View, wide: int) -> Iterator[Line]:
    room = max(12, min(40, wide - 52))
    yield (Span(f"  {fit('MODULE, BY WASTE', room)} {'WASTED':>11} {'TIMES':>8}  BASIS", "head"),)
    for entry in answer.modules[:_MOST_MODULES]:
        times = sum(answer.counts.get(module, 0) for module in entry.modules)
        name = fit(told(name_of(entry), view), room, ellipsis=view.look.glyphs.ellipsis)
        amount = units.size(entry.bytes, view.look.units)
        yield (Span(f"  {name} {amount:>11} {units.count(times):>8}  {basis_of(entry)}"),)
