"""kmodtop merge: many recordings in one."""

import argparse
import sqlite3

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.recording.merge import merge, parts_of
from kmodtop_core.recording.recorder import Recorder

from .. import __version__
from ..process.signals import unwinding
from ..process.streams import say
from .output import refuse_own_input
from .progress import told


def run(args: argparse.Namespace) -> int:
    """Writes each boot of the recordings once; what cannot be read is told."""
    if args.output is None:
        fix = "name it, as -o all.db"
        raise SourceError(Trouble("no-output", "merge needs a file to write", fix), Exit.USAGE)
    refuse_own_input(args.output, args.source)
    troubles: list[SourceError] = []

    def tell(error: SourceError) -> None:
        troubles.append(error)
        say(str(error))

    parts = parts_of(args.source, tell)
    try:
        with unwinding(), Recorder(args.output, __version__) as recorder:
            before = len(recorder.recording.boots())
            total = sum(part.texts for part in parts)
            for _ in told(merge(parts, recorder, tell), total, "merging", is_quiet=False):
                pass
            boots = len(recorder.recording.boots())
    except sqlite3.Error as error:
        what = f"cannot be written ({error})"
        raise SourceError(Trouble("unwritable", what, "use another", args.output)) from None
    more = f", {boots - before} of them new" if before else ""
    say(f"{args.output}: {boots} boot{'s' if boots != 1 else ''}{more}")
    return Exit.UNREADABLE if troubles else Exit.DONE
