"""A report as one HTML page (see `web`)."""

from collections.abc import Iterator

from .. import units
from ..diagnosis.finding import Level
from ..recording.reading import Recording
from .answer import BADGES, accounted, believed, finding_weight, module_rows, parts_of
from .drawing import order_bars, timeline
from .page import Page, Panel, page_of
from .report import Snapshot, facts_of, where_of
from .web import begin_page, end_page, safe, text_lines

_MOST_MODULES = 120

_EDGES = {
    Level.HEALTHY: "good",
    Level.NEARLY_NONE: "good",
    Level.STORM_NOW: "now",
    Level.STORM_OVER: "late",
    Level.WASTED: "late",
    Level.FAILING: "late",
    Level.UNKNOWN: "none",
}


def to_html(
    snapshot: Snapshot, recording: Recording | None, boot: int | None, how: str, version: str
) -> str:
    """The page of one text, or of a boot of a recording (from 1) and how it ended."""
    page = None
    if recording is not None and boot is not None and snapshot.answer is not None:
        page = page_of(recording, boot, snapshot.answer)
    return "\n".join(_document(snapshot, page, how, version)) + "\n"


def _document(snapshot: Snapshot, page: Page | None, how: str, version: str) -> Iterator[str]:
    yield from begin_page(snapshot.source)
    yield from _verdict(snapshot)
    yield from _facts(snapshot, how)
    if page is not None:
        yield from _drawings(page, how)
    elif snapshot.answer is not None and snapshot.answer.order:
        yield from _order(snapshot)
    yield from _findings(snapshot, how)
    yield from _modules(snapshot, how)
    yield from _warnings(snapshot)
    yield from _raw(snapshot)
    yield end_page(version)


def _verdict(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.answer is None:
        return
    verdict = snapshot.answer.verdict
    sign, word = BADGES[verdict.level]
    yield f'<header class="v {_EDGES[verdict.level]}">'
    yield f"<h1><b>{sign} {word}</b> {safe(verdict.head)}</h1><dl>"
    who = verdict.who + believed(verdict.confidence)
    for name, told in (("what", verdict.what), ("when", verdict.when), ("who", who)):
        yield f"<dt>{name}</dt><dd>{safe(told)}</dd>"
    yield "</dl></header>"


def _facts(snapshot: Snapshot, how: str) -> Iterator[str]:
    yield f'<p class="q">{safe(", ".join((snapshot.source, *where_of(snapshot))))}</p>'
    for fact in facts_of(snapshot, how):
        yield f"<p>{safe(fact)}</p>"


def _drawings(page: Page, how: str) -> Iterator[str]:
    yield "<h2>When</h2>"
    yield (
        '<p class="q">wasted so far<span class="k kb"></span>becoming'
        '<span class="k kl"></span>load; seconds since boot</p>'
    )
    yield timeline(page.moments, (), page.marks, how, "wasted over time")
    for panel in page.panels:
        yield from _panel(panel, page, how)
    if more := page.storms - len(page.panels):
        yield f'<p class="q">{units.counted(more, "smaller storm")} not drawn</p>'


def _panel(panel: Panel, page: Page, how: str) -> Iterator[str]:
    storm = panel.storm
    span = units.span(storm.ended - storm.began)
    yield (
        f"<h2>Storm {panel.number}{f' of {page.storms}' if page.storms > 1 else ''}:"
        f" {units.count(storm.failures)} failures, {units.size(storm.wasted, how)}"
        f" within {span}</h2>"
    )
    yield '<p class="q">each module from its first to its last failure, by first failure</p>'
    yield timeline(panel.moments, panel.lanes, page.marks, how, f"storm {panel.number}")
    if panel.left_out:
        yield f'<p class="q">{panel.left_out} more modules</p>'


def _order(snapshot: Snapshot) -> Iterator[str]:
    assert snapshot.answer is not None
    counts = snapshot.answer.counts
    yield "<h2>In the order of first failure</h2>"
    yield '<p class="q">one text has no times; the kernel lists the newest first</p>'
    yield order_bars([(m, counts.get(m, 0)) for m in snapshot.answer.order])


def _findings(snapshot: Snapshot, how: str) -> Iterator[str]:
    if snapshot.answer is None or not snapshot.answer.findings:
        return
    yield "<h2>Findings</h2>"
    for number, finding in enumerate(snapshot.answer.findings):
        yield f"<details{'' if number else ' open'}><summary><b>{safe(finding.title)}</b>"
        yield f'<span class="q">{safe(finding_weight(finding, how))}</span></summary>'
        yield f"<p>{safe(finding.sentence)}.</p><ul>"
        for word, texts in parts_of(finding):
            for told in texts:
                yield f'<li><span class="q">{word}</span> {safe(told)}</li>'
        for advice in finding.next:
            command = f": <code>{safe(advice.command)}</code>" if advice.command else ""
            yield f'<li><span class="q">next</span> {safe(advice.text)}{command}</li>'
        yield "</ul></details>"


def _modules(snapshot: Snapshot, how: str) -> Iterator[str]:
    answer = snapshot.answer
    if answer is None or not answer.modules:
        return
    yield '<h2>Modules by waste</h2><div class="w"><table><tr><th>module</th><th>wasted</th>'
    yield '<th>becoming</th><th>load</th><th>times</th><th class="t">pattern</th>'
    yield '<th class="t">basis</th></tr>'
    for row in module_rows(answer, how, _MOST_MODULES):
        figures = "".join(f"<td>{cell}</td>" for cell in row[1:5])
        words = "".join(f'<td class="t">{cell}</td>' for cell in row[5:])
        yield f"<tr><td>{safe(row.name)}</td>{figures}{words}</tr>"
    yield f'</table></div><p class="q">{safe(accounted(answer, how))}</p>'


def _warnings(snapshot: Snapshot) -> Iterator[str]:
    for warning in snapshot.warnings:
        yield f"<p><b>!</b> {safe(warning.message)}</p>"


def _raw(snapshot: Snapshot) -> Iterator[str]:
    text = snapshot.sample.text[snapshot.block.start : snapshot.block.end]
    yield "<h2>The kernel's text</h2><details><summary>as it was read</summary><pre>"
    yield text_lines(text.decode("utf-8", "surrogateescape").expandtabs(4))
    yield "</pre></details>"
