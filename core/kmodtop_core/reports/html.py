"""A report as one HTML page: no script, nothing loaded from elsewhere, dark and light.

The content security policy lets the page's own style in by its hash, and nothing else.
"""

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from .. import units
from ..diagnosis.finding import Level
from ..plain import harmless
from ..recording.reading import Recording
from .answer import BADGES, accounted, believed, finding_weight, module_rows, parts_of
from .drawing import order_bars, timeline
from .page import Page, Panel, page_of
from .report import Snapshot, facts_of, where_of

_MOST_MODULES = 120

_STYLE = """
:root{--i:#1b1f24;--g:#fff;--q:#5c6570;--r:#dfe3e8;--b:#2f6fde;--l:#343b44;--s:#b7791f;
--good:#1a7f37;--late:#9a6700;--now:#cf222e;--none:#5c6570}
@media(prefers-color-scheme:dark){:root{--i:#e6e9ed;--g:#14171b;--q:#98a2ad;--r:#2c323a;
--b:#5b93f5;--l:#cdd4dc;--s:#d9a441;--good:#3fb950;--late:#d9a441;--now:#f8575e;--none:#98a2ad}}
body{margin:0 auto;max-width:62rem;padding:1.5rem 1rem 4rem;background:var(--g);color:var(--i);
font:15px/1.5 system-ui,sans-serif}
h2{font-size:1.05rem;margin:2rem 0 .4rem}p{margin:.3rem 0}.q{color:var(--q)}
.v{border-left:.4rem solid var(--none);padding:.2rem 0 .2rem .9rem}
.v h1{font-size:1.3rem;margin:0 0 .4rem}.v dl{display:grid;grid-template-columns:4rem 1fr;margin:0}
dt{color:var(--q)}dd{margin:0}
.good{border-color:var(--good)}.late{border-color:var(--late)}.now{border-color:var(--now)}
.good h1 b{color:var(--good)}.late h1 b{color:var(--late)}.now h1 b{color:var(--now)}
details{border-top:1px solid var(--r);padding:.5rem 0}summary{cursor:pointer}
summary b{margin-right:.6rem}li{margin:.15rem 0}code{font:13px ui-monospace,monospace;
overflow-wrap:anywhere;background:var(--r);padding:.05rem .25rem;border-radius:.2rem}
.w{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.15rem .6rem .15rem 0;text-align:right;border-bottom:1px solid var(--r);
white-space:nowrap}th{color:var(--q);font-weight:400}th:first-child,td:first-child,
td.t,th.t{text-align:left}
pre{overflow-x:auto;font:13px/1.35 ui-monospace,monospace}
svg{width:100%;height:auto;display:block}svg text{font:11px system-ui,sans-serif;fill:var(--i)}
svg .q{fill:var(--q)}.g{stroke:var(--r)}.a{stroke:var(--q)}.m{stroke:var(--late);
stroke-dasharray:3 3}svg .n{fill:var(--late)}.b{fill:var(--b)}.l{fill:var(--l)}
.s{fill:var(--s)}.k{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .8em}
.kb{background:var(--b)}.kl{background:var(--l)}
"""

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


def text_page(text: str, label: str, version: str) -> str:
    """A page of plain text."""
    end = f'<p class="q">kmodtop {_text(version)}</p></body></html>'
    return "\n".join((*_head(label), f"<pre>{_text_lines(text)}</pre>", end, ""))


def _text_lines(text: str) -> str:
    return "\n".join(_text(line) for line in text.splitlines())


def _text(text: str) -> str:
    return escape(harmless(text), quote=True)


def _head(title: str) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{_text(title)} – kmodtop</title>"
    yield f"<style>{_STYLE}</style></head><body>"


def _document(snapshot: Snapshot, page: Page | None, how: str, version: str) -> Iterator[str]:
    yield from _head(snapshot.source)
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
    yield f'<p class="q">kmodtop {_text(version)}</p></body></html>'


def _verdict(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.answer is None:
        return
    verdict = snapshot.answer.verdict
    sign, word = BADGES[verdict.level]
    yield f'<header class="v {_EDGES[verdict.level]}">'
    yield f"<h1><b>{sign} {word}</b> {_text(verdict.head)}</h1><dl>"
    who = verdict.who + believed(verdict.confidence)
    for name, told in (("what", verdict.what), ("when", verdict.when), ("who", who)):
        yield f"<dt>{name}</dt><dd>{_text(told)}</dd>"
    yield "</dl></header>"


def _facts(snapshot: Snapshot, how: str) -> Iterator[str]:
    yield f'<p class="q">{_text(", ".join((snapshot.source, *where_of(snapshot))))}</p>'
    for fact in facts_of(snapshot, how):
        yield f"<p>{_text(fact)}</p>"


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
        yield f"<details{'' if number else ' open'}><summary><b>{_text(finding.title)}</b>"
        yield f'<span class="q">{_text(finding_weight(finding, how))}</span></summary>'
        yield f"<p>{_text(finding.sentence)}.</p><ul>"
        for word, texts in parts_of(finding):
            for told in texts:
                yield f'<li><span class="q">{word}</span> {_text(told)}</li>'
        for advice in finding.next:
            command = f": <code>{_text(advice.command)}</code>" if advice.command else ""
            yield f'<li><span class="q">next</span> {_text(advice.text)}{command}</li>'
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
        yield f"<tr><td>{_text(row.name)}</td>{figures}{words}</tr>"
    yield f'</table></div><p class="q">{_text(accounted(answer, how))}</p>'


def _warnings(snapshot: Snapshot) -> Iterator[str]:
    for warning in snapshot.warnings:
        yield f"<p><b>!</b> {_text(warning.message)}</p>"


def _raw(snapshot: Snapshot) -> Iterator[str]:
    text = snapshot.sample.text[snapshot.block.start : snapshot.block.end]
    yield "<h2>The kernel's text</h2><details><summary>as it was read</summary><pre>"
    yield _text_lines(text.decode("utf-8", "surrogateescape").expandtabs(4))
    yield "</pre></details>"
