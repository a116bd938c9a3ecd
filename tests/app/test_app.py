"""The app under a pilot: keys and mouse do what the help says, frames come through the feed."""

import asyncio
import re
from dataclasses import replace

import pytest
from support.live import GROWN, TABLE, drive
from support.samples import dup, gap, sample, stats

from kmodtop.app.panels import Panel


def line_of(app, start):
    """The row of the screen that begins so."""
    return next(y for y, line in enumerate(app.text.splitlines()) if line.startswith(start))


async def test_growth_is_shown_as_it_comes():
    async with drive(sample(0, TABLE)) as app:
        assert re.search(r"^  module_00 .* 50 ", app.text, re.MULTILINE)
        await app.give(sample(1, GROWN))
        assert re.search(r"^▲ module_03 .* 48 +\+1 ", app.text, re.MULTILINE)
        assert "1,070 of 1,075 loads failed" in app.text


async def test_waiting_tells_why_and_starts_by_itself():
    async with drive(gap(0, "debugfs-not-mounted")) as app:
        assert "NOTHING TO READ" in app.text and "debugfs-not-mounted: gone" in app.text
        await app.give(sample(1, TABLE))
        assert "MODULE  1–8 of 30" in app.text


async def test_freezing_holds_the_view_and_not_the_data():
    async with drive(sample(0, TABLE), size=(80, 40)) as app:
        await app.press("space")
        await app.give(sample(30, GROWN))
        assert re.search(r"module_03 .* 47 ", app.text) and "frozen" in app.text
        assert app.app.latest.rows[0].module == "new_one"
        await app.press("space")
        assert re.search(r"module_03 .* 48 ", app.text) and "● live" in app.text


async def test_a_filter_is_typed_and_cleared():
    async with drive(sample(0, TABLE)) as app:
        await app.press("slash", *"e_1")
        assert "filter: e_1" in app.text and "1–8 of 10" in app.text
        await app.press("enter")
        assert "1–8 of 10" in app.text
        await app.press("s", "s")
        assert app.app.view.choice.sort == "refused"  # of one text nothing grew
        await app.press("escape")
        assert "1–8 of 30" in app.text


async def test_escape_in_the_filter_clears_it():
    async with drive(sample(0, TABLE)) as app:
        await app.press("slash", *"zzz")
        assert "no module's name contains" in app.text
        await app.press("escape")
        assert "1–8 of 30" in app.text
        assert app.app.focused is None
        await app.press("f")
        assert "▸ findings" in app.text


async def test_the_cursor_moves_and_follows_its_module():
    async with drive(sample(0, TABLE)) as app:
        await app.press("down", "down", "down")
        assert app.app.view.choice.cursor == "module_02"
        await app.press("S")
        assert app.app.view.choice.cursor == "module_02"
        assert "module_02" in app.text
        await app.press("home")
        assert app.app.view.choice.cursor == "module_29"
        await app.press("end", "pageup")
        assert app.app.view.choice.cursor == "module_08"


async def test_rows_stay_where_they_are_while_there_is_a_cursor():
    async with drive(sample(0, TABLE), size=(80, 50)) as app:
        await app.press("down")
        most = stats(*(dup(f"module_{i:02}", 50 + 9 * i) for i in range(30)))
        await app.give(sample(9, most))
        assert line_of(app, "▲ module_29") > line_of(app, "▲ module_01")
        await app.press("escape")
        await app.give(sample(12, most))
        assert line_of(app, "• module_29") < line_of(app, "• module_01")


async def test_details_of_a_module_and_back():
    async with drive(sample(0, TABLE), sample(1, GROWN)) as app:
        await app.press("down", "down", "enter")
        assert "▸ module_01" in app.text and "49 times in vain" in app.text
        assert "refused at becoming" in app.text
        await app.press("down")
        assert "▸ module_02" in app.text
        await app.press("escape")
        assert "MODULE  1–8 of 31" in app.text


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("question_mark", "A load walks four stages"),
        ("r", "lines, as read"),
        ("f", "▸ findings"),
        ("D", "▸ doctor"),
        ("s", "sorted by times"),
        ("T", "theme: light"),
        ("o", "nothing else can be opened here"),
    ],
)
async def test_a_key_shows_something(key, says):
    async with drive(sample(0, TABLE), size=(100, 60)) as app:
        await app.press(key)
        assert says in app.text


@pytest.mark.parametrize(
    ("key", "says"),
    [("b", "the chart shows what was wasted at becoming"), ("w", "the chart shows the last 1 min")],
)
async def test_what_the_chart_shows_is_chosen_where_there_is_time(key, says):
    async with drive(sample(0, TABLE), size=(100, 60)) as app:
        await app.press(key)
        assert "one text tells no times" in app.text
        await app.give(sample(5, GROWN))
        await app.press(key)
        assert says in app.text


async def test_t_turns_the_chart_to_bytes_a_second_and_back():
    async with drive(sample(0, TABLE), sample(5, GROWN)) as app:
        per_second = re.compile(r"^ +\d+ [KMG]iB/s ", re.MULTILINE)
        assert not per_second.search(app.text)
        await app.press("t")
        assert per_second.search(app.text)
        await app.press("t")
        assert not per_second.search(app.text)


async def test_pages_scroll_and_stop_at_their_end():
    async with drive(sample(0, TABLE)) as app:
        await app.press("r", "end")
        assert "module_29" in app.text
        place = app.app.view.choice.scroll
        await app.press("down", "down")
        assert app.app.view.choice.scroll == place
        await app.press("home")
        assert "Mods ever loaded" in app.text


async def test_copy_writes_the_report_to_a_file_too(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with drive(sample(0, TABLE), size=(160, 40)) as app:
        await app.press("c")
        (written,) = (tmp_path / "kmodtop").glob("*.txt")
        assert "Virtual memory wasted" in written.read_text()
        assert "written to" in app.text
        assert app.app.clipboard == written.read_text()
        await app.press("p")
        (picture,) = (tmp_path / "kmodtop").glob("*.svg")
        assert "<svg" in picture.read_text()
        await app.press("f", "c")
        (findings,) = (tmp_path / "kmodtop").glob("*.md")
        assert findings.read_text().startswith("## ")


async def test_a_folder_that_can_not_be_written_to_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    async with drive(sample(0, TABLE), size=(160, 40)) as app:
        await app.press("c")
        assert "cannot be written: Not a directory" in app.text


async def test_a_message_stands_above_the_keys_until_a_key():
    async with drive(sample(0, TABLE)) as app:
        await app.press("s")
        assert "▌ sorted by times" in app.text.splitlines()[-2]
        assert "q quit" in app.text.splitlines()[-1]
        app.app.clear_note()
        await app.settle()
        assert "sorted by" not in app.text


async def test_resizing_keeps_the_screen_whole():
    async with drive(sample(0, TABLE)) as app:
        for size in ((40, 12), (200, 60), (20, 6), (1, 1), (120, 40), (80, 24)):
            await app.pilot.resize_terminal(*size)
            await app.settle()
            lines = app.text.splitlines()
            assert len(lines) == size[1]
            if size[0] >= 40:
                assert "WASTED" in app.text and "q quit" in lines[-1]


async def test_only_changed_rows_are_refreshed():
    async with drive(sample(100, TABLE), sample(101, TABLE)) as app:
        await app.give(sample(102, TABLE))  # evidence of this machine has come meanwhile
        refreshed = []
        for panel in app.app.screen.query(Panel):
            panel.refresh = lambda *regions, **rest: refreshed.append(regions)
        await app.give(sample(103, TABLE))
        assert not refreshed
        await app.give(sample(104, GROWN))
        rows = sum(len(regions) for regions in refreshed)
        assert 0 < rows <= 22


async def test_a_source_that_does_not_answer_is_told():
    async with drive(sample(0, TABLE)) as app:
        app.app.channel.heard -= 5.0
        app.app.wind()
        await app.until(lambda: "no answer for 6 s" in app.text)
        await app.give(sample(9, TABLE))
        assert "● live" in app.text


async def test_the_palette_offers_tasks():
    async with drive(sample(0, TABLE)) as app:
        tasks = {c.title: c.help for c in app.app.get_system_commands(app.app.screen)}
        assert "Show who is to blame, and what to do" in tasks
        assert "Freeze the view, or return to now" in tasks
        assert all("key " in told for told in tasks.values())
        await app.press("ctrl+p")
        await app.until(lambda: len(app.app.screen_stack) == 2)
        await app.press(*"blame")
        await app.until(lambda: "Show who is to blame" in app.text)
        await app.press("enter")
        await app.until(lambda: app.app.view.choice.page == "findings")


async def test_q_quits():
    async with drive(sample(0, TABLE)) as app:
        await app.press("q")
        assert app.app.return_code == 0


async def test_a_detour_is_told_below_the_verdict():
    from kmodtop_core.errors import Trouble

    async with drive(sample(0, TABLE)) as app:
        source = app.script
        source.detour = Trouble(
            "not-watched", "cannot be watched (no inotify)", "looked at instead"
        )
        source.means = "looked at"
        await app.give(sample(1, GROWN))
        assert "cannot be watched (no inotify); looked at instead" in app.text
        source.detour, source.means = None, "polled"
        await app.give(sample(2, TABLE))
        assert "cannot be watched" not in app.text


async def test_the_clock_is_looked_at_only_when_something_is_due():
    async with drive(sample(0, TABLE)) as app:
        now = asyncio.get_running_loop().time
        assert 2.0 < app.app._clock.when() - now() <= 4.0  # until the source would be overdue
        await app.press("space", "home")
        app.app.travel.player.paused = False
        app.app.show_moment()
        await app.settle()
        assert app.app.travel.player.is_over or app.app._clock.when() - now() <= 0.1


async def test_low_bandwidth_shows_what_was_held_back_once_that_is_due(monkeypatch):
    monkeypatch.setattr("kmodtop.app.showing.THRIFTY_S", 0.3)
    async with drive(sample(0, TABLE)) as app:
        view = app.app.view
        app.app.view = replace(view, look=view.look._replace(thrifty=True))
        app.app.shown_at = asyncio.get_running_loop().time()
        await app.give(sample(5, GROWN))
        assert app.app.dirty and app.app._clock.when() - app.app.shown_at <= 0.31
        await app.until(lambda: not app.app.dirty)
