"""kmodtop demo: the live view over a simulated boot."""

import argparse
import sys

from kmodtop_core.sources.opening import simulated

from . import watch
from .lowering import lower


def run(args: argparse.Namespace) -> int:
    """Opens the simulator, then the app; without a terminal, the end of the boot as text."""
    if not sys.stdout.isatty():
        return _report(args)
    source = simulated(args.scenario, args.era, args.cpus, args.seed, args.speed)
    args.interval = 1.0
    return watch.start(source, args, lower(source, args))


def _report(args: argparse.Namespace) -> int:
    from . import simulate

    sys.stderr.write("kmodtop: no terminal on stdout, so this is a report; on one it plays live\n")
    args.events = args.to = args.record = args.speed = None
    args.realtime = args.compare = False
    args.format = "text"
    return simulate.run(args)
