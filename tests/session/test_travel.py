"""Time travel under a pilot: back from a live view, and about in a replay."""

import re
from contextlib import asynccontextmanager

from support.live import Driven, drive
from support.samples import SAMPLES, dup, gap, sample, stats

from kmodtop.app.app import Kmodtop
from kmodtop.session.channel import Channel
from kmodtop.session.time_travel import Travel
from kmodtop.view.view import Situation, Source, View
from kmodtop_core.opening.playing import open_played
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.sample import Host

STORM = SAMPLES / "series/storm-moderate-noidem.jsonl"
HOST = Host("big", "6.12", 255, "b-1")


def kvm(at, times, host=HOST):
    return sample(at, stats(dup("kvm", times)), host)


@asynccontextmanager
async def replay(path=STORM, number=1, at=None, speed=1.0, size=(100, 30)):
    travel = Travel(open_played(str(path), "0"))
    travel.play(number, at, speed)
    travel.player.paused = True
    view = View(Situation(Source(str(path), "recording"), deck=travel.deck()))
    app = Kmodtop([Channel(view.situation.source, None, travel)], view)
    async with app.run_test(size=size) as pilot:
        driven = Driven(app, pilot, None)
        await driven.settle()
        yield driven


def moment(app):
    """Seconds after boot that the head line tells."""
    head = app.text.split("\n")[0]
    return float(re.search(r"([\d,]+\.\d) s of", head)[1].replace(",", ""))


async def test_a_live_view_goes_back_and_returns_and_loses_nothing():
    async with drive(*(kvm(n, n + 1) for n in range(20)), size=(100, 30)) as app:
        await app.until(lambda: app.app.latest.at.uptime == 19)
        assert re.search(r"kvm .* 20 ", app.text) and "live" in app.text
        await app.press("[", "[", "[")
        assert re.search(r"kvm .* 17 ", app.text)
        assert re.search(r"frozen at 16\.0 s, 3 s behind", app.text)
        await app.give(kvm(30, 99), kvm(31, 100))
        await app.until(lambda: app.app.latest.at.uptime == 31)
        assert re.search(r"kvm .* 17 ", app.text) and "10 s behind" in app.text
        await app.press("]", "]", "]", "]")
        assert re.search(r"kvm .* 99 ", app.text)
        await app.press("n")
        assert re.search(r"kvm .* 100 ", app.text) and "live" in app.text


async def test_what_came_while_it_was_held_can_be_played():
    async with drive(*(kvm(n / 10, n + 1) for n in range(10)), size=(100, 30)) as app:
        await app.until(lambda: app.app.latest.at.uptime == 0.9)
        await app.press(":", "0", "enter")
        assert re.search(r"kvm .* 1 ", app.text)
        await app.press("+", "z")
        assert re.search(r"▶ replay at \S+", app.text)
        await app.until(lambda: re.search(r"kvm .* 10 ", app.text))


async def test_space_holds_and_goes_back_to_now():
    async with drive(kvm(0, 1), kvm(1, 2)) as app:
        await app.until(lambda: app.app.latest.at.uptime == 1)
        await app.press("space")
        assert "frozen" in app.text
        await app.press("space")
        assert "live" in app.text


async def test_a_replay_is_scrubbed_with_the_arrows():
    async with replay(at=20) as app:
        assert moment(app) == 20
        await app.press("left")
        back = moment(app)
        assert 19 <= back < 20
        await app.press("right", "shift+right")
        assert moment(app) > 24
        await app.press(*["shift+left"] * 9)
        assert "3." in f"{moment(app)}"  # the beginning, not before


async def test_jumps_to_changes_and_storms():
    async with replay(at=20) as app:
        at = moment(app)
        await app.press("]")
        assert moment(app) > at
        await app.press("{")
        assert moment(app) < 7
        await app.press("{", "{")
        assert "no storm before this" in app.text


async def test_a_time_is_gone_to_and_nonsense_is_told():
    async with replay() as app:
        await app.press(":", *"30.5", "enter")
        assert moment(app) == 30.5
        await app.press(":", *"-5", "enter")
        assert moment(app) == 25.5
        await app.press(":", *"soon", "enter")
        assert "is no time" in app.text
        await app.press("n")
        assert moment(app) > 50


async def test_the_mouse_goes_to_a_moment_of_the_chart_its_axis_or_a_storm():
    async with replay(at=40) as app:
        lines = app.text.split("\n")
        y = next(n for n, line in enumerate(lines) if line.startswith("        0 "))
        await app.click(10, y)
        assert moment(app) <= 4
        await app.click(40, y - 3)
        assert 10 < moment(app) < 45
        await app.click(99, y)
        assert moment(app) > 50
        storm = lines[y + 1].index("1  ")
        await app.click(storm, y + 1)
        assert f"{moment(app):.0f} s" in lines[y + 1][storm:]


async def test_it_plays_at_any_speed_to_its_end():
    async with replay(speed=200.0) as app:
        await app.press("space")
        await app.until(lambda: moment(app) > 51)
        assert re.search(r"[1-9][\d,]+ of [1-9][\d,]+ loads failed|3 becoming", app.text)
        await app.press("-", "-")
        assert app.app.view.situation.deck.speed == 10


async def test_several_boots_are_chosen_from_a_list(tmp_path):
    path = tmp_path / "r"
    for boot in range(3):
        with Recorder(str(path), "0") as recorder:
            host = Host(f"host-{boot}", boot_id=f"b-{boot}")
            recorder.write(kvm(1, 5, host))
            recorder.write(kvm(2, 5 + boot, host))
    async with replay(path, number=3) as app:
        assert "B boots" in app.text
        await app.press("B")
        assert re.search(r"▶ +3  \S+ \S+  host-2  2 texts, 1.95 KiB wasted", app.text)
        await app.press("up", "up", "enter")
        assert "host-0" in app.text.split("\n")[0] and moment(app) < 2.0


async def test_a_gap_is_gone_to_as_well():
    async with drive(kvm(0, 1), gap(5), kvm(9, 3)) as app:
        await app.until(lambda: app.app.latest.at.uptime == 9)
        await app.press("[")
        assert "no new data: missing: gone; wait" in app.text


async def test_a_key_records_all_that_was_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with drive(*(kvm(n, n + 1) for n in range(5)), size=(120, 30)) as app:
        await app.until(lambda: app.app.latest.at.uptime == 4)
        await app.press("R")
        assert "records into" in app.text and "REC " in app.text
        await app.give(kvm(5, 77))
    (path,) = (tmp_path / "kmodtop").glob("*.db")
    recording = open_played(str(path), "0")
    items = list(recording.items(recording.boots()[0]))
    assert [item.text for item in items] == [kvm(0, n).text for n in (1, 2, 3, 4, 5, 77)]


async def test_the_moment_before_anything_was_read_is_told():
    async with drive(gap(0)) as app:
        await app.press("left", "[", "{", "space", "n", "z")
        assert "NOTHING TO READ" in app.text


def test_what_a_hanging_disk_does_not_take_is_counted_and_told(tmp_path, monkeypatch):
    import threading

    from kmodtop.session import tee
    from kmodtop_core.recording.retrying import Sink

    hangs, go_on = threading.Event(), threading.Event()

    def hang(self, item):
        hangs.set()
        go_on.wait(10)
        return 0

    monkeypatch.setattr(Sink, "write", hang)
    monkeypatch.setattr(tee, "_MOST_QUEUED", 5)
    monkeypatch.setattr(tee, "_PATIENCE_S", 0.05)
    one = tee.Tee(str(tmp_path / "r.db"))
    one.keep([sample(0, stats())])
    assert hangs.wait(5)
    one.keep([sample(n, stats()) for n in range(1, 9)])
    one.close()
    assert one.lost == 8 and "8 readings are lost" in one.told[-1]
    go_on.set()
