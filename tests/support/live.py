"""The app over a scripted source, driven by Textual's pilot."""

import asyncio
import threading
from contextlib import asynccontextmanager

from textual.geometry import Offset

from kmodtop.app.app import Kmodtop
from kmodtop.session.channel import Channel
from kmodtop.session.feed import Feed
from kmodtop.view.view import Situation, Source, View
from support.samples import dup, stats

TABLE = stats(*(dup(f"module_{i:02}", 50 - i) for i in range(30)))
GROWN = stats(dup("new_one", 4), *(dup(f"module_{i:02}", 50 - i + (i == 3)) for i in range(30)))


class Script:
    """A source that yields what a test hands it."""

    label, means, detour = "stats", "polled", None  # not this machine: its evidence is its own

    def __init__(self, *items):
        self._items, self._more = list(items), threading.Event()

    def give(self, *items):
        self._items += items
        self._more.set()

    def items(self, stop):
        while not stop.is_set():
            while self._items:
                yield self._items.pop(0)
            self._more.wait(0.3)
            self._more.clear()


class Driven:
    """An app that a test drives."""

    def __init__(self, app, pilot, script):
        self.app, self.pilot, self.script = app, pilot, script

    @property
    def text(self):
        """What is on the screen, as Textual's compositor has it."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def click(self, x, y, times=1):
        """At a cell of the screen."""
        await self.pilot.click(offset=Offset(x, y), times=times)
        await self.settle()

    async def settle(self):
        """Until what was asked for is shown."""
        await self.pilot.pause()
        await self.pilot.pause()

    async def press(self, *keys):
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()
        await self.settle()

    async def give(self, *items):
        before = self.app.latest
        self.script.give(*items)
        await self.until(lambda: self.app.latest is not before)
        await self.settle()

    async def give_to(self, channel, *items):
        before = channel.latest
        self.script.give(*items)
        await self.until(lambda: channel.latest is not before)
        await self.settle()

    async def until(self, wanted):
        async with asyncio.timeout(10):
            while not wanted():
                await self.pilot.pause(0.01)


@asynccontextmanager
async def drive(*items, size=(80, 24)):
    """The app on some items, at a size."""
    script = Script(*items)
    source = Source(script.label, script.means)
    app = Kmodtop([Channel(source, Feed(script))], View(Situation(source)))
    async with app.run_test(size=size) as pilot:
        driven = Driven(app, pilot, script)
        await driven.until(lambda: app.latest is not None)
        await driven.settle()
        yield driven
