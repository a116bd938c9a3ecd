"""The app under a pilot: keys and mouse do what the help says, frames come through the feed."""

import re

import pytest
from support.live import GROWN, TABLE, drive
from support.samples import dup, gap, sample, stats
from textual.geometry import Offset

from kmodtop.app.glass import Glass


async def test_growth_is_shown_as_it_comes():
    async with drive(sample(0, TABLE)) as app:
        assert re.search(r"^  module_00 +50 ", app.text, re.MULTILINE)
        await app.give(sample(1, GROWN))
        assert re.search(r"^▲ module_03 +48 +\+1 ", app.text, re.MULTILINE)
        assert "+4.88 KiB since start" in app.text or "KiB/s" in app.text


async def test_waiting_tells_why_and_starts_by_itself():
    async with drive(gap(0, "debugfs-not-mounted")) as app:
        assert (
            "Waiting for module statistics" in app.text and "Debugfs-not-mounted: gone." in app.text
        )
        await app.give(sample(1, TABLE))
        assert "WASTED" in app.text


async def test_freezing_holds_the_view_and_not_the_data():
    async with drive(sample(0, TABLE)) as app:
        await app.press("space")
        await app.give(sample(30, GROWN))
        assert "module_03                    47" in app.text and "frozen" in app.text
        assert app.app.latest.rows[0].module == "new_one"
        await app.press("space")
        assert "module_03                    48" in app.text and "● live" in app.text


async def test_a_filter_is_typed_and_cleared():
    async with drive(sample(0, TABLE)) as app:
        await app.press("slash", *"e_1")
        assert "(10 of 30" in app.text
        await app.press("enter")
        assert "(10 of 30" in app.text
        await app.press("s", "s")
        assert app.app.view.choice.sort == "rate"
        await app.press("escape")
        assert "MODULE (30)" in app.text


async def test_escape_in_the_filter_clears_it():
    async with drive(sample(0, TABLE)) as app:
        await app.press("slash", *"zzz")
        assert "no module's name contains" in app.text
        await app.press("escape")
        assert "MODULE (30)" in app.text
        assert app.app.focused is app.app.glass


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
        assert app.app.view.choice.cursor == "module_09"


async def test_details_of_a_module_and_back():
    async with drive(sample(0, TABLE), sample(1, GROWN)) as app:
        await app.press("down", "down", "enter")
        assert "module_01" in app.text and "49 times as a duplicate" in app.text
        assert "Becoming: asked for" in app.text.replace("\n", " ")
        await app.press("escape")
        assert "MODULE (31" in app.text


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("question_mark", "The load path"),
        ("r", "lines, as read"),
        ("t", "wasted a second"),
        ("b", "at kread"),
        ("w", "−10 min"),
        ("s", "sorted by now"),
    ],
)
async def test_a_key_shows_something(key, says):
    async with drive(sample(0, TABLE), size=(100, 60)) as app:
        await app.press(key)
        assert says in app.text


async def test_pages_scroll_and_stop_at_their_end():
    async with drive(sample(0, TABLE)) as app:
        await app.press("r", "end")
        assert "module_29" in app.text
        place = app.app.view.choice.scroll
        await app.press("down", "down")
        assert app.app.view.choice.scroll == place
        await app.press("home")
        assert "Mods ever loaded" in app.text


async def test_the_mouse_sorts_selects_and_opens():
    async with drive(sample(0, TABLE)) as app:
        lines = app.text.splitlines()
        head = next(y for y, line in enumerate(lines) if "MODULE (" in line)
        await app.pilot.click(Glass, offset=Offset(5, head))
        await app.pilot.pause()
        assert app.app.view.choice.sort == "module"
        await app.pilot.click(Glass, offset=Offset(5, head + 3))
        await app.pilot.pause()
        assert app.app.view.choice.cursor == "module_02"
        await app.pilot.double_click(Glass, offset=Offset(5, head + 2))
        await app.pilot.pause()
        assert app.app.view.choice.page == "module" and app.app.view.choice.cursor == "module_01"


async def test_module_names_can_not_inject_actions():
    hostile = "x') or app.exit() or select('"
    async with drive(sample(0, stats(dup(hostile, 3), dup("a]b[c", 2)))) as app:
        head = next(y for y, line in enumerate(app.text.splitlines()) if "MODULE (" in line)
        await app.pilot.click(Glass, offset=Offset(5, head + 1))
        await app.pilot.pause()
        assert app.app.view.choice.cursor == hostile


async def test_copy_writes_the_report_to_a_file_too(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with drive(sample(0, TABLE), size=(160, 40)) as app:
        await app.press("c")
        (written,) = (tmp_path / "kmodtop").glob("*.txt")
        assert "Virtual memory wasted" in written.read_text()
        assert "report written to" in app.text
        assert app.app.clipboard == written.read_text()
        await app.press("p")
        (picture,) = (tmp_path / "kmodtop").glob("*.svg")
        assert "<svg" in picture.read_text()


async def test_a_folder_that_can_not_be_written_to_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    async with drive(sample(0, TABLE), size=(160, 40)) as app:
        await app.press("c")
        assert "cannot be written: Not a directory" in app.text


async def test_resizing_keeps_the_screen_whole():
    async with drive(sample(0, TABLE)) as app:
        for size in ((40, 12), (200, 60), (20, 6), (80, 24)):
            await app.pilot.resize_terminal(*size)
            await app.until(lambda s=size: len(app.app.glass._lines) == s[1])
            assert "WASTED" in app.text


async def test_only_changed_lines_are_painted_anew():
    async with drive(sample(100, TABLE)) as app:
        await app.give(sample(101, TABLE))
        painted = []
        app.app.glass.refresh = lambda *regions, **rest: painted.append(regions)
        await app.give(sample(102, TABLE))
        assert sum(len(regions) for regions in painted) <= 6  # the trend's new column
        painted.clear()
        grown = stats(*(dup(f"module_{i:02}", 50 - i + (i == 3)) for i in range(30)))
        await app.give(sample(103, grown))
        assert 0 < sum(len(regions) for regions in painted) <= 14


async def test_a_source_that_does_not_answer_is_told():
    async with drive(sample(0, TABLE)) as app:
        app.app.channel.heard -= 5.0
        await app.until(lambda: "no answer for 5 s" in app.text)
        await app.give(sample(9, TABLE))
        assert "● live" in app.text


async def test_every_command_is_in_the_palette():
    async with drive(sample(0, TABLE)) as app:
        titles = [command.title for command in app.app.get_system_commands(app.app.screen)]
        assert "freeze the view; collecting continues" in titles and "quit" in titles


async def test_q_quits():
    async with drive(sample(0, TABLE)) as app:
        await app.press("q")
        assert app.app.return_code == 0


async def test_no_picture_is_made_while_the_terminal_takes_none():
    from types import SimpleNamespace

    from kmodtop.app.driver import Room

    async with drive(sample(0, TABLE)) as app:
        written = []
        link = SimpleNamespace(is_stalled=False, is_stale=False, write=written.append)
        app.app.terminal = link
        await app.press("s")
        await app.until(lambda: written)
        written.clear()
        link.is_stalled = True
        await app.give(sample(1, GROWN))
        await app.press("s", "t", "j")
        assert not written
        link.is_stalled = False
        app.app.post_message(Room())
        await app.until(lambda: written)
        assert "new_one" in app.text
        app.app.terminal = None


async def test_a_detour_is_told_in_the_head_line():
    from kmodtop_core.errors import Trouble

    async with drive(sample(0, TABLE)) as app:
        source = app.script
        source.detour = Trouble(
            "not-watched", "cannot be watched (no inotify)", "looked at instead"
        )
        source.means = "looked at"
        await app.give(sample(1, GROWN))
        assert "looked at" in app.text.splitlines()[0]
        assert "cannot be watched (no inotify); looked at instead" in app.text
        source.detour, source.means = None, "polled"
        await app.give(sample(2, TABLE))
        assert "cannot be watched" not in app.text
