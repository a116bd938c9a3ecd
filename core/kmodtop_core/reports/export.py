"""A recording for other programs: its texts and gaps as JSON lines, or as CSV.

The JSON keys are a contract: kmodtop.report/1, kmodtop.gap/1.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..jsontext import dumps
from ..plain import harmless
from ..recording.reading import Boot, Recording
from ..sample import Gap, Item, Sample
from ..stats.parse import NoStatistics, parse
from ..stats.values import COUNTERS
from ..units import rfc3339
from .report import Snapshot, to_object


class Entry(NamedTuple):
    """An item to be written, and what its source is called. `is_timed`: it is known when it was
    read."""

    source: str
    item: Item
    is_timed: bool = True


def entries(recording: Recording, boot: Boot) -> Iterator[Item]:
    """Items that differ from the one before."""
    last: object = None
    for item in recording.items(boot):
        what: object = item.text if isinstance(item, Sample) else item.why
        if what != last:
            yield item
        last = what


def to_jsonl(items: Iterable[Entry]) -> Iterator[str]:
    """One object a line."""
    for source, item, is_timed in items:
        if isinstance(item, Gap):
            yield dumps(gap_object(item)) + "\n"
        else:
            yield dumps(text_object(item, source, is_timed)) + "\n"


def gap_object(gap: Gap) -> dict[str, Any]:
    """A time without text (kmodtop.gap/1)."""
    taken = None if gap.at.wall is None else rfc3339(gap.at.wall)
    return {
        "schema": "kmodtop.gap/1",
        "taken": taken,
        "uptime_s": round(gap.at.uptime, 3),
        "code": gap.why.code,
        "message": gap.why.sentence,
    }


def text_object(sample: Sample, source: str, is_timed: bool = True) -> dict[str, Any]:
    """A text as a report of it; one without statistics as a gap."""
    wall = sample.at.wall if is_timed else None
    when = {
        "boot_id": sample.host.boot_id,
        "taken": None if wall is None else rfc3339(wall),
        "uptime_s": round(sample.at.uptime, 3) if is_timed else None,
    }
    try:
        block = parse(sample.text)[-1]
    except NoStatistics as none:
        return {"schema": "kmodtop.gap/1", "code": "not-stats", "message": str(none)} | when
    return to_object(Snapshot(source, sample, block)) | when


def to_csv(items: Iterable[Entry]) -> Iterator[str]:
    """A row a text that holds statistics."""
    more = ("virtual_mem_wasted_bytes",)
    yield _row("boot_id", "taken", "uptime_s", *COUNTERS, *more)
    for source, item, is_timed in items:
        report = text_object(item, source, is_timed) if isinstance(item, Sample) else {}
        if "counters" in report:
            counters = [report["counters"][name] for name in COUNTERS]
            wasted = [report[name] for name in more]
            boot = harmless(report["boot_id"] or "")
            yield _row(boot, report["taken"], report["uptime_s"], *counters, *wasted)


def _row(*cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()
