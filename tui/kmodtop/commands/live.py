"""Opens the live view: sources that go on by themselves, a first screen, then the app."""

import argparse
import os
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from kmodtop_core.errors import Exit
from kmodtop_core.recording.recorder import Recorder, in_memory
from kmodtop_core.sources.base import Source as ItemSource
from kmodtop_core.tracking.frame import Frame

from .. import __version__
from ..process.ending import Ending
from ..process.frugal import import_asyncio
from ..process.streams import leave_behind, say
from ..process.terminal import Terminal
from ..session.channel import Channel
from ..session.feed import Feed
from ..session.tee import Tee
from ..session.time_travel import Travel
from ..view.farewell import farewell
from ..view.first_screen import first_screen
from ..view.scene import Scene
from ..view.theme import ASCII, Theme, environ_at_start, glyphs_for, has_no_color
from ..view.view import Look, Playable, Situation, Source, View, demo_of

Opener = Callable[[str], Channel]

_FAREWELL_S = 0.7
"""Seconds that all sources together have to end what they have begun."""

_PATIENCE_S = 0.05
"""Seconds that the first screen waits for the first reading; the kernel may hold it up."""


def look_of(args: argparse.Namespace) -> Look:
    """By the words of a verb with a screen, and what the environment says of the terminal."""
    if args.no_color:
        os.environ["NO_COLOR"] = "1"
    elif not has_no_color(os.environ):
        os.environ.pop("NO_COLOR", None)  # textual goes by whether it is there
    theme = Theme("plain" if args.low_bandwidth else args.theme, not has_no_color(os.environ))
    glyphs = ASCII if args.ascii else glyphs_for(environ_at_start())
    return Look(args.bytes, glyphs, theme, args.low_bandwidth)


def start(
    source: ItemSource,
    about: Source,
    look: Look,
    record: str | None = None,
    session: Recorder | None = None,
    note: str = "",
    opener: Opener | None = None,
) -> int:
    """The first screen, then the app, over a source that runs until it is stopped.

    `record`: the file into which is written what is seen. `session` may hold what is known of
    this boot already, `note` says so.
    """
    feed = Feed(source)
    feed.start()
    session = session or in_memory(__version__)
    player = source if isinstance(source, Playable) else None
    demo = demo_of(player) if player else None
    tee = None if record is None else Tee(record)
    recording = tee.path if tee else ""
    situation = Situation(about, demo=demo, note=note, recording=recording)
    travel = Travel(session.recording, session)
    item = feed.first(_PATIENCE_S)
    frame = travel.observe(item) if item else None
    view = View(situation, look=look)
    return show(frame, view, [Channel(about, feed, travel, player)], tee, opener)


def show(
    frame: Frame | None,
    view: View,
    channels: Sequence[Channel],
    tee: Tee | None = None,
    opener: Opener | None = None,
) -> int:
    """The first screen at once, then the app; returns the exit code.

    `opener` opens another source by its name, while the app runs. What was seen is said in a
    line on the shell's screen.
    """
    terminal, tees = Terminal(), [tee] if tee is not None else []

    def finish() -> None:
        feeds = [channel.feed for channel in channels if channel.feed is not None]
        for feed in feeds:
            feed.stop()
        until = time.monotonic() + _FAREWELL_S
        for feed in feeds:
            feed.wait(until - time.monotonic())
        for one in tees:
            one.tell = say
            one.close()

    ending = Ending(terminal, finish)
    if frame is not None:
        answer = channels[0].travel.answer(frame, view.look.units)
        view = view.knowing(answer=answer)
    channels[0].latest = frame
    travel = channels[0].travel
    scene = Scene(frame, travel.past, view, frame, travel.whole) if frame is not None else None
    app: Any = None
    try:
        painted = first_screen(terminal, scene)
        import_asyncio()
        from ..app.app import Kmodtop  # textual takes 300 ms: after the first screen

        app = Kmodtop(channels, view, tees, terminal, painted, ending, opener)
        # Where no loop can be made (a lack of descriptors), the sentence is enough.
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        app.run()
    finally:
        ending.over()
        terminal.give_back()
        finish()
        if app is not None and app.failure is None:
            written = [one.path for one in tees if one.changes]
            for line in farewell(app.parting(), written):
                leave_behind(line)
    if app.failure is not None:
        raise app.failure
    lost = any(one.lost for one in tees)
    return app.return_code or (Exit.UNREADABLE if lost else Exit.DONE)
