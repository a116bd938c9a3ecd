"""kmodtop export: a recording for other programs."""

import argparse
import csv
import io
from collections.abc import Iterator
from typing import Any

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.jsontext import dumps
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening import is_played, open_played, read_now
from kmodtop_core.plain import harmless
from kmodtop_core.recording.reading import Boot, Recording
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.reports.report import Snapshot, snapshots, to_object
from kmodtop_core.sample import Gap, Item, Sample
from kmodtop_core.stats.parse import NoStatistics, parse
from kmodtop_core.stats.values import COUNTERS
from kmodtop_core.units import rfc3339

from .. import __version__
from ..options import writing_of
from .output import deliver


def run(args: argparse.Namespace) -> int:
    """Writes every changed text, in order."""
    recording = _open(args.source)
    out = io.StringIO()
    entries = (entry for boot in recording.boots() for entry in _entries(recording, boot))
    (_jsonl if args.format == "jsonl" else _csv)(entries, args.source, out)
    recording.close()
    deliver(out.getvalue(), writing_of(args, args.source))
    return Exit.DONE


def _open(name: str) -> Recording:
    """A recording or series; texts that are none are one of what they hold. Raises SourceError."""
    if is_played(name):
        return open_played(name, __version__)
    recorder = in_memory(__version__)
    try:
        for sample in read_now(name, Machine()):
            found = snapshots(name, [sample])
            for text in (sample.text[s.block.start : s.block.end] for s in found):
                recorder.write(sample._replace(text=text if len(found) > 1 else sample.text))
    except NoStatistics as none:
        raise SourceError(
            Trouble("not-stats", none.what, none.fix, name), Exit.NO_STATISTICS
        ) from None
    return recorder.recording


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
        out.write(dumps(entry) + "\n")


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
                [
                    harmless(report["boot_id"] or ""),
                    report["taken"],
                    report["uptime_s"],
                    *counters,
                    *wasted,
                ]
            )
