"""kmodtop report: a snapshot, or a recording summed up, as text for people or programs."""

import argparse
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.opening.kinds import PLAYED, Kind, kind_of
from kmodtop_core.opening.reading import read_now
from kmodtop_core.reports.report import (
    Snapshot,
    diagnosed,
    reset_warnings,
    snapshots,
    to_json,
    to_text,
)
from kmodtop_core.stats.block import NoStatistics

from .. import __version__
from ..options import Reading, Writing, reading_of, writing_of
from ..process.signals import unwinding
from ..process.streams import say
from .output import deliver

if TYPE_CHECKING:
    from .exposing import Exposed

TRACED = "trace"
_SPAN_S = 10.0
"""Seconds of a trace that stand for the live view where there is no terminal."""


def run(args: argparse.Namespace) -> int:
    """Prints every snapshot of every source; errors are raised after the others are printed."""
    if [*args.source, args.kmsg, args.trace].count("-") > 1:
        what = "cannot be read twice"
        why = Trouble("stdin", what, "name files for all but one", "standard input")
        raise SourceError(why, Exit.USAGE)
    if args.trace is not None and len(args.source) > 1:
        what = "is of one machine and one boot"
        why = Trouble("trace", what, "report its source alone", args.trace)
        raise SourceError(why, Exit.USAGE)
    return print_reports(args.source, reading_of(args), writing_of(args, *args.source))


def print_reports(
    names: Sequence[str | None], reading: Reading, how: Writing, boot: int | None = None
) -> int:
    """Of those sources; of a recording all boots, or that one. Raises SourceError."""
    errors: list[SourceError] = []
    out, metrics = io.StringIO(), []
    for name in names or [None]:
        try:
            for text in _reports(name, reading, how, boot):
                if isinstance(text, str):
                    out.write(("\n" if out.tell() and how.format == "text" else "") + text)
                else:
                    metrics.append(text)
        except SourceError as error:
            errors.append(error)
    if metrics:
        from .exposing import exposition  # only here, as below

        out.write(exposition(metrics))
    if how.format == "text" and out.tell():
        out.write(f"\nkmodtop {__version__}\n")
    deliver(out.getvalue(), how)
    for problem in errors[:-1]:
        say(str(problem))
    if errors:
        raise errors[-1]
    return Exit.DONE


def report_instead(
    why: str, names: Sequence[str | None], reading: Reading, how: Writing, boot: int | None = None
) -> int:
    """What there is where no live view can be shown."""
    say(why)
    from kmodtop_core.opening.choosing import choose  # only here, as below

    reading = reading._replace(blame=None)
    if list(names) == [None] and choose(None, reading.way, Machine())[0] is not None:
        reading = reading._replace(span=_SPAN_S)
    return print_reports(names, reading, how, boot)


def _reports(
    name: str | None, reading: Reading, how: Writing, boot: int | None
) -> "Iterator[str | Exposed]":
    """Of each text of a source, or of each boot of a recording; of a kernel log alone."""
    machine = Machine()
    if reading.span is not None or reading.blame is not None or reading.way == TRACED:
        from .spanning import of_span, refuse_no_span

        refuse_no_span(reading)
        yield from of_span(name, reading, how)
        return
    if name is None and how.beside.trace is not None:
        from .summing import of_trace

        yield from of_trace(how)
        return
    kind = _kind(name, machine)
    if kind is Kind.TRACED:
        from .spanning import refuse_no_span

        refuse_no_span(reading)
    if name and kind in PLAYED:
        from .summing import summed_up  # only here: a report of a text does not pay for it

        yield from summed_up(name, how, boot)
        return
    with unwinding():
        samples = read_now(name, machine, reading.risk_panic, reading.sudo, kind)
    label = name or STATS_PATH
    try:
        found = reset_warnings(snapshots(label, samples))
    except NoStatistics as none:
        from .summing import of_log

        log = of_log(samples[-1].text, label, how)
        if log is None:
            raise none.error("standard input" if name == "-" else label) from None
        yield log
        return
    yield from (_told(snapshot, how) for snapshot in _with_answers(found, kind, machine, how))


def _kind(name: str | None, machine: Machine) -> Kind:
    """Of a source; where none is named, of whichever way this machine has."""
    if name is not None:
        return kind_of(name, machine)
    from kmodtop_core.opening.choosing import choose  # a text that is named needs none

    return kind_of(choose(None, None, machine)[0], machine)


def _with_answers(
    found: list[Snapshot], kind: Kind, machine: Machine, how: Writing
) -> Iterator[Snapshot]:
    """Each with what the texts, and this machine where they are its own, allow to say."""
    from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE, read_evidence

    from .evidence import askers_of, more_pieces

    pieces = more_pieces(how.beside)
    rows = [row.module for snapshot in found for row in snapshot.block.stats.duplicates]
    if kind is Kind.POLLED and rows and found[-1].sample.host.boot_id:
        from kmodtop_core.machine.gather import gather

        pieces = gather(machine, rows) | pieces
    if kind is Kind.SIMULATED:
        pieces |= askers_of(found[0].source)
    evidence = read_evidence(pieces) if pieces else NO_EVIDENCE
    for snapshot in found:
        yield diagnosed(snapshot, evidence, how.units)


def _told(snapshot: Snapshot, how: Writing) -> "str | Exposed":
    if how.format == "json":
        return to_json(snapshot) + "\n"
    if how.format == "text":
        return to_text(snapshot, how.units)
    from .summing import written  # only here, as above

    return written(snapshot, None, how)
