"""kmodtop doctor: why the stats file can or cannot be read here."""

import argparse
import sys

from kmodtop_core.errors import Exit
from kmodtop_core.machine.facts import Machine
from kmodtop_core.plain import to_ascii
from kmodtop_core.reports.doctor import Condition, examine

from ..process.signals import unwinding

_MARKS = {"ok": "ok ", "bad": "NO ", "unknown": "?  "}


def run(args: argparse.Namespace) -> int:
    """Prints the conditions; 3 when one of them keeps the file from being read."""
    with unwinding():
        conditions = examine(args.source, Machine(), args.sudo)
    text = "".join(_line(condition) for condition in conditions)
    sys.stdout.write(to_ascii(text) if args.ascii else text)
    readable = any(condition.reads for condition in conditions)
    return Exit.DONE if readable else Exit.UNREADABLE


def _line(condition: Condition) -> str:
    fix = f"\n     do: {condition.fix}" if condition.fix else ""
    return f"{_MARKS[condition.state]}  {condition.what}{fix}\n"
