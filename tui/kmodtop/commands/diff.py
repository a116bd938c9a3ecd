"""kmodtop diff: what changed between two snapshots, or the ends of two recordings."""

import argparse

from kmodtop_core.errors import SourceError, Trouble
from kmodtop_core.jsontext import dumps
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening import read_now
from kmodtop_core.reports.difference import difference, difference_object, difference_text
from kmodtop_core.reports.report import Snapshot, snapshots
from kmodtop_core.stats.parse import NoStatistics

from ..process.signals import unwinding
from .output import deliver

DIFFERENT = 1


def run(args: argparse.Namespace) -> int:
    """Prints the difference; with --exit-code 1 tells that there is one."""
    found = difference(_last(args.a, args), _last(args.b, args), args.across_boots)
    if args.format == "json":
        deliver(dumps(difference_object(found)) + "\n", args)
    else:
        deliver(difference_text(found, args.bytes), args)
    return DIFFERENT if args.exit_code and not found.is_none else 0


def _last(name: str, args: argparse.Namespace) -> Snapshot:
    """The last text of a source. Raises SourceError."""
    try:
        with unwinding():
            samples = read_now(name, Machine(), args.risk_panic, args.sudo)
        return snapshots(name, samples)[-1]
    except NoStatistics as none:
        raise SourceError(Trouble("not-stats", none.what, none.fix, name), 4) from None
