"""kmodtop replay: the live view over a boot of a recording."""

import argparse
import sys

from kmodtop_core.sources.series import Series, read_recording

from . import watch


def run(args: argparse.Namespace) -> int:
    """Plays the boot; without a terminal, its end as text."""
    if not sys.stdout.isatty():
        return watch.report_instead(args)
    series = read_recording(args.source, args.boot)
    args.interval = 1.0
    return watch.start(Series(series, args.source, args.speed), args)
