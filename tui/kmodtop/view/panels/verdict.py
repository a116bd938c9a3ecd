"""The verdict: the answer. Badge and loss, then what, when, who and what to do next."""

from kmodtop_core import units
from kmodtop_core.diagnosis.finding import Answer, Confidence, Level
from kmodtop_core.plain import clip, harmless, to_ascii, width
from kmodtop_core.reports.answer import BADGES, DOTS
from kmodtop_core.reports.report import wasted

from ..lines import Line, Span, cells, crop
from ..scene import Scene
from ..theme import Glyphs
from ..view import View

SIGNS = {
    Level.HEALTHY: ("good", "good"),
    Level.NEARLY_NONE: ("good", "good"),
    Level.STORM_NOW: ("up", "now"),
    Level.STORM_OVER: ("warm", "late"),
    Level.WASTED: ("warm", "late"),
    Level.FAILING: ("warn", "late"),
    Level.UNKNOWN: ("unknown", ""),
}
"""Sign (a name of Glyphs) and style of each level; its word is that of reports."""

_HINT = "evidence"
_LEAST_WIDE = 56
"""Cells below which the verdict is told in its shortest form."""


def told(text: str, glyphs: Glyphs) -> str:
    """Harmless, and ASCII where the terminal has nothing else."""
    plain = harmless(text)
    return to_ascii(plain) if glyphs.is_ascii else plain


def believed(confidence: Confidence | None, glyphs: Glyphs) -> str:
    """The word and its dots; nothing where nobody is named."""
    if confidence is None:
        return ""
    return told(f" – {confidence.value} ", glyphs) + dots(confidence, glyphs)


def dots(confidence: Confidence, glyphs: Glyphs) -> str:
    """●●○: how far it can be believed."""
    return DOTS[confidence].replace("●", glyphs.sure).replace("○", glyphs.unsure)


def word_of(answer: Answer) -> str:
    """STORM NOW; of several storms of a recording, which one."""
    if answer.verdict.which:
        return f"STORM {answer.verdict.which}"
    return BADGES[answer.verdict.level][1]


def rows(scene: Scene, wide: int, names: tuple[str, ...]) -> list[Line]:
    """The badge, then the rows of these names: what, when, who, next."""
    answer = scene.view.situation.answer
    if answer is None:
        return [crop(_unjudged(scene), wide, scene.look.glyphs.ellipsis)]
    if wide < _LEAST_WIDE:
        lines = [_short_badge(answer, scene), _short_who(answer, scene)]
        lines = lines[: 1 + ("who" in names)]
    else:
        lines = [badge(answer, scene)]
        lines += [_ROWS[name](answer, scene.view, wide) for name in names]
    return [crop(line, wide, scene.look.glyphs.ellipsis) for line in lines]


def _unjudged(scene: Scene) -> Line:
    """Numbers alone, where there is no answer yet."""
    glyphs, block = scene.look.glyphs, scene.frame.block if scene.frame is not None else None
    if block is None:
        return (Span(f"{glyphs.edge} "), Span("reading", "quiet"))
    total = wasted(block)
    lost = "?" if total is None else units.size(total, scene.look.units)
    failed = "?" if block.lacks else units.count(block.stats.failed_requests)
    loads = "?" if "modcount" in block.missing else units.count(block.stats.modcount)
    text = told(f" wasted · {failed} failed, {loads} loads", glyphs)
    return (Span(f"{glyphs.edge} "), Span(lost, "weight"), Span(text))


def edge(answer: Answer, glyphs: Glyphs) -> Span:
    """The left edge, in the colour of the level."""
    return Span(glyphs.edge, SIGNS[answer.verdict.level][1])


def badge(answer: Answer, scene: Scene) -> Line:
    """Sign, level, and what was lost; of a storm that is under way also how fast it grows."""
    glyphs = scene.look.glyphs
    sign, style = SIGNS[answer.verdict.level]
    mark = getattr(glyphs, sign)
    lead = (edge(answer, glyphs), Span(f" {mark} {word_of(answer)}", f"weight {style}".strip()))
    verdict = answer.verdict
    rate = _rate(scene)
    if verdict.lost and scene.view.situation.deck is not None:
        text = f"{verdict.lost} until here · {verdict.of_all}"
        return (*lead, Span("  "), *_weighty(text, glyphs))
    if verdict.lost and rate:
        return (
            *lead, Span("  "), *_weighty(verdict.lost, glyphs), Span(", growing "),
            Span(f"{rate}/s", "now"), Span(told(f" · {verdict.of_all}", glyphs)),
        )  # fmt: skip
    return (*lead, Span("  "), *_weighty(verdict.head, glyphs))


def _weighty(text: str, glyphs: Glyphs) -> Line:
    """A sentence that begins with a figure, the figure in bold."""
    words = told(text, glyphs).split(" ")
    if not words[0][:1].isdigit():
        return (Span(" ".join(words)),)
    figure = 2 if len(words) > 1 and words[1].rstrip(",").endswith("B") else 1
    return (Span(" ".join(words[:figure]), "weight"), Span(" " + " ".join(words[figure:])))


def _rate(scene: Scene) -> str:
    rate = scene.frame.wasted_rate if scene.frame is not None else None
    return units.brief(rate, scene.look.units) if rate and rate > 0 else ""


def _short_badge(answer: Answer, scene: Scene) -> Line:
    glyphs = scene.look.glyphs
    sign, style = SIGNS[answer.verdict.level]
    lead = Span(f" {getattr(glyphs, sign)} {word_of(answer)} ", f"weight {style}".strip())
    rate = _rate(scene) if answer.verdict.level is Level.STORM_NOW else ""
    text = answer.verdict.lost.removesuffix(" wasted") if rate else answer.verdict.head
    more = (Span(f"+{rate.replace(' ', '')}/s", "now"),) if rate else ()
    return (edge(answer, glyphs), lead, *_weighty(text, glyphs), *more)


def _short_who(answer: Answer, scene: Scene) -> Line:
    glyphs, verdict = scene.look.glyphs, answer.verdict
    who = verdict.who.removeprefix("userspace: ")
    sure = f", {verdict.confidence.value}" if verdict.confidence else ""
    return (edge(answer, glyphs), Span(" who  ", "quiet"), Span(told(who + sure, glyphs)))


def _row(answer: Answer, view: View, name: str, text: str) -> Line:
    glyphs = view.look.glyphs
    return (edge(answer, glyphs), Span(f" {name:<5} ", "quiet"), Span(told(text, glyphs)))


def _what(answer: Answer, view: View, wide: int) -> Line:
    return _row(answer, view, "what", answer.verdict.what)


def _when(answer: Answer, view: View, wide: int) -> Line:
    return _row(answer, view, "when", answer.verdict.when)


def _who(answer: Answer, view: View, wide: int) -> Line:
    glyphs = view.look.glyphs
    more = believed(answer.verdict.confidence, glyphs)
    who = told(answer.verdict.who, glyphs)
    who = clip(who, max(8, wide - 8 - width(more)), glyphs.ellipsis)
    side, colon, name = who.partition(": ")
    bold = f"{side}: {name.partition(',')[0]}" if colon else who
    body = (Span(bold, "weight"), Span(who[len(bold) :])) if more else (Span(who),)
    line = (edge(answer, glyphs), Span(" who   ", "quiet"), *body, Span(more, "weight"))
    hint = (Span("f", "weight", "findings"), Span(f" {_HINT}", "quiet", "findings"))
    room = wide - cells(line) - cells(hint)
    return (*line, Span(" " * room), *hint) if answer.findings and room >= 3 else line


def _next(answer: Answer, view: View, wide: int) -> Line:
    """What to do: the first step of the first finding that has one."""
    steps = [step for finding in answer.findings for step in finding.next]
    text = (steps[0].brief or str(steps[0])) if steps else ""
    return _row(answer, view, "next", text)


_ROWS = {"what": _what, "when": _when, "who": _who, "next": _next}


def has_next(view: View) -> bool:
    """Whether there is anything to do."""
    answer = view.situation.answer
    return answer is not None and any(finding.next for finding in answer.findings)


def warning(text: str, scene: Scene, wide: int) -> Line:
    """A lasting warning, as a fifth row."""
    answer, glyphs = scene.view.situation.answer, scene.look.glyphs
    lead = edge(answer, glyphs) if answer is not None else Span(glyphs.edge)
    line = (lead, Span(f" {glyphs.warn} ", "weight"), Span(told(text, glyphs)))
    return crop(line, wide, glyphs.ellipsis)
