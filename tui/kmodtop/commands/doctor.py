"""kmodtop doctor: why the stats file can or cannot be read here."""

import argparse
import sys

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.plain import to_ascii
from kmodtop_core.reports.doctor import Condition, examine

from ..process.signals import unwinding

_MARKS = {"ok": "ok ", "bad": "NO ", "unknown": "?  "}


def run(args: argparse.Namespace) -> int:
    """Prints the conditions; 3 when one of them keeps the file from being read."""
    if args.clean:
        return _clean()
    with unwinding():
        conditions = examine(args.source, Machine(), args.sudo)
    text = "".join(_line(condition) for condition in conditions)
    sys.stdout.write(to_ascii(text) if args.ascii else text)
    readable = any(condition.reads for condition in conditions)
    return Exit.DONE if readable else Exit.UNREADABLE


def _clean() -> int:
    """Takes away what a kmodtop that was killed has left. Raises SourceError."""
    from kmodtop_core.tracing.leftovers import clear, leftovers  # only here
    from kmodtop_core.tracing.tracefs import why_not

    machine = Machine()
    if why := why_not(machine):
        raise SourceError(why)
    cleared = clear(machine)
    if left := [group for group, _ in leftovers(machine)]:
        what = f"cannot be taken away ({', '.join(left)})"
        fix = "see who holds its trace_pipe open, end that, and try again"
        raise SourceError(Trouble("leftovers", what, fix, "tracefs"))
    told = ", ".join(cleared) + " taken away" if cleared else "nothing was left in tracefs"
    sys.stdout.write(f"{told}\n")
    return Exit.DONE


def _line(condition: Condition) -> str:
    fix = f"\n     do: {condition.fix}" if condition.fix else ""
    return f"{_MARKS[condition.state]}  {condition.what}{fix}\n"
