"""kmodtop doctor: why the stats file can or cannot be read here."""

import argparse
import sys

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.machine.facts import Machine
from kmodtop_core.plain import to_ascii
from kmodtop_core.reports.doctor import Condition, examine

from .. import __version__
from ..process.signals import unwinding

_MARKS = {"ok": "ok ", "bad": "NO ", "unknown": "?  "}


def run(args: argparse.Namespace) -> int:
    """Prints the conditions; 3 when one of them keeps the file from being read."""
    if args.clean:
        return _clean()
    with unwinding():
        conditions = examine(args.source, Machine(), args.sudo)
    text = "".join(map(_line, [_versions(), *conditions]))
    sys.stdout.write(to_ascii(text) if args.ascii else text)
    readable = any(condition.reads for condition in conditions)
    return Exit.DONE if readable else Exit.UNREADABLE


def _versions() -> Condition:
    """What a report of a fault should name."""
    import platform
    import sqlite3

    from kmodtop_core.recording.schema import SCHEMA

    found = [f"kmodtop {__version__}", f"Python {platform.python_version()}"]
    found += [f"{name} {_version_of(name)}" for name in ("textual", "watchfiles")]
    found += [f"SQLite {sqlite3.sqlite_version}", f"schema {SCHEMA} of recordings"]
    return Condition("ok", ", ".join(found))


def _version_of(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


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
