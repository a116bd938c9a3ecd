"""The answer of a diagnosis as lines of text, and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from .. import units
from ..diagnosis.finding import Answer, Asker, Confidence, Finding, Level, Storm
from ..diagnosis.module_bytes import ModuleBytes
from ..plain import fit, harmless, width

BADGES = {
    Level.HEALTHY: ("✓", "HEALTHY"),
    Level.NEARLY_NONE: ("✓", "NEARLY NONE"),
    Level.STORM_NOW: ("▲", "STORM NOW"),
    Level.STORM_OVER: ("•", "STORM OVER"),
    Level.WASTED: ("•", "WASTED"),
    Level.FAILING: ("!", "FAILING"),
    Level.UNKNOWN: ("?", "UNREADABLE NUMBERS"),
}
"""Sign and word of each level."""

DOTS = {Confidence.CERTAIN: "●●●", Confidence.LIKELY: "●●○", Confidence.POSSIBLE: "●○○"}
"""How far an accusation can be believed; always beside its word."""

_MOST_MODULES = 12
_NAMED = 3


def badge(answer: Answer) -> str:
    """The first line: sign, badge, what was lost."""
    sign, word = BADGES[answer.verdict.level]
    return f"{sign} {word}  {harmless(answer.verdict.head)}"


def believed(confidence: Confidence | None) -> str:
    """– likely ●●○, or nothing where nobody is named."""
    return f" – {confidence.value} {DOTS[confidence]}" if confidence else ""


def answer_lines(answer: Answer) -> Iterator[str]:
    """Badge, what, when, who."""
    verdict = answer.verdict
    yield badge(answer)
    yield f"  what  {harmless(verdict.what)}"
    yield f"  when  {harmless(verdict.when)}"
    yield f"  who   {harmless(verdict.who)}{believed(verdict.confidence)}"


def finding_lines(answer: Answer, how: str) -> Iterator[str]:
    """Each finding with its evidence, what speaks against it, and what to do."""
    for finding in answer.findings:
        yield ""
        yield f"- {harmless(finding.title)}: {finding_weight(finding, how)}"
        yield f"  {harmless(finding.sentence)}."
        for word, texts in parts_of(finding):
            for number, text in enumerate(texts):
                yield f"  {word if not number else '':<8} {harmless(text)}"
        for number, advice in enumerate(finding.next):
            colon = ":" if advice.command else ""
            yield f"  {'next' if not number else '':<8} {harmless(advice.text)}{colon}"
            if advice.command:
                yield f"    {harmless(advice.command)}"


def parts_of(finding: Finding) -> Iterator[tuple[str, Sequence[str]]]:
    """(word, sentences) of what stands behind a finding, and of what speaks against it."""
    yield "evidence", finding.evidence
    yield "against", finding.against


def finding_weight(finding: Finding, how: str) -> str:
    """Confidence, duplicates and bytes of a finding."""
    parts = [f"{finding.confidence.value} {DOTS[finding.confidence]}"]
    if finding.duplicates:
        parts.append(units.counted(finding.duplicates, "duplicate"))
    if finding.wasted:
        parts.append(f"{'about ' * finding.is_about}{units.size(finding.wasted, how)}")
    return ", ".join(parts)


def name_of(entry: ModuleBytes) -> str:
    """The module, or some of those that cannot be told apart."""
    if len(entry.modules) == 1:
        return harmless(entry.modules[0])
    shown = ", ".join(harmless(m) for m in entry.modules[:_NAMED])
    more = len(entry.modules) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def module_lines(answer: Answer, how: str) -> Iterator[str]:
    """Modules by waste, with the basis of each figure."""
    entries = [entry for entry in answer.modules if entry.bytes]
    if not entries:
        return
    shown = entries[:_MOST_MODULES]
    wide = max(width("module, by waste"), *(width(name_of(e)) for e in shown))
    yield f"{fit('module, by waste', wide)} {'wasted':>11} {'becoming':>11} {'load':>11}  basis"
    for entry in shown:
        stages = (entry.becoming_bytes, entry.load_bytes)
        cells = " ".join(f"{'?' if b is None else units.size(b, how):>11}" for b in stages)
        name, amount = fit(name_of(entry), wide), units.size(entry.bytes, how)
        yield f"{name} {amount:>11} {cells}  {basis_of(entry)}"
    if more := len(entries) - len(shown):
        rest = sum(e.bytes for e in entries[_MOST_MODULES:])
        yield f"{more} more, {units.size(rest, how)} together"
    yield accounted(answer, how)


def accounted(answer: Answer, how: str) -> str:
    """The sum of all modules held against the kernel's total."""
    total, found = answer.total or 0, sum(entry.bytes for entry in answer.modules)
    if found == total:
        return f"together {units.size(found, how)}, which is what the kernel counted"
    missing = total - found
    share = f" ({100 * missing / total:.1f}%)" if total else ""
    return (
        f"together {units.size(found, how)}; {units.size(missing, how)}{share} of what the kernel"
        " counted is not accounted for: rows that are cut, or failures that were no duplicates"
    )


class ModuleRow(NamedTuple):
    """A module of the table, each figure as it is written."""

    name: str
    wasted: str
    becoming: str
    load: str
    times: str
    pattern: str
    basis: str


def module_rows(answer: Answer, how: str, most: int) -> Iterator[ModuleRow]:
    """The first `most` modules by waste."""
    for entry in answer.modules[:most]:
        early, late = (
            "?" if amount is None else units.size(amount, how)
            for amount in (entry.becoming_bytes, entry.load_bytes)
        )
        yield ModuleRow(
            name_of(entry),
            units.size(entry.bytes, how),
            early,
            late,
            units.count(sum(answer.counts.get(module, 0) for module in entry.modules)),
            answer.patterns.get(entry.modules[0], "") if len(entry.modules) == 1 else "",
            basis_of(entry),
        )


def basis_of(entry: ModuleBytes) -> str:
    """How the figure is known, in words."""
    words = {
        "exact": "exact",
        "sizes": "from file sizes",
        "estimated": "estimated",
        "inseparable": "together, not separable",
    }
    if entry.others:
        return f"together with {units.counted(entry.others, 'failure')} that were no duplicates"
    return words[entry.basis]


def storm_lines(answer: Answer) -> Iterator[str]:
    """The order in which modules failed first, of each storm; and what systemd reached when."""
    for number, storm in enumerate(answer.storms[:_MOST_MODULES], 1):
        if storm.modules:
            names = " ".join(harmless(m) for m in storm.modules[:_MOST_MODULES])
            more = len(storm.modules) - _MOST_MODULES
            yield f"Storm {number}, first failures: {names}" + (f" and {more} more" * (more > 0))
    if answer.milestones:
        told = ", ".join(f"{harmless(name)} {at:.1f} s" for name, at in answer.milestones)
        yield f"systemd reached {told}."


# ---- JSON --------------------------------------------------------------------


def answer_object(answer: Answer) -> dict[str, Any]:
    """The keys that a diagnosis adds to the report object."""
    verdict = answer.verdict
    return {
        "verdict": {
            "level": verdict.level.value,
            "head": verdict.head,
            "what": verdict.what,
            "when": verdict.when,
            "who": verdict.who,
            "confidence": verdict.confidence.value if verdict.confidence else None,
        },
        "findings": [_finding_object(finding) for finding in answer.findings],
        "module_bytes": [_bytes_object(entry) for entry in answer.modules],
        "storms": [_storm_object(storm) for storm in answer.storms],
        "requesters": list(_requesters(answer)),
        "accounted_bytes": sum(entry.bytes for entry in answer.modules),
        "patterns": answer.patterns,
        "milestones": [{"name": name, "at_s": round(at, 3)} for name, at in answer.milestones],
    }


def _finding_object(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "side": finding.side.value,
        "requester": finding.requester,
        "confidence": finding.confidence.value,
        "modules": list(finding.modules),
        "duplicates": finding.duplicates,
        "wasted_bytes": finding.wasted,
        "is_estimate": finding.is_about,
        "title": finding.title,
        "sentence": finding.sentence,
        "evidence": list(finding.evidence),
        "against": list(finding.against),
        "next": [str(advice) for advice in finding.next],
    }


def _bytes_object(entry: ModuleBytes) -> dict[str, Any]:
    one = len(entry.modules) == 1
    name: dict[str, Any] = {"module": entry.modules[0]} if one else {"modules": list(entry.modules)}
    return name | {
        "bytes": entry.bytes,
        "becoming_bytes": entry.becoming_bytes,
        "load_bytes": entry.load_bytes,
        "basis": entry.basis,
        "length": entry.length,
        "other_failures": entry.others,
    }


def _storm_object(storm: Storm) -> dict[str, Any]:
    return {
        "began_s": round(storm.began, 3),
        "peak_s": None if storm.peak is None else round(storm.peak, 3),
        "ended_s": None if storm.ended is None else round(storm.ended, 3),
        "failures": storm.failures,
        "wasted_bytes": round(storm.wasted),
        "modules": list(storm.modules),
    }


def _requesters(answer: Answer) -> Iterator[dict[str, Any]]:
    """Who is named, with what; of several findings the most certain word."""
    if answer.askers:
        yield from map(_asker_object, answer.askers)
        return
    counts = answer.counts
    for name in dict.fromkeys(f.requester for f in answer.findings if f.requester):
        theirs = [f for f in answer.findings if f.requester == name]
        modules = {m: counts.get(m, 0) for f in theirs for m in f.modules}
        best = min(theirs, key=lambda f: list(Confidence).index(f.confidence))
        yield {
            "requester": name,
            "side": theirs[0].side.value,
            "unit": None,
            "duplicates": sum(modules.values()),
            "modules": modules,
            "confidence": best.confidence.value,
        }


def _asker_object(asker: Asker) -> dict[str, Any]:
    """Of what was told while it happened."""
    units_ = list(asker.units)
    return {
        "requester": asker.name,
        "side": asker.side.value,
        "unit": units_[0] if len(units_) == 1 else None,
        "duplicates": asker.duplicates,
        "modules": dict(asker.modules),
        "confidence": asker.confidence.value,
        "other_failures": asker.others,
        "wasted_bytes": asker.wasted,
        "processes": asker.processes,
        "commands": dict(asker.commands),
        "units": dict(asker.units),
        "call_sites": dict(asker.call_sites),
        "tasks": dict(asker.tasks),
        "aliases": dict(asker.aliases),
        "devices": dict(asker.devices),
    }
