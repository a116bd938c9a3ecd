"""kmodtop report: a snapshot on stdout; also what watch gives without a terminal."""

import argparse
import io
import sys

from kmodtop_core.machine import STATS_PATH, Machine
from kmodtop_core.plain import harmless
from kmodtop_core.report import Snapshot, reset_warnings, snapshots, to_json, to_text
from kmodtop_core.sample import Why
from kmodtop_core.sources.base import SourceError
from kmodtop_core.sources.opening import read_now
from kmodtop_core.statsfile import NoStatistics


def run(args: argparse.Namespace) -> int:
    """Prints every snapshot of every source; errors are raised after the others are printed."""
    errors: list[SourceError] = []
    out = io.StringIO()
    for name in args.source or [None]:
        try:
            found = _snapshots(name, args.risk_panic)
        except SourceError as error:
            errors.append(error)
            continue
        for snapshot in found:
            out.write(_written(snapshot, args, separate=out.tell() > 0))
    deliver(out.getvalue(), args)
    for problem in errors[:-1]:
        sys.stderr.write(f"kmodtop: {problem}\n")
    if errors:
        raise errors[-1]
    return 0


def _snapshots(name: str | None, risk_panic: bool) -> list[Snapshot]:
    samples = read_now(name, Machine(), risk_panic)
    label = name or STATS_PATH
    try:
        return reset_warnings(snapshots(label, samples))
    except NoStatistics as none:
        shown = "standard input" if name == "-" else harmless(label)
        raise SourceError(Why("not-stats", f"{shown}: {none}"), 4) from None


def _written(snapshot: Snapshot, args: argparse.Namespace, separate: bool) -> str:
    if args.format == "json":
        return to_json(snapshot) + "\n"
    return ("\n" if separate else "") + to_text(snapshot, args.bytes)


def deliver(text: str, args: argparse.Namespace) -> None:
    """To stdout, or into the file that was asked for. Raises SourceError."""
    if args.ascii:
        text = to_ascii(text)
    if args.output is None:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
        return
    try:
        with open(args.output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        why = f"{harmless(args.output)}: can't be written ({error.strerror}); choose another file"
        raise SourceError(Why("unwritable", why)) from None


_ASCII: dict[str, str | int | None] = {
    "“": '"',
    "”": '"',
    "–": "-",
    "−": "-",
    "×": "x",
    "…": "~",
    "→": ">",
}


def to_ascii(text: str) -> str:
    """The nearest that ASCII has; other characters are spelt as escapes."""
    plain = text.translate(str.maketrans(_ASCII))
    return plain.encode("ascii", "backslashreplace").decode("ascii")
