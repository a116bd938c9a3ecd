"""A recording summed up: for each boot what happened when, and how it ended."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from .. import units
from ..diagnosis.boot import BootCase
from ..diagnosis.diagnose import diagnose
from ..plain import harmless
from ..recording.growth import most_failed
from ..recording.reading import Boot, Recording, Storm, Totals
from ..stats.parse import NoStatistics, parse
from ..tracing.requests import HEARD
from .answer import answer_lines, finding_lines, storm_lines
from .report import Snapshot, to_object, to_text

_MOST_MODULES = 8
"""Modules of a storm that the text names."""

_TITLES = ("storm", "began", "peaked", "at", "ended", "failed", "wasted")
_CELLS = (5, 9, 9, 13, 9, 8, 11)

_MOST_STORMS = 30
"""Storms of a boot that the text lists; JSON has all."""


class BootSummary(NamedTuple):
    """One boot. `number` of `boots` counts from 1; `final` is None when no text held statistics."""

    source: str
    boot: Boot
    number: int
    boots: int
    total: Totals
    storms: list[tuple[Storm, list[tuple[str, int]]]]
    final: Snapshot | None


def summaries(
    source: str, recording: Recording, pieces: dict[str, bytes] | None = None, how: str = "iec"
) -> list[BootSummary]:
    """Every boot, oldest first. `pieces`: evidence besides what was recorded; `how`: of bytes."""
    boots = recording.boots()
    # What was told while it happened is of one boot: of the last, unless it brings its own.
    timeless = {n: data for n, data in (pieces or {}).items() if n not in HEARD}
    return [
        _summary(
            source, recording, boot, n, len(boots), pieces if n == len(boots) else timeless, how
        )
        for n, boot in enumerate(boots, 1)
    ]


def _summary(
    source: str,
    recording: Recording,
    boot: Boot,
    number: int,
    boots: int,
    pieces: dict[str, bytes] | None,
    how: str,
) -> BootSummary:
    storms = [(storm, most_failed(recording.store, storm)) for storm in recording.storms(boot)]
    final = _final(source, recording, boot)
    case = BootCase(recording, boot, pieces).at() if final else None
    if case is not None and final is not None:
        final = final._replace(answer=diagnose(case, how))
    return BootSummary(source, boot, number, boots, recording.totals(boot), storms, final)


def _final(source: str, recording: Recording, boot: Boot) -> Snapshot | None:
    last = recording.last_sample(boot, float("inf"), accepted=True)
    if last is None:
        return None
    sample = last.look(last.until)
    try:
        return Snapshot(source, sample, parse(sample.text)[-1])  # type: ignore[union-attr, arg-type]
    except NoStatistics:
        raise recording.store.damaged(f"text {last.id} holds no statistics") from None


def summary_object(summary: BootSummary) -> dict[str, Any]:
    """The report object of how the boot ended, with what happened before under `recording`."""
    total = summary.total
    final = to_object(summary.final) if summary.final else _unknown(summary)
    return final | {
        "recording": {
            "boot": summary.number,
            "boots": summary.boots,
            "began_s": round(total.began, 3),
            "ended_s": round(total.ended, 3),
            "samples": total.texts,
            "gaps": total.gaps,
            "gaps_s": round(total.gaps_s, 3),
            "reads": total.reads,
            "read_s": round(total.read_s, 6),
            "storms": [_storm_object(storm, modules) for storm, modules in summary.storms],
        }
    }


def _unknown(summary: BootSummary) -> dict[str, Any]:
    """Of a boot of which no text held statistics."""
    boot = summary.boot
    return {
        "schema": "kmodtop.report/1",
        "source": summary.source,
        "kernel": boot.kernel,
        "cpus": boot.cpus,
        "boot_id": boot.boot_id,
        "counters": None,
        "virtual_mem_wasted_bytes": None,
        "duplicates": None,
    }


def _storm_object(storm: Storm, modules: list[tuple[str, int]]) -> dict[str, Any]:
    return {
        "began_s": round(storm.began, 3),
        "peak_s": None if storm.peak_at is None else round(storm.peak_at, 3),
        "peak_rate": None if storm.peak_rate is None else round(storm.peak_rate),
        "ended_s": round(storm.ended, 3),
        "failures": storm.failures,
        "wasted_bytes": round(storm.wasted),
        "modules": [{"module": name, "count": count} for name, count in modules],
    }


def summary_text(summary: BootSummary, how: str = "iec") -> str:
    """What happened when, then the final state."""
    answer = summary.final.answer if summary.final else None
    begin = [*answer_lines(answer), *finding_lines(answer, how), ""] if answer else []
    more = ["", *storm_lines(answer)] if answer and answer.storms else []
    lines = [*begin, *_head(summary), "", *_storm_lines(summary, how), *more, ""]
    text = "\n".join(lines) + "\n"
    if summary.final is None:
        return text + "No text held module statistics.\n"
    return text + "How it ended. " + to_text(summary.final, how, with_answer=False)


def _head(summary: BootSummary) -> Iterator[str]:
    boot, total = summary.boot, summary.total
    which = f", boot {summary.number} of {summary.boots}" if summary.boots > 1 else ""
    facts = [
        harmless(boot.host) if boot.host else "",
        f"kernel {harmless(boot.kernel)}" if boot.kernel else "",
        f"{boot.cpus} CPUs" if boot.cpus else "",
        units.rfc3339(boot.wall) if boot.wall is not None else "",
    ]
    about = ", ".join(fact for fact in facts if fact)
    yield f"Recording {harmless(summary.source).rstrip(':')}{which}{': ' if about else ''}{about}"
    if not total.ended:
        return  # a text of which nobody knows when it was made
    yield (
        f"From {total.began:.1f} s to {total.ended:.1f} s after boot:"
        f" {units.counted(total.texts, 'text')}"
        + (f", {total.gaps} gaps of {units.span(total.gaps_s)} in all" if total.gaps else "")
    )
    if total.reads:
        each = 1000 * total.read_s / total.reads
        yield f"Reading took {each:.2f} ms each, for which the kernel's module mutex was held."


def _clock(boot: Boot, storm: Storm) -> str:
    """How long it lasted, and when that was by the clock on the wall, where that is known."""
    span = f"within {units.span(storm.ended - storm.began)}"
    if boot.wall is None:
        return span
    zero = boot.wall - boot.uptime
    begin, end = units.rfc3339(zero + storm.began), units.rfc3339(zero + storm.ended)
    return f"{span}, {begin} to {end}"


def _storm_lines(summary: BootSummary, how: str) -> Iterator[str]:
    if not summary.storms:
        if summary.final is not None and summary.total.ended > summary.total.began:
            yield "Nothing failed while it was recorded."
        return
    titles = zip(_TITLES, _CELLS, strict=True)
    yield " ".join(f"{title:>{cells}}" for title, cells in titles)
    for number, (storm, modules) in enumerate(summary.storms[:_MOST_STORMS], 1):
        peak = "?" if storm.peak_at is None else f"{storm.peak_at:.1f} s"
        rate = "?" if storm.peak_rate is None else units.rate(storm.peak_rate, how)
        yield (
            f"{number:>5} {f'{storm.began:.1f} s':>9} {peak:>9} {rate:>13}"
            f" {f'{storm.ended:.1f} s':>9} {units.count(storm.failures):>8}"
            f" {units.size(storm.wasted, how):>11}"
        )
        yield f"      {_clock(summary.boot, storm)}"
        named = [f"{harmless(name)} {units.count(count)}" for name, count in modules]
        more = f", {len(named) - _MOST_MODULES} more" if len(named) > _MOST_MODULES else ""
        if named:
            yield f"      {', '.join(named[:_MOST_MODULES])}{more}"
    if len(summary.storms) > _MOST_STORMS:
        yield f"      and {len(summary.storms) - _MOST_STORMS} more; --format json has all"
