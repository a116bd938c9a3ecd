"""kmodtop export: a recording for other programs."""

import argparse
import os

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.kinds import is_played
from kmodtop_core.opening.playing import open_played
from kmodtop_core.opening.reading import read_now
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import in_memory
from kmodtop_core.reports.export import entries, to_csv, to_jsonl
from kmodtop_core.reports.report import snapshots
from kmodtop_core.stats.parse import NoStatistics

from .. import __version__
from ..options import writing_of
from ..process.streams import is_terminal
from .output import deliver, deliver_all
from .progress import told


def run(args: argparse.Namespace) -> int:
    """Writes every changed text, in order."""
    recording, how = _open(args.source[0]), writing_of(args, *args.source)
    try:
        if args.format == "events":
            deliver(_events(recording, args.source[0]), how)
            return Exit.DONE
        boots = recording.boots()
        every = (item for boot in boots for item in entries(recording, boot))
        total = sum(recording.counts(boot)[0] for boot in boots)
        is_seen = how.output is None and is_terminal(1)
        items = told(every, total, "exporting", is_quiet=is_seen)
        deliver_all((to_jsonl if args.format == "jsonl" else to_csv)(items, args.source[0]), how)
    finally:
        recording.close()
    return Exit.DONE


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


def _open(name: str) -> Recording:
    """A recording or series; texts that are none are one of what they hold. Raises SourceError."""
    if is_played(name, Machine()):
        return open_played(name, __version__)
    recorder = in_memory(__version__)
    try:
        for sample in read_now(name, Machine()):
            found = snapshots(name, [sample])
            for text in (sample.text[s.block.start : s.block.end] for s in found):
                recorder.write(sample._replace(text=text if len(found) > 1 else sample.text))
    except NoStatistics as none:
        raise none.error(name) from None
    return recorder.recording
