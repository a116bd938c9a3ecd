"""kmodtop export: recordings for other programs."""

import argparse
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from typing import NamedTuple

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.kinds import is_played
from kmodtop_core.opening.playing import open_played
from kmodtop_core.opening.reading import read_now
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.reports.export import Entry, entries, to_csv, to_jsonl
from kmodtop_core.reports.report import snapshots
from kmodtop_core.stats.parse import NoStatistics

from .. import __version__
from ..options import Writing, writing_of
from ..process.streams import is_terminal, say
from .output import deliver_all
from .progress import told


class _Open(NamedTuple):
    """A recording that is open. `is_timed`: it knows when its texts were read. `events`: its list
    of load events, where that is wanted."""

    name: str
    recording: Recording
    is_timed: bool
    events: str = ""


def run(args: argparse.Namespace) -> int:
    """Writes every changed text, in order; what cannot be read is told, and the rest written."""
    how = writing_of(args, *args.source)
    with ExitStack() as stack:
        found, troubles = [], []
        for name in dict.fromkeys(args.source):
            try:
                one = _open(name)
                stack.enter_context(closing(one.recording))
                found.append(_fit(one, args.format))
            except SourceError as error:
                troubles.append(error)
        if found:
            deliver_all(_text(found, how, args), how)
    for problem in troubles[:-1]:
        say(str(problem))
    if troubles:
        raise troubles[-1]
    return Exit.DONE


def _fit(one: _Open, form: str) -> _Open:
    """The same with what the format needs. Raises SourceError where a source has not that."""
    if form == "events":
        return one._replace(events=_events(one.recording, one.name))
    if form != "openmetrics":
        return one
    from kmodtop_core.metrics.backfill import Part, zero_of  # only here, as below

    if not one.is_timed:
        what = "is a text, of which nobody knows when it was read"
        fix = "name a recording; kmodtop report --format openmetrics takes a text"
        raise SourceError(Trouble("no-clock", what, fix, one.name), Exit.NO_STATISTICS)
    for boot in one.recording.boots():
        zero_of([Part(one.name, one.recording, boot)])
    return one


def _text(found: Sequence[_Open], how: Writing, args: argparse.Namespace) -> Iterator[str]:
    if args.format == "events":
        yield from (one.events for one in found)
    elif args.format == "openmetrics":
        yield from _metrics(found, args.per_module == "all", args.created)
    else:
        total = sum(
            one.recording.counts(boot)[0] for one in found for boot in one.recording.boots()
        )
        is_seen = how.output is None and is_terminal(1)
        items = told(_entries(found), total, "exporting", is_quiet=is_seen)
        yield from (to_jsonl if args.format == "jsonl" else to_csv)(items)


def _entries(found: Sequence[_Open]) -> Iterator[Entry]:
    for name, recording, is_timed, _ in found:
        for boot in recording.boots():
            for item in entries(recording, boot):
                yield Entry(name, item, is_timed)


def _metrics(found: Sequence[_Open], per_module: bool, created: bool) -> Iterator[str]:
    from kmodtop_core.metrics.backfill import Part, backfill  # only here: few ask for it
    from kmodtop_core.recording.merge import in_order

    labels = _labels([one.name for one in found])
    parts = [
        Part(labels[one.name], one.recording, boot)
        for one in found
        for boot in one.recording.boots()
    ]
    yield from backfill(in_order(parts), __version__, per_module, created)


def _labels(names: Sequence[str]) -> dict[str, str]:
    """Files by their last names; by all that was written where two have the same."""
    last = {name: os.path.basename(name.rstrip("/")) for name in names}
    often = Counter(last.values())
    return {name: short if often[short] == 1 else name for name, short in last.items()}


def _events(recording: Recording, name: str) -> str:
    """The last boot's. Raises SourceError where it was not counted from a trace."""
    from kmodtop_core.reports.events import to_events  # only here: few ask for it

    title = os.path.splitext(os.path.basename(name.rstrip("/")))[0]
    text = to_events(recording, recording.boots()[-1], title)
    if text is None:
        what = "was not counted from a trace, and a text does not tell single loads"
        fix = "take a recording of trace:, or a bundle with such a trace"
        raise SourceError(Trouble("no-events", what, fix, name), Exit.NO_STATISTICS)
    return text


def _open(name: str) -> _Open:
    """A recording or series; texts that are none are one of what they hold. Raises SourceError."""
    if is_played(name, Machine()):
        return _Open(name, open_played(name, __version__), True)
    recorder = in_memory(__version__)
    is_timed = True
    try:
        for sample in read_now(name, Machine()):
            is_timed = is_timed and sample.host.boot_id is not None
            found = snapshots(name, [sample])
            for text in (sample.text[s.block.start : s.block.end] for s in found):
                recorder.write(sample._replace(text=text if len(found) > 1 else sample.text))
    except NoStatistics as none:
        raise none.error(name) from None
    return _Open(name, recorder.recording, is_timed)
