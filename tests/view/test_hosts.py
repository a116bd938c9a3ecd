"""Several hosts at once, under a pilot and as plain lines."""

import asyncio
import re
from contextlib import asynccontextmanager

import pytest
from support.composed import answer_of
from support.live import Driven, Script
from support.samples import dup, gap, sample, stats

from kmodtop.app.app import Kmodtop
from kmodtop.session.channel import Channel
from kmodtop.session.feed import Feed
from kmodtop.view.lines import cells, text_of
from kmodtop.view.panels.hosts import page
from kmodtop.view.panels.screen import screen
from kmodtop.view.scene import HostRow, Scene
from kmodtop.view.theme import ASCII
from kmodtop.view.view import Choice, Situation, Source, View
from kmodtop_core.tracking.history import History
from kmodtop_core.tracking.tracker import Tracker

VIEW = View(Situation(Source("", "polled"), hosts=3), Choice(page="hosts", back="hosts"))


def host(name, *items):
    tracker, frame = Tracker(), None
    for item in items:
        frame = tracker.observe(item)
    found = HostRow(f"ssh://{name}", frame, past=tracker.history)
    return found._replace(answer=answer_of(found))


HOSTS = (
    host("calm", sample(0, stats())),
    host("bad", *(sample(n, stats(dup("kvm", 10 * n), dup("vfat", 9))) for n in range(9))),
    host("gone", sample(0, stats(dup("x", 900))), gap(1), gap(40)),
    host("never"),
)


def shown(view=VIEW, wide=120, high=30, hosts=HOSTS):
    lines = page(Scene(None, History(), view, hosts=hosts), wide, high)
    return [text_of(line).rstrip() for line in lines]


def names(lines):
    return [line.split()[1] for line in lines if re.match(r"^[▲•○?✓] \S", line)]


def test_the_worst_host_stands_first_then_the_silent_and_the_healthy_last():
    lines = shown()
    assert names(lines)[:4] == ["gone", "bad", "never", "calm"]
    assert lines[0].startswith("▌ • WASTED  on 2 of 4 hosts · 966 KiB wasted in all")
    (bad,) = (line for line in lines if line.startswith("• bad"))
    assert re.search(r"WASTED +86.9 KiB .* 9.77 KiB/s +89 .*kvm \+10", bad)
    (never,) = (line for line in lines if line.startswith("○ never"))
    assert "connecting" in never


def test_old_data_is_told_with_its_age():
    (gone,) = (line for line in shown() if line.startswith("? gone"))
    assert "WASTED, old" in gone and "879 KiB" in gone and "30 s: missing" in gone


def test_what_fails_per_cpu_on_several_hosts_is_one_cause_possibly():
    table = stats(dup("kvm", 31), dup("irqbypass", 31), dup("aesni_intel", 31))
    lines = shown(hosts=(host("a", sample(0, table)), host("b", sample(0, table))))
    assert "same  one cause, possibly: aesni_intel, irqbypass, kvm fail per CPU on 2" in lines[1]
    assert "no module fails per CPU on several" in shown()[1]


@pytest.mark.parametrize(
    ("sort", "first"), [("verdict", "gone"), ("wasted", "gone"), ("rate", "bad"), ("host", "bad")]
)
def test_hosts_are_sorted(sort, first):
    assert names(shown(VIEW.choosing(host_sort=sort)))[0] == first


def test_hosts_are_filtered():
    assert names(shown(VIEW.choosing(filter="n")))[:2] == ["gone", "never"]
    assert "no host's name contains that" in "\n".join(shown(VIEW.choosing(filter="zzz")))


def test_the_selected_host_has_its_chart_below():
    text = "\n".join(shown(VIEW.choosing(scroll=1)))
    assert "bad the selected host" in text and "▔╵" in text
    assert "connecting" in "\n".join(shown(VIEW.choosing(scroll=2))[8:])


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 12), (80, 24), (300, 100)])
def test_it_fits_any_size(size):
    wide, high = size
    view = VIEW.choosing(scroll=70).looking(glyphs=ASCII)
    lines = screen(Scene(None, History(), view, hosts=HOSTS * 20), wide, high)
    assert len(lines) == high
    assert all(cells(line) <= wide and text_of(line).isascii() for line in lines)


@asynccontextmanager
async def drive(count):
    scripts = [Script(sample(0, stats(dup(f"mod_{n}", n + 1)))) for n in range(count)]
    channels = [
        Channel(Source(f"ssh://host-{n}", "polled"), Feed(script))
        for n, script in enumerate(scripts)
    ]
    view = VIEW.knowing(hosts=count).choosing(host_sort="host")
    app = Kmodtop(channels, view)
    async with app.run_test(size=(100, 30)) as pilot:
        driven = Driven(app, pilot, scripts[1])
        async with asyncio.timeout(20):
            while not all(channel.latest for channel in channels):
                await pilot.pause(0.01)
        yield driven


async def test_a_host_is_opened_and_left():
    async with drive(3) as app:
        await app.until(lambda: "3 answer" in app.text)
        await app.press("down", "enter")
        assert "ssh://host-1" in app.text and re.search(r"mod_1 .* 2 ", app.text)
        app.script.give(sample(1, stats(dup("mod_1", 9))))
        await app.until(lambda: re.search(r"mod_1 .* 9 ", app.text))
        await app.press("escape")
        await app.until(lambda: "3 hosts" in app.text)
        await app.press("s", "enter")
        assert "ssh://host-1" in app.text  # the one that is worst


async def test_two_clicks_open_a_host():
    async with drive(3) as app:
        await app.until(lambda: "3 answer" in app.text)
        lines = app.text.splitlines()
        row = next(y for y, line in enumerate(lines) if "host-2" in line)
        await app.click(4, row)
        assert app.app.view.choice.scroll == 2
        await app.click(4, row, times=2)
        assert "ssh://host-2" in app.text.splitlines()[0]


async def test_time_travel_in_one_host_ends_with_it():
    async with drive(2) as app:
        await app.press("down", "enter")
        app.script.give(sample(5, stats(dup("mod_1", 9))))
        await app.until(lambda: re.search(r"mod_1 .* 9 ", app.text))
        await app.press("[")
        assert "frozen" in app.text and re.search(r"mod_1 .* 2 ", app.text)
        await app.press("escape", "enter")
        await app.until(lambda: re.search(r"mod_1 .* 9 ", app.text))


async def test_sixty_four_hosts_stay_responsive():
    async with drive(64) as app:
        await app.until(lambda: "64 answer" in app.text)
        await app.press("end")
        assert "host-9" in app.text
        await app.press("slash", *"host-42", "enter", "enter")
        assert re.search(r"mod_42 .* 43 ", app.text)
