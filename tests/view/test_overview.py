"""Several hosts at once, under a pilot and as plain lines."""

import asyncio
import re
from contextlib import asynccontextmanager

import pytest
from support.live import Driven, Script
from support.samples import dup, gap, sample, stats

from kmodtop.app.app import Kmodtop
from kmodtop.session.channel import Channel
from kmodtop.session.feed import Feed
from kmodtop.view.lines import cells, text_of
from kmodtop.view.panels.overview import HostRow, overview
from kmodtop.view.theme import ASCII
from kmodtop.view.view import Choice, Situation, Source, View
from kmodtop_core.tracking.tracker import Tracker

VIEW = View(Situation(Source("", "polled"), hosts=3), Choice(page="hosts", back="hosts"))


def host(name, *items):
    tracker, frame = Tracker(), None
    for item in items:
        frame = tracker.observe(item)
    return HostRow(f"ssh://{name}", frame, past=tracker.history)


HOSTS = [
    host("calm", sample(0, stats())),
    host("bad", *(sample(n, stats(dup("kvm", 10 * n), dup("vfat", 3))) for n in range(9))),
    host("gone", sample(0, stats(dup("x", 900))), gap(1), gap(40)),
    host("never"),
]


def shown(view=VIEW, wide=100, high=12, hosts=HOSTS):
    return [text_of(line).rstrip() for line in overview(hosts, view, wide, high)]


def test_each_host_has_a_line_that_tells_the_worst():
    lines = shown()
    assert "4 hosts" in lines[0] and "1 growing  2 answering" in lines[0]
    assert re.match(r"▲ bad +81\.05 KiB +9\.77 KiB/s +83  .*█ +kvm \+10", lines[4])
    assert re.match(r"○ gone +878\.9 KiB +900 +30 s: missing: gone; wait", lines[5])
    assert re.match(r"○ never +connecting", lines[6])


@pytest.mark.parametrize(
    ("sort", "first"), [("as given", "calm"), ("wasted", "gone"), ("rate", "bad"), ("host", "bad")]
)
def test_hosts_are_sorted(sort, first):
    assert first in shown(VIEW.choosing(host_sort=sort))[3]


def test_hosts_are_filtered():
    lines = shown(VIEW.choosing(filter="n"))
    assert [line.split()[1] for line in lines[3:5]] == ["gone", "never"]


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (80, 24), (300, 100)])
def test_it_fits_any_size(size):
    wide, high = size
    lines = overview(HOSTS * 20, VIEW.choosing(scroll=70).looking(glyphs=ASCII), wide, high)
    assert len(lines) == high
    assert all(cells(line) <= wide and text_of(line).isascii() for line in lines)


@asynccontextmanager
async def drive(count):
    scripts = [Script(sample(0, stats(dup(f"mod_{n}", n + 1)))) for n in range(count)]
    channels = [
        Channel(Source(f"ssh://host-{n}", "polled"), Feed(script))
        for n, script in enumerate(scripts)
    ]
    app = Kmodtop(channels, VIEW.knowing(hosts=count))
    async with app.run_test(size=(100, 30)) as pilot:
        driven = Driven(app, pilot, scripts[1])
        async with asyncio.timeout(20):
            while not all(channel.latest for channel in channels):
                await pilot.pause(0.01)
        yield driven


async def test_a_host_is_opened_and_left():
    async with drive(3) as app:
        await app.until(lambda: "3 answering" in app.text)
        await app.press("down", "enter")
        assert "ssh://host-1" in app.text and re.search(r"mod_1 +2 ", app.text)
        app.script.give(sample(1, stats(dup("mod_1", 9))))
        await app.until(lambda: re.search(r"mod_1 +9 ", app.text))
        await app.press("escape")
        await app.until(lambda: "3 hosts" in app.text)
        assert re.search(r"▲ host-1 .* mod_1 \+7", app.text)
        await app.press("s", "enter")
        assert "ssh://host-1" in app.text  # the one that wastes most


async def test_time_travel_in_one_host_ends_with_it():
    async with drive(2) as app:
        await app.press("down", "enter")
        app.script.give(sample(5, stats(dup("mod_1", 9))))
        await app.until(lambda: re.search(r"mod_1 +9 ", app.text))
        await app.press("[")
        assert "frozen" in app.text and re.search(r"mod_1 +2 ", app.text)
        await app.press("escape", "enter")
        await app.until(lambda: re.search(r"mod_1 +9 ", app.text))


async def test_sixty_four_hosts_stay_responsive():
    async with drive(64) as app:
        await app.until(lambda: "64 answering" in app.text)
        await app.press("end")
        assert "host-63" in app.text
        await app.press("slash", *"host-42", "enter", "enter")
        assert re.search(r"mod_42 +43 ", app.text)
