"""No answer is shown, copied or said beside numbers of another moment or another source."""

from support.live import GROWN, TABLE, Script, drive
from support.samples import sample, stats

from kmodtop.app.app import Kmodtop
from kmodtop.session.channel import Channel
from kmodtop.session.feed import Feed
from kmodtop.session.saving import report_text
from kmodtop.view.farewell import farewell
from kmodtop.view.view import Source


def opened(name, *items):
    """A source that is opened while the app runs."""
    script = Script(*items)
    return Channel(Source(name, "polled"), Feed(script)), script


async def test_a_copy_has_the_answer_of_its_own_moment():
    async with drive(sample(0, stats()), sample(5, TABLE), sample(9, GROWN)) as app:
        kmodtop: Kmodtop = app.app
        await app.until(lambda: kmodtop.latest.at.uptime == 9)
        kmodtop.action_seek(0.5)
        kmodtop.settle()  # as a copy does, before the next picture
        text = report_text(kmodtop.shown, kmodtop.view)
        assert text.startswith("✓ HEALTHY")
        kmodtop.action_seek(9.0)
        kmodtop.settle()
        assert not report_text(kmodtop.shown, kmodtop.view).startswith("✓ HEALTHY")


async def test_nothing_is_copied_from_the_list_of_sources(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with drive(sample(0, TABLE)) as app:
        channel, _ = opened("other", sample(0, stats()))
        app.app.opener = lambda name: channel
        await app.press("o", "x", "enter")
        await app.until(lambda: app.app.channel is channel and channel.latest is not None)
        await app.press("escape", "c")
        assert "open a host first" in app.text and not list(tmp_path.rglob("*.txt"))


async def test_a_source_that_was_left_frozen_is_found_again_as_it_is_now():
    async with drive(sample(0, TABLE)) as app:
        await app.press("space")
        assert "frozen" in app.text
        channel, _ = opened("other", sample(0, stats()))
        app.app.opener = lambda name: channel
        await app.press("o", "x", "enter")
        await app.until(lambda: app.app.channel is channel and channel.latest is not None)
        await app.settle()
        assert "frozen" not in app.text and "HEALTHY" in app.text
        await app.give_to(app.app.channels[0], sample(30, GROWN))
        app.app.open_host(0)
        await app.settle()
        assert "● live" in app.text and "1,070 of 1,075" in app.text


async def test_only_the_source_that_is_recorded_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with drive(sample(0, TABLE)) as app:
        await app.press("R")
        assert "REC" in app.text.splitlines()[0]
        channel, _ = opened("other", sample(0, stats()))
        app.app.opener = lambda name: channel
        await app.press("o", "x", "enter")
        await app.until(lambda: app.app.channel is channel)
        await app.settle()
        assert "REC" not in app.text.splitlines()[0]
        app.app.open_host(0)
        await app.settle()
        assert "REC" in app.text.splitlines()[0]


async def test_what_cannot_be_opened_is_told_and_nothing_else_happens():
    from kmodtop_core.errors import SourceError, Trouble

    def refuses(name):
        raise SourceError(Trouble("missing", "no such file", "check the path", name))

    async with drive(sample(0, TABLE)) as app:
        app.app.opener = refuses
        await app.press("o", *"zz", "enter")
        await app.until(lambda: "zz: no such file; check the path" in app.text)
        assert len(app.app.channels) == 1
        await app.press("o", "enter")
        assert len(app.app.channels) == 1


async def test_time_is_not_moved_in_in_the_list_of_sources():
    async with drive(sample(0, TABLE)) as app:
        channel, _ = opened("other", sample(0, stats()))
        app.app.opener = lambda name: channel
        await app.press("o", "x", "enter")
        await app.until(lambda: app.app.channel is channel)
        await app.press("escape")
        for key in ("left", "z", "plus", "n", "space", "bracketleft", "left_square_bracket"):
            await app.press(key)
            assert app.app.view.choice.page == "hosts"
            assert app.app.view.situation.deck is None


async def test_what_was_seen_is_said_of_the_moment_that_was_last():
    async with drive(sample(0, stats()), sample(5, TABLE)) as app:
        await app.until(lambda: app.app.latest.at.uptime == 5)
        (line,) = farewell(app.app.parting(), ["/tmp/x.db"])
        assert line.startswith("STORM, 1.02 MiB wasted") and line.endswith("recorded in /tmp/x.db")
        app.app.channels.append(app.app.channel)
        assert list(farewell(app.app.parting(), [])) == []


async def test_the_end_of_a_demo_does_not_take_the_keys_of_somebody_who_types():
    from types import SimpleNamespace

    over = SimpleNamespace(era="stats-only", speed=1.0, paused=False, runs=[object()])
    over.asked_by, over.folded, over.folded_autoloads, over.real = {}, 0, 0, None
    async with drive(sample(0, TABLE)) as app:
        await app.press("slash", "k")
        app.app.channel.player = over
        assert app.app.played(app.app.view).choice.page == "main"
        app.app.page_screen().prompt.close()
        assert app.app.played(app.app.view).choice.page == "seen"
        app.app.channel.player = None
