"""kmodtop doctor: why the stats file can or can't be read here."""

import argparse
import sys

from kmodtop_core.doctor import Finding, examine
from kmodtop_core.machine import Machine

from ..signals import unwinding
from .output import to_ascii

_MARKS = {"ok": "ok ", "bad": "NO ", "unknown": "?  "}


def run(args: argparse.Namespace) -> int:
    """Prints the findings; 3 when one of them keeps the file from being read."""
    with unwinding():
        findings = examine(args.source, Machine(), args.sudo)
    text = "".join(_line(finding) for finding in findings)
    sys.stdout.write(to_ascii(text) if args.ascii else text)
    readable = any(finding.reads for finding in findings)
    return 0 if readable else 3


def _line(finding: Finding) -> str:
    fix = f"\n     do: {finding.fix}" if finding.fix else ""
    return f"{_MARKS[finding.state]}  {finding.what}{fix}\n"
