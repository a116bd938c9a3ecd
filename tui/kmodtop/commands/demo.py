"""kmodtop demo: the live view over a simulated boot."""

import argparse

from kmodtop_core.opening.watching import simulated
from kmodtop_core.simulation.scenario_files import load

from ..options import reading_of, writing_of
from ..process.screen import why_no_view
from ..process.streams import say
from ..view.view import Source
from .elsewhere import opener_for
from .live import look_of, start
from .privileges import lower
from .simulate import simulate_one


def run(args: argparse.Namespace) -> int:
    """Opens the simulator, then the app; without a terminal, the end of the boot as text."""
    if why := why_no_view():
        say(why)
        return simulate_one(args.scenario, args.era, args.cpus, args.seed, writing_of(args))
    cpus = args.cpus and args.cpus.of(load(args.scenario).cpus)
    source = simulated(args.scenario, args.era, cpus, args.seed, args.speed)
    about = Source(source.label, source.means, who=lower(source, args.user))
    return start(source, about, look_of(args), opener=opener_for(reading_of(args)))
