"""kmodtop report: a snapshot on stdout; also what watch gives without a terminal."""

import argparse
import io
from collections.abc import Iterator, Sequence

from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.opening import is_played, read_now
from kmodtop_core.reports.report import Snapshot, reset_warnings, snapshots, to_json, to_text
from kmodtop_core.stats.parse import NoStatistics

from ..process.signals import unwinding
from ..process.streams import say
from .output import (
    deliver,
)


def run(args: argparse.Namespace) -> int:
    """Prints every snapshot of every source; errors are raised after the others are printed."""
    errors: list[SourceError] = []
    out = io.StringIO()
    for name in args.source or [None]:
        try:
            for text in _reports(name, args):
                out.write(("\n" if out.tell() and args.format == "text" else "") + text)
        except SourceError as error:
            errors.append(error)
    deliver(out.getvalue(), args)
    for problem in errors[:-1]:
        say(str(problem))
    if errors:
        raise errors[-1]
    return 0


def report_instead(args: argparse.Namespace, names: Sequence[str | None]) -> int:
    """What there is without a terminal."""
    say("no terminal on stdout, so this is a report; on one there is a live view")
    args.source = list(names)
    args.format, args.output = "text", None
    return run(args)


def _snapshots(name: str | None, args: argparse.Namespace) -> list[Snapshot]:
    with unwinding():
        samples = read_now(name, Machine(), args.risk_panic, args.sudo)
    label = name or STATS_PATH
    try:
        return reset_warnings(snapshots(label, samples))
    except NoStatistics as none:
        shown = "standard input" if name == "-" else label
        raise SourceError(Trouble("not-stats", none.what, none.fix, shown), 4) from None


def _reports(name: str | None, args: argparse.Namespace) -> Iterator[str]:
    """Of each text of a source, or of each boot of a recording."""
    if name and is_played(name):
        yield from _summed_up(name, args)
        return
    for snapshot in _snapshots(name, args):
        if args.format == "json":
            yield to_json(snapshot) + "\n"
        else:
            yield to_text(snapshot, args.bytes)


def _summed_up(path: str, args: argparse.Namespace) -> Iterator[str]:
    # Imported here, so that a report of a text does not pay for them.
    from kmodtop_core.jsontext import dumps
    from kmodtop_core.opening import open_played
    from kmodtop_core.reports.summary import summaries, summary_object, summary_text

    from .. import __version__

    told = []
    recording = open_played(path, __version__)
    boot = getattr(args, "boot", None)
    for summary in summaries(path, recording):
        if boot is not None and summary.number != boot:
            continue
        if args.format == "json":
            told.append(dumps(summary_object(summary)) + "\n")
        else:
            told.append(summary_text(summary, args.bytes))
    recording.close()
    yield from told
