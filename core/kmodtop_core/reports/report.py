"""A snapshot as text for a bug report, or as JSON for other programs.

The JSON keys are a contract: kmodtop.report/1.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ..diagnosis.case import case_of_text
from ..diagnosis.diagnose import diagnose
from ..diagnosis.evidence.pieces import Evidence
from ..diagnosis.finding import Answer
from ..plain import fit, harmless, width
from ..sample import Sample
from ..stats.block import Block, Warning
from ..stats.parse import parse
from ..stats.values import AVERAGES, STAGES, ModuleStats
from ..units import count, rfc3339, size
from .answer import answer_lines, answer_object, finding_lines, module_lines


class Snapshot(NamedTuple):
    """One stats text of a source. `number`, from 0, is None unless the source has several.

    `answer`: what diagnosis says of it.
    """

    source: str
    sample: Sample
    block: Block
    number: int | None = None
    answer: Answer | None = None

    @property
    def warnings(self) -> tuple[Warning, ...]:
        """What was odd about it."""
        return self.block.warnings


def snapshots(source: str, samples: Sequence[Sample]) -> list[Snapshot]:
    """The snapshots of a source: every text of a single sample, the last of a series.

    Raises NoStatistics when there is none.
    """
    sample = samples[-1]
    blocks = parse(sample.text)
    if len(blocks) == 1:
        return [Snapshot(source, sample, blocks[0])]
    return [Snapshot(source, sample, block, number) for number, block in enumerate(blocks)]


def diagnosed(snapshot: Snapshot, evidence: Evidence, how: str = "iec") -> Snapshot:
    """The same with its answer, as one text and the evidence allow."""
    sample = snapshot.sample
    case = case_of_text(snapshot.block, sample.host, sample.at, evidence)
    return snapshot._replace(answer=diagnose(case, how))


def to_json(snapshot: Snapshot, units: str = "iec") -> str:
    """One line of JSON."""
    from ..jsontext import dumps

    return dumps(to_object(snapshot))


def to_object(snapshot: Snapshot) -> dict[str, Any]:
    """The report object; what is not known is None."""
    block, host, at = snapshot.block, snapshot.sample.host, snapshot.sample.at
    stats, live = block.stats, host.boot_id is not None
    known = {name: None if name in block.missing else value for name, value in stats.counters()}
    report: dict[str, Any] = {"schema": "kmodtop.report/1", "source": snapshot.source}
    if snapshot.number is not None:
        report["index"] = snapshot.number
    return (
        report
        | {
            "kernel": host.kernel,
            "cpus": host.cpus,
            "boot_id": host.boot_id,
            "taken": rfc3339(at.wall) if live and at.wall is not None else None,
            "uptime_s": round(at.uptime, 3) if at.uptime and (live or host.kernel) else None,
            "counters": known,
            "virtual_mem_wasted_bytes": wasted(block),
            "counted_since_s": block.counted,
            "averages": {average.key: block.averages.get(average.key) for average in AVERAGES},
            "duplicates": [
                {"module": row.module, "count": row.times, "reasons": row.reason.names}
                for row in stats.duplicates
            ],
            "cut_row": _cut_row(block),
            "reconciliation": _reconciliation(block),
            "warnings": [{"code": w.code, "message": w.message} for w in snapshot.warnings],
            "unknown": block.unknown,
        }
        | (answer_object(snapshot.answer) if snapshot.answer else {})
    )


def wasted(block: Block) -> int | None:
    """Bytes wasted as the text says, else the sum of its byte counters; None when unknown."""
    if block.wasted is not None:
        return block.wasted
    if any(stage.bytes in block.missing for stage in STAGES):
        return None
    return block.stats.virtual_mem_wasted_bytes


def _cut_row(block: Block) -> dict[str, Any] | None:
    cut = block.cut_row
    return {"module": cut.module, "count": cut.times, "text": cut.text} if cut else None


def _reconciliation(block: Block) -> dict[str, Any]:
    lacking = {"failed_becoming", "failed_load_modules"} & set(block.missing)
    return {
        "failures": None if lacking else block.stats.failures,
        "duplicates": block.duplicates,
        "other": block.other,
        "truncated": block.truncated,
    }


def reset_warnings(found: Sequence[Snapshot]) -> list[Snapshot]:
    """The same snapshots; one whose counters fell below those of the one before says so."""
    if len(found) == 1:
        return list(found)
    from ..tracking.changes import change, reset_reason  # only here: one text has no use for it

    told = list(found[:1])
    for before, after in pairwise(found):
        old, new = before.block.stats, after.block.stats
        reason = reset_reason(old, new, change(old, new))
        extra = Warning(
            "counter-reset", f"{reason} since the text before: another boot or machine."
        )
        block = after.block
        if reason and not block.lacks:
            block = block._replace(warnings=(*block.warnings, extra))
        told.append(after._replace(block=block))
    return told


def to_text(snapshot: Snapshot, units: str = "iec", with_answer: bool = True) -> str:
    """Several lines that can be pasted into a bug report; the answer first, if there is one."""
    return "\n".join(_text_lines(snapshot, units, with_answer)) + "\n"


def _text_lines(snapshot: Snapshot, units: str, with_answer: bool) -> Iterator[str]:
    block, stats, answer = snapshot.block, snapshot.block.stats, snapshot.answer
    if answer is not None and with_answer:
        yield from answer_lines(answer)
        yield from finding_lines(answer, units)
        yield ""
    which = "" if snapshot.number is None else f" (text {snapshot.number + 1})"
    yield f"Module loading statistics of {harmless(snapshot.source)}{which}"
    yield from _where(snapshot)
    yield ""
    yield _headline(block, units)
    yield _loads(block, units)
    yield ""
    yield from _stages(block, units)
    yield ""
    yield reconciliation(block)
    if stats.duplicates or block.cut_row:
        yield ""
        yield from _table(block)
    if answer is not None and answer.modules:
        yield ""
        yield from module_lines(answer, units)
    if snapshot.warnings:
        yield ""
        yield from (f"! {warning.message}" for warning in snapshot.warnings)


def _where(snapshot: Snapshot) -> Iterator[str]:
    if facts := where_of(snapshot):
        yield ", ".join(facts)


def facts_of(snapshot: Snapshot, units: str) -> Iterator[str]:
    """Waste, loads, and how far the table accounts for the failures."""
    block = snapshot.block
    yield _headline(block, units)
    yield _loads(block, units)
    yield reconciliation(block)


def where_of(snapshot: Snapshot) -> list[str]:
    """Host, kernel, CPUs and time, as far as they are known."""
    host, at = snapshot.sample.host, snapshot.sample.at
    facts = [
        harmless(host.name) if host.name else "",
        f"kernel {harmless(host.kernel)}" if host.kernel else "",
        f"{host.cpus} CPUs" if host.cpus else "",
        f"{at.uptime:.1f} s after boot" if host.kernel and at.uptime else "",
        rfc3339(at.wall) if host.boot_id and at.wall is not None else "",
    ]
    return [fact for fact in facts if fact]


def _headline(block: Block, units: str) -> str:
    total = wasted(block)
    amount = (
        "an unknown amount" if total is None else f"{size(total, units)} ({count(total)} bytes)"
    )
    known = not any(stage.failures in block.lacks for stage in STAGES)
    requests = count(block.stats.failed_requests) if known else "?"
    return f"Virtual memory wasted: {amount} in {requests} failed requests"


def _loads(block: Block, units: str) -> str:
    number, amount = _known(block, "modcount"), _bytes(block, "total_mod_size", units)
    if block.counted is None:
        return f"{number} loads since boot, {amount}"
    return (
        f"{number} loads, {amount}; counted by kmodtop from a trace since {block.counted:,.1f} s"
        " after boot; nothing is known from before that, nor about kread and decompress"
    )


def _known(block: Block, name: str) -> str:
    return "?" if name in block.missing else count(block.stats.counter(name))


def _bytes(block: Block, name: str, units: str) -> str:
    return "? bytes" if name in block.missing else size(block.stats.counter(name), units)


def _stages(block: Block, units: str) -> Iterator[str]:
    yield f"{'failed at':<11} {'count':>10} {'bytes':>11}"
    for stage in STAGES:
        amount = _bytes(block, stage.bytes, units)
        yield f"{stage.name:<11} {_known(block, stage.failures):>10} {amount:>11}   {stage.meaning}"


def reconciliation(block: Block) -> str:
    """How far the table accounts for the failures, as a sentence."""
    stats: ModuleStats = block.stats
    if block.other is None:
        rows = len(stats.duplicates)
        known = not {"failed_becoming", "failed_load_modules"} & set(block.missing)
        failures = count(stats.failures) if known else "?"
        if block.table_missing:
            return (
                f"{failures} failures; how many of them are duplicates is not known, as the table"
                " is missing"
            )
        if not block.truncated:
            return (
                f"an unknown number of failures, {count(stats.duplicate_failures)} of them"
                f" duplicates of {rows} modules"
            )
        return (
            f"{failures} failures; {count(stats.duplicate_failures)} of them are duplicates of the"
            f" {rows} modules shown, the rest is not known as the table is cut"
        )
    if block.other < 0:
        return (
            f"{count(stats.failures)} failures, {count(stats.duplicate_failures)} duplicates:"
            " the table was ahead of the counters at that moment"
        )
    return (
        f"{count(stats.failures)} failures = {count(stats.duplicate_failures)} duplicates"
        f" + {count(block.other)} other (bad file, signature, version or symbols)"
    )


def _table(block: Block) -> Iterator[str]:
    rows = block.stats.duplicates
    names = [harmless(row.module) for row in rows]
    wide = max([width(name) for name in names] + [len("duplicate module")])
    yield f"{fit('duplicate module', wide)} {'times':>8}  reason"
    for name, row in zip(names, rows, strict=True):
        yield f"{fit(name, wide)} {count(row.times):>8}  {row.reason.label}"
    if block.cut_row:
        number = "?" if block.cut_row.times is None else count(block.cut_row.times)
        yield f"{fit(harmless(block.cut_row.module) or '?', wide)} {number:>8}  (cut)"
