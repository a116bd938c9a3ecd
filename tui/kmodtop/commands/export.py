"""kmodtop export: a recording for other programs."""

import argparse
import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from kmodtop_core.recording import Boot, Recording
from kmodtop_core.report import Snapshot, to_object
from kmodtop_core.sample import Gap, Item, Sample
from kmodtop_core.stats import COUNTERS
from kmodtop_core.statsfile import NoStatistics, parse
from kmodtop_core.units import rfc3339

from .report import deliver


def run(args: argparse.Namespace) -> int:
    """Writes every changed text, in order."""
    recording = Recording(args.source)
    out = io.StringIO()
    entries = (entry for boot in recording.boots() for entry in _entries(recording, boot))
    (_jsonl if args.format == "jsonl" else _csv)(entries, args.source, out)
    recording.close()
    deliver(out.getvalue(), args)
    return 0


def _entries(recording: Recording, boot: Boot) -> Iterator[Item]:
    """Items that differ from the one before."""
    last: object = None
    for item in recording.items(boot):
        what: object = item.text if isinstance(item, Sample) else item.why
        if what != last:
            yield item
        last = what


def _jsonl(items: Iterator[Item], source: str, out: io.StringIO) -> None:
    for item in items:
        entry = _gap(item) if isinstance(item, Gap) else _report(item, source)
        out.write(json.dumps(entry) + "\n")


def _gap(gap: Gap) -> dict[str, Any]:
    taken = None if gap.at.wall is None else rfc3339(gap.at.wall)
    return {
        "schema": "kmodtop.gap/1",
        "taken": taken,
        "uptime_s": round(gap.at.uptime, 3),
        "code": gap.why.code,
        "message": gap.why.sentence,
    }


def _report(sample: Sample, source: str) -> dict[str, Any]:
    when = {
        "boot_id": sample.host.boot_id,
        "taken": None if sample.at.wall is None else rfc3339(sample.at.wall),
        "uptime_s": round(sample.at.uptime, 3),
    }
    try:
        block = parse(sample.text)[-1]
    except NoStatistics as none:
        return {"schema": "kmodtop.gap/1", "code": "not-stats", "message": str(none)} | when
    return to_object(Snapshot(source, sample, block)) | when


def _csv(items: Iterator[Item], source: str, out: io.StringIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    more = ("virtual_mem_wasted_bytes",)
    writer.writerow(("boot_id", "taken", "uptime_s", *COUNTERS, *more))
    for item in items:
        report = _report(item, source) if isinstance(item, Sample) else {}
        if "counters" in report:
            counters = [report["counters"][name] for name in COUNTERS]
            wasted = [report[name] for name in more]
            writer.writerow(
                [report["boot_id"], report["taken"], report["uptime_s"], *counters, *wasted]
            )
