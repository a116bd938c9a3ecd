"""The page of findings: each with its confidence; of the selected one the evidence, whole."""

import textwrap
from collections.abc import Iterator

from kmodtop_core import units
from kmodtop_core.diagnosis.finding import Answer, Confidence, Finding, Level
from kmodtop_core.plain import fit
from kmodtop_core.reports.answer import basis_of, name_of, parts_of

from ..lines import EMPTY, Line, Span, beside, crop, marked
from ..scene import Scene
from ..view import View
from . import verdict
from .box import boxed, keys_of
from .verdict import dots, told

_MOST_MODULES = 12
_ASIDE = 42
"""Cells of the panel with a finding's modules, on screens that have room beside the text."""


def page(scene: Scene, wide: int, high: int) -> list[Line]:
    """The badge, the list of findings, and the selected one; the text scrolls."""
    answer, view = scene.view.situation.answer, scene.view
    if answer is None:
        return [EMPTY, (Span("  Nothing is known yet.", "quiet"),)]
    lines = [verdict.badge(answer, scene), EMPTY]
    chosen = selected(answer, view)
    if chosen is None:
        lines += [(Span("  There is nothing to be explained.", "quiet"),), EMPTY]
        lines += _whole(answer, view, wide)
        return _cropped(lines, wide, high, view)
    lines += list_of(scene, wide, room_for(answer, high), chosen)
    lines.append(EMPTY)
    room = high - len(lines)
    aside = wide >= 110 and answer.modules
    text_wide = wide - _ASIDE - 1 if aside else wide
    finding = answer.findings[chosen]
    detail = list(_detail(answer, finding, view, text_wide))
    if not aside:
        detail += _modules(answer, finding, view, wide)
    top = min(view.choice.scroll, max(0, len(detail) - room))
    block = [crop(line, text_wide, view.look.glyphs.ellipsis) for line in detail[top : top + room]]
    if aside:
        block = beside(block, _aside(answer, chosen, scene, room), text_wide, 1)
    return _cropped([*lines, *block], wide, high, view)


def detail_lines(scene: Scene, wide: int) -> int:
    """How long the scrolled text is."""
    answer = scene.view.situation.answer
    chosen = selected(answer, scene.view) if answer is not None else None
    if answer is None or chosen is None:
        return 0
    aside = wide >= 110 and answer.modules
    text_wide = wide - _ASIDE - 1 if aside else wide
    finding = answer.findings[chosen]
    more = 0 if aside else len(list(_modules(answer, finding, scene.view, wide)))
    return len(list(_detail(answer, finding, scene.view, text_wide))) + more


def selected(answer: Answer, view: View) -> int | None:
    """The place of the finding that is looked at; None where there is none."""
    count = len(answer.findings)
    return min(view.choice.finding, count - 1) if count else None


def room_for(answer: Answer, high: int) -> int:
    """Findings that the list shows at once."""
    return max(1, min(len(answer.findings), max(2, high // 4)))


def list_of(scene: Scene, wide: int, room: int, chosen: int | None) -> list[Line]:
    """A head, and a line for each finding: what, how sure, how much, the first evidence."""
    answer, view, glyphs = scene.view.situation.answer, scene.view, scene.look.glyphs
    if answer is None:
        return []
    title = max(12, wide - 26 if wide < 64 else min(46, wide - 48))
    text = (
        f"  {fit('FINDING', title, ellipsis=glyphs.ellipsis)} {'CONFIDENCE':<12} {'WASTED':>10}  "
    )
    text = f"{text}EVIDENCE".ljust(wide)
    lines: list[Line] = [crop((Span(text, "head"),), wide, glyphs.ellipsis)]
    top = max(0, min((chosen or 0) - room + 1, len(answer.findings) - room))
    for place, finding in list(enumerate(answer.findings))[top : top + room]:
        line = crop(_summary(finding, view, title, place), wide, glyphs.ellipsis)
        lines.append(marked(line, wide) if place == chosen and len(answer.findings) > 1 else line)
    return lines


def _summary(finding: Finding, view: View, title: int, place: int) -> Line:
    glyphs = view.look.glyphs
    action = f"choose_finding({place})"
    sign, style = (glyphs.warm, "late") if finding.accuses else (glyphs.dot, "quiet")
    wasted = glyphs.dash if not finding.wasted else units.brief(finding.wasted, view.look.units)
    about = f"{glyphs.about}{wasted}" if finding.is_about and finding.wasted else wasted
    evidence = told(finding.evidence[0], glyphs) if finding.evidence else _spread(finding)
    return (
        Span(f"{sign} ", style, action),
        Span(fit(told(finding.title, glyphs), title, ellipsis=glyphs.ellipsis), "weight", action),
        Span(f" {finding.confidence.value:<8} {dots(finding.confidence, glyphs)}", "", action),
        Span(f" {about:>10}  ", "", action),
        Span(evidence, "quiet", action),
    )


def _spread(finding: Finding) -> str:
    return units.counted(len(finding.modules), "module") if finding.modules else ""


def _cropped(lines: list[Line], wide: int, high: int, view: View) -> list[Line]:
    return [crop(line, wide, view.look.glyphs.ellipsis) for line in lines[:high]]


# ---- the selected one --------------------------------------------------------


def _detail(answer: Answer, finding: Finding, view: View, wide: int) -> Iterator[Line]:
    glyphs = view.look.glyphs
    yield (
        Span(f" {told(finding.title, glyphs)}", "weight"),
        Span(_sure(finding.confidence, view)),
    )
    yield EMPTY
    yield from _worded("what", f"{finding.sentence}.", view, wide)
    for word, texts in parts_of(finding):
        head = {"evidence": "proof", "against": "not"}[word]
        for text in texts:
            yield from _worded(head, text, view, wide)
            head = ""
    if finding.next:
        yield EMPTY
    for number, advice in enumerate(finding.next, 1):
        yield from _worded("next" if number == 1 else "", f"{number}  {advice.text}", view, wide)
        for part in _wrap(advice.command, wide - 12, view) if advice.command else ():
            yield (Span(f"           {part}", "weight"),)
    if finding.next:
        yield from _worded(
            "", f"{len(finding.next) + 1}  show it to others: c copies a report", view, wide
        )
    bursts = list(_bursts(answer, view, wide))
    yield from [EMPTY, *bursts] if bursts else ()


def _sure(confidence: Confidence, view: View) -> str:
    return verdict.believed(confidence, view.look.glyphs)


def _worded(word: str, text: str, view: View, wide: int) -> Iterator[Line]:
    for number, part in enumerate(_wrap(text, wide - 9, view)):
        yield (Span(f" {word if not number else '':<6} ", "quiet"), Span(part))


def _wrap(text: str, wide: int, view: View) -> list[str]:
    plain = told(text, view.look.glyphs)
    return textwrap.wrap(plain, max(16, wide), break_on_hyphens=False) or [""]


def _whole(answer: Answer, view: View, wide: int) -> Iterator[Line]:
    for name, text in (
        ("what", answer.verdict.what), ("when", answer.verdict.when), ("who", answer.verdict.who),
    ):  # fmt: skip
        yield from _worded(name, text, view, wide)


def _modules(answer: Answer, finding: Finding, view: View, wide: int) -> Iterator[Line]:
    """The finding's own, by waste."""
    theirs = set(finding.modules)
    entries = [e for e in answer.modules if not theirs or theirs & set(e.modules)]
    if not entries:
        return
    glyphs = view.look.glyphs
    room = max(12, min(40, wide - 52))
    head = f" {'MODULE, BY WASTE':<{room}} {'WASTED':>11} {'TIMES':>8}  {'BASIS':<16}"
    yield EMPTY
    yield (Span(head, "head"),)
    for entry in entries[:_MOST_MODULES]:
        times = sum(answer.counts.get(module, 0) for module in entry.modules)
        name = fit(told(name_of(entry), glyphs), room, ellipsis=glyphs.ellipsis)
        amount = units.brief(entry.bytes, view.look.units)
        yield (Span(f" {name} {amount:>11} {units.count(times):>8}  {basis_of(entry)}"),)


def _aside(answer: Answer, chosen: int, scene: Scene, high: int) -> list[Line]:
    """The finding's modules, by waste."""
    glyphs, finding = scene.look.glyphs, answer.findings[chosen]
    theirs = set(finding.modules) or set(answer.counts)
    known = {m: e for e in answer.modules if len(e.modules) == 1 for m in e.modules}
    ordered = sorted(
        theirs, key=lambda m: (-(known[m].bytes if m in known else 0), -answer.counts.get(m, 0))
    )
    inner = _ASIDE - 2
    lines: list[Line] = [(Span(f" {'MODULE':<20}{'TIMES':>7}{'WASTED':>11} ", "head"),)]
    for module in ordered[: max(1, high - 3)]:
        amount = units.brief(known[module].bytes, scene.look.units) if module in known else "?"
        name = fit(told(module, glyphs), 20, ellipsis=glyphs.ellipsis)
        times = units.count(answer.counts.get(module, 0))
        lines.append((Span(f" {name}{times:>7}{amount:>11}"),))
    high = min(high, len(lines) + 2)
    title = (Span("Its modules ", "weight"), Span(str(len(ordered)), "weight"))
    note = f"1{glyphs.to}{len(lines) - 1} of {len(ordered)}"
    return boxed(
        lines,
        inner + 2,
        high,
        glyphs,
        title,
        keys_of(("↵" if not glyphs.is_ascii else "Enter", "table", "open")),
        note,
    )


def summary_panel(scene: Scene, wide: int, high: int) -> list[Line]:
    """Below the table of a large screen: findings, bursts, what to do."""
    answer, view = scene.view.situation.answer, scene.view
    if answer is None:
        return []
    glyphs = view.look.glyphs
    if not answer.findings:
        return _why_healthy(answer, scene, wide)[:high]
    lines = list_of(scene, wide, min(len(answer.findings), max(1, high // 2)), None)[1:]
    lines += [EMPTY, *_bursts(answer, view, wide)]
    steps = [step for finding in answer.findings for step in finding.next]
    if steps:
        lines.append(EMPTY)
    for number, step in enumerate(dict.fromkeys(str(s) for s in steps)):
        lines += list(_worded("next" if number == 0 else "", step, view, wide))
    return [crop(line, wide, glyphs.ellipsis) for line in lines[:high]]


def _bursts(answer: Answer, view: View, wide: int) -> Iterator[Line]:
    """When it grew, and in which order modules failed first."""
    storms = [storm for storm in answer.storms if storm.failures > 1][-6:]
    if not storms:
        return
    glyphs = view.look.glyphs
    first = len(answer.storms) - len(storms) + 1
    text = f" {'Bursts':<7} {'began':>9} {'lasted':>9} {'failed':>8} {'wasted':>10}"
    text += "  in the order they first failed"
    yield (Span(text, "quiet"),)
    for number, storm in enumerate(storms, first):
        is_last = storm is answer.storms[-1]
        going = is_last and answer.verdict.level is Level.STORM_NOW
        lasted = "now" if going or storm.ended is None else f"{storm.ended - storm.began:,.1f} s"
        names = told(", ".join(storm.modules[:8]), glyphs)
        amount = units.brief(storm.wasted, view.look.units)
        yield (
            Span(f" {number:<7} {storm.began:>7,.1f} s "),
            Span(f"{lasted:>9}", "now" if going else ""),
            Span(f" {units.count(storm.failures):>8} {amount:>10}  "), Span(names, "quiet"),
        )  # fmt: skip


def _why_healthy(answer: Answer, scene: Scene, wide: int) -> list[Line]:
    """On what it is based that nothing is wrong."""
    frame, glyphs = scene.frame, scene.look.glyphs
    block = frame.block if frame is not None else None
    texts = [answer.verdict.what]
    if block is not None and not block.lacks:
        texts.append("no stage has counted a failure since boot: kread, decompress, becoming, load")
        if not block.table_missing and not block.truncated:
            texts.append("the table of duplicates is empty, and whole")
    lines: list[Line] = [EMPTY]
    for text in texts:
        lines.append((Span(f"  {glyphs.good} ", "good"), Span(told(text, glyphs))))
    lines += [
        EMPTY,
        (
            Span(
                told(
                    "  Not looked at: who asks for modules. kmodtop watch --blame hears it.", glyphs
                ),
                "quiet",
            ),
        ),
    ]
    return [crop(line, wide, glyphs.ellipsis) for line in lines]
