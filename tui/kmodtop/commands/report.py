"""kmodtop report: a snapshot on stdout; also what watch gives without a terminal."""

import argparse
import io
from collections.abc import Iterator, Sequence

from kmodtop_core.errors import Exit, SourceError
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.opening import PLAYED, Kind, kind_of, read_now
from kmodtop_core.reports.report import Snapshot, reset_warnings, snapshots, to_json, to_text
from kmodtop_core.stats.parse import NoStatistics

from ..options import Reading, Writing, reading_of, writing_of
from ..process.signals import unwinding
from ..process.streams import say
from .output import deliver


def run(args: argparse.Namespace) -> int:
    """Prints every snapshot of every source; errors are raised after the others are printed."""
    return print_reports(args.source, reading_of(args), writing_of(args, *args.source))


def print_reports(
    names: Sequence[str | None], reading: Reading, how: Writing, boot: int | None = None
) -> int:
    """Of those sources; of a recording all boots, or that one. Raises SourceError."""
    errors: list[SourceError] = []
    out = io.StringIO()
    for name in names or [None]:
        try:
            for text in _reports(name, reading, how, boot):
                out.write(("\n" if out.tell() and how.format == "text" else "") + text)
        except SourceError as error:
            errors.append(error)
    deliver(out.getvalue(), how)
    for problem in errors[:-1]:
        say(str(problem))
    if errors:
        raise errors[-1]
    return Exit.DONE


def report_instead(
    names: Sequence[str | None], reading: Reading, how: Writing, boot: int | None = None
) -> int:
    """What there is without a terminal."""
    say("no terminal on stdout, so this is a report; on one there is a live view")
    return print_reports(names, reading, how, boot)


def _snapshots(name: str | None, machine: Machine, reading: Reading, kind: Kind) -> list[Snapshot]:
    with unwinding():
        samples = read_now(name, machine, reading.risk_panic, reading.sudo, kind)
    label = name or STATS_PATH
    try:
        return reset_warnings(snapshots(label, samples))
    except NoStatistics as none:
        raise none.error("standard input" if name == "-" else label) from None


def _reports(name: str | None, reading: Reading, how: Writing, boot: int | None) -> Iterator[str]:
    """Of each text of a source, or of each boot of a recording."""
    machine = Machine()
    kind = kind_of(name, machine)
    if name and kind in PLAYED:
        yield from _summed_up(name, how, boot)
        return
    for snapshot in _snapshots(name, machine, reading, kind):
        if how.format == "json":
            yield to_json(snapshot) + "\n"
        else:
            yield to_text(snapshot, how.units)


def _summed_up(path: str, how: Writing, boot: int | None) -> Iterator[str]:
    # Imported here, so that a report of a text does not pay for them.
    from kmodtop_core.jsontext import dumps
    from kmodtop_core.opening import open_played
    from kmodtop_core.reports.summary import summaries, summary_object, summary_text

    from .. import __version__

    told = []
    recording = open_played(path, __version__)
    for summary in summaries(path, recording):
        if boot is not None and summary.number != boot:
            continue
        if how.format == "json":
            told.append(dumps(summary_object(summary)) + "\n")
        else:
            told.append(summary_text(summary, how.units))
    recording.close()
    yield from told
