"""The app with two terminals: one is sent what Textual sends, the other what the display does."""

import random

import pyte
from rich.color import ColorSystem
from textual import events

from kmodtop.app.display import Display
from kmodtop.app.driver import Room
from kmodtop.view.keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS
from support.live import GROWN, TABLE
from support.samples import dup, gap, sample, stats

ENDING = {"q", "ctrl+c", "ctrl+z"}
NAMES = [
    name for key in (*KEYS, *TIME_KEYS, *DEMO_KEYS, BOOTS_KEY) for name in key.keys.split(",")
]  # fmt: skip
PRESSED = [name for name in NAMES if name not in ENDING and name not in ("c", "p", "R", "o", "d")]
WIDE = stats(dup("字字字", 9), dup("é́combining", 7), dup("module_00", 5), dup("x" * 55, 3))
TEXTS = (TABLE, GROWN, WIDE, stats(), stats(dup("kvm", 400), dup("aesni_intel", 400)))
SIZES = ((80, 24), (120, 40), (40, 12), (200, 60), (33, 9), (100, 30), (60, 50))


class Link:
    """A terminal that may stall."""

    def __init__(self):
        self.is_stalled = self.is_stale = False
        self.sent = []

    def write(self, text):
        assert not self.is_stalled
        self.sent.append(text)


class Pair:
    """Textual's own terminal, and the display's."""

    def __init__(self, app, size):
        self.app, self.link = app, Link()
        app.painter = Display(self.link, colours=True)
        app.console._color_system = ColorSystem.EIGHT_BIT
        self.stock, self.own = pyte.Screen(*size), pyte.Screen(*size)
        self._stock, self._own = pyte.Stream(self.stock), pyte.Stream(self.own)
        display = app._display

        def both(screen, renderable):
            if renderable is not None and not app._batch_count and app._running:
                self._stock.feed(renderable.render_segments(app.console).replace("\n", "\r\n"))
            display(screen, renderable)

        app._display = both

    def resize(self, wide, high):
        for screen in (self.stock, self.own):
            screen.resize(high, wide)

    def differences(self):
        """Cells in which the two terminals differ, as (x, y, Textual's, the display's).

        What was put on the display at once Textual has not sent: it is asked for all that it
        would show by now.
        """
        app = self.app
        whole = app.screen._compositor.render_update(
            full=True, screen_stack=app._background_screens
        )
        self._stock.feed(whole.render_segments(app.console).replace("\n", "\r\n"))
        for text in self.link.sent:
            self._own.feed(text)
        self.link.sent.clear()
        found = []
        for y in range(self.stock.lines):
            for x in range(self.stock.columns):
                one, other = self.stock.buffer[y][x], self.own.buffer[y][x]
                if _seen(one) != _seen(other):
                    found.append((x, y, one, other))
        return found


def _seen(cell):
    """What of a cell can be seen: ink and weight of a blank cannot."""
    if not cell.data.strip():
        paper = cell.fg if cell.reverse else cell.bg
        return " ", paper, cell.reverse, cell.underscore
    return cell


class Stirring:
    """Random operations on an app."""

    def __init__(self, driven, pair, chance: random.Random, size):
        self.driven, self.pair, self.chance, self.size = driven, pair, chance, size
        self.app = driven.app
        self._ways = {
            self.key: 45, self.click: 10, self.wheel: 7, self.text: 14, self.toast: 4,
            self.palette: 5, self.resize: 5, self.stall: 4, self.message: 3, self.garble: 3,
        }  # fmt: skip

    async def once(self):
        """One of them."""
        (way,) = self.chance.choices(list(self._ways), list(self._ways.values()))
        await way()

    async def key(self):
        await self.driven.pilot.press(self.chance.choice(PRESSED))

    async def click(self):
        at = (self.chance.randrange(self.size[0]), self.chance.randrange(self.size[1]))
        await self.driven.pilot.click(offset=at, times=self.chance.choice((1, 1, 2)))

    async def wheel(self):
        panel = self.chance.choice(list(self.app.screen.query("Panel")) or [self.app.screen])
        kind = self.chance.choice((events.MouseScrollDown, events.MouseScrollUp))
        pressed = {"button": 0, "shift": False, "meta": False, "ctrl": False}
        panel.post_message(kind(panel, x=1, y=1, delta_x=0, delta_y=1, **pressed))

    async def text(self):
        latest = self.app.latest
        at = (latest.at.uptime if latest else 0.0) + self.chance.choice((0.2, 1.0, 30.0))
        is_gap = self.chance.random() < 0.1
        await self.driven.give(gap(at) if is_gap else sample(at, self.chance.choice(TEXTS)))

    async def toast(self):
        self.app.notify("字 toast\nof two lines", timeout=self.chance.choice((0.05, 5)))

    async def palette(self):
        if len(self.app.screen_stack) > 1:
            await self.driven.pilot.press(self.chance.choice(("escape", "b", "down", "enter")))
        else:
            await self.driven.pilot.press("ctrl+p", *self.chance.choice(("", "show", "zz")))

    async def resize(self):
        self.size = self.chance.choice(SIZES)
        self.pair.resize(*self.size)
        await self.driven.pilot.resize_terminal(*self.size)

    async def stall(self):
        link = self.pair.link
        link.is_stalled = not link.is_stalled
        if not link.is_stalled:
            self.app.post_message(Room())

    async def message(self):
        self.app.note("a passing 字 message")

    async def garble(self):
        """Others have written on the terminal while this was stopped."""
        self.pair.own.reset()
        self.pair.link.sent.clear()
        if self.pair.link.is_stalled:
            self.app.painter.forget()
        else:
            self.app.show_whole()


async def settle(driven, pair):
    """Until nothing is under way."""
    if pair.link.is_stalled:
        pair.link.is_stalled = False
        driven.app.post_message(Room())
    for _ in range(3):
        await driven.settle()
