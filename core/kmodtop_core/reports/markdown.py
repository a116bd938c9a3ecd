"""A report as Markdown, for issue trackers: the answer, findings, modules, the kernel's text."""

import re
from collections.abc import Iterator

from ..diagnosis.finding import Answer
from ..plain import harmless
from .answer import accounted, badge, believed, finding_weight, module_rows, parts_of
from .report import Snapshot, facts_of, where_of

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#|!~&@])")

_MOST_MODULES = 40


def to_markdown(snapshot: Snapshot, how: str = "iec") -> str:
    """One text, or how a boot ended, with its answer."""
    return "\n".join(_lines(snapshot, how)) + "\n"


def _plain(text: str) -> str:
    """Text that stands for nothing but itself; a command keeps its characters."""
    return _MARKUP.sub(r"\\\1", harmless(text))


def _code(text: str) -> str:
    """As code, whatever it holds: the fence is longer than any within."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {text} {ticks}" if longest else f"`{text}`"


def _lines(snapshot: Snapshot, how: str) -> Iterator[str]:
    answer = snapshot.answer
    if answer is not None:
        yield f"## {_plain(badge(answer))}"
        yield ""
        verdict = answer.verdict
        yield f"- **what** {_plain(verdict.what)}"
        yield f"- **when** {_plain(verdict.when)}"
        yield f"- **who** {_plain(verdict.who)}{believed(verdict.confidence)}"
        yield ""
        yield from _findings(answer, how)
    yield f"### {_plain(snapshot.source)}"
    yield ""
    where = where_of(snapshot)
    if where:
        yield f"{_plain(', '.join(where))}."
    yield from (f"{_plain(fact)}." for fact in facts_of(snapshot, how))
    yield ""
    if answer is not None and answer.modules:
        yield from _modules(answer, how)
    for warning in snapshot.warnings:
        yield f"- **!** {_plain(warning.message)}"
    yield ""
    yield "<details><summary>the kernel's text</summary>"
    yield ""
    text = snapshot.sample.text[snapshot.block.start : snapshot.block.end]
    for line in text.decode("utf-8", "surrogateescape").expandtabs(4).splitlines():
        yield f"    {harmless(line)}"
    yield ""
    yield "</details>"


def _findings(answer: Answer, how: str) -> Iterator[str]:
    for finding in answer.findings:
        yield f"### {_plain(finding.title)} – {_plain(finding_weight(finding, how))}"
        yield ""
        yield f"{_plain(finding.sentence)}."
        yield ""
        for word, texts in parts_of(finding):
            yield from (f"- *{word}* {_plain(text)}" for text in texts)
        for advice in finding.next:
            command = f": {_code(harmless(advice.command))}" if advice.command else ""
            yield f"- *next* {_plain(advice.text)}{command}"
        yield ""


def _modules(answer: Answer, how: str) -> Iterator[str]:
    yield "| module | wasted | becoming | load | times | pattern | basis |"
    yield "|---|---:|---:|---:|---:|---|---|"
    for row in module_rows(answer, how, _MOST_MODULES):
        yield f"| {' | '.join((_plain(row.name), *row[1:]))} |"
    yield ""
    yield f"{_plain(accounted(answer, how))}."
    yield ""
