"""kmodtop diff: what changed between two snapshots, or the ends of two recordings."""

import argparse

from kmodtop_core.errors import Exit
from kmodtop_core.jsontext import dumps
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.reading import read_now
from kmodtop_core.reports.difference import difference, difference_object, difference_text
from kmodtop_core.reports.report import Snapshot, snapshots
from kmodtop_core.stats.parse import NoStatistics

from ..options import Reading, reading_of, writing_of
from ..process.signals import unwinding
from .output import deliver


def run(args: argparse.Namespace) -> int:
    """Prints the difference; with --exit-code 1 tells that there is one."""
    reading, how = reading_of(args), writing_of(args, args.a, args.b)
    found = difference(_last(args.a, reading), _last(args.b, reading), args.across_boots)
    if how.format == "json":
        deliver(dumps(difference_object(found)) + "\n", how)
    elif how.format == "mail":
        from kmodtop_core.reports.mail import to_mail  # only here: others have no use for it

        deliver(to_mail(difference_text(found, how.units)), how)
    else:
        deliver(difference_text(found, how.units), how)
    return Exit.FOUND if args.exit_code and not found.is_none else Exit.DONE


def _last(name: str, reading: Reading) -> Snapshot:
    """The last text of a source. Raises SourceError."""
    try:
        with unwinding():
            samples = read_now(name, Machine(), reading.risk_panic, reading.sudo)
        return snapshots(name, samples)[-1]
    except NoStatistics as none:
        raise none.error(name) from None
