"""kmodtop demo: the live view over a simulated boot."""

import argparse

from kmodtop_core.opening import simulated

from ..process.streams import is_terminal, say
from .live import start
from .privileges import lower


def run(args: argparse.Namespace) -> int:
    """Opens the simulator, then the app; without a terminal, the end of the boot as text."""
    if not is_terminal(1):
        return _report(args)
    source = simulated(args.scenario, args.era, args.cpus, args.seed, args.speed)
    args.interval = 1.0
    return start(source, args, lower(source, args))


def _report(args: argparse.Namespace) -> int:
    from . import simulate

    say("no terminal on stdout, so this is a report; on one it plays live")
    args.events = args.to = args.record = args.speed = None
    args.realtime = args.compare = False
    args.format = "text"
    return simulate.run(args)
