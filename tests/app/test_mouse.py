"""The mouse: a click selects, two open, dragging scrubs, the wheel scrolls what is under it."""

from support.live import TABLE, drive
from support.samples import dup, sample, stats
from textual import events

from kmodtop.app.panels import Panel


def line_of(app, start):
    """The row of the screen that begins so."""
    return next(y for y, line in enumerate(app.text.splitlines()) if line.startswith(start))


async def test_the_mouse_sorts_selects_and_opens():
    async with drive(sample(0, TABLE)) as app:
        head = line_of(app, "  MODULE")
        await app.click(5, head)
        assert app.app.view.choice.sort == "module"
        await app.click(5, head + 3)
        assert app.app.view.choice.cursor == "module_02"
        await app.click(5, head + 2, times=2)
        assert app.app.view.choice.page == "module" and app.app.view.choice.cursor == "module_01"


async def test_keys_in_the_last_line_can_be_clicked():
    async with drive(sample(0, TABLE)) as app:
        await app.click(app.text.splitlines()[-1].index("findings"), 23)
        assert "▸ findings" in app.text
        await app.click(app.text.splitlines()[-1].index("Esc"), 23)
        assert "MODULE" in app.text


async def test_the_wheel_scrolls_what_is_under_the_pointer():
    async with drive(sample(0, TABLE)) as app:
        table = app.app.screen.query_one("#table", Panel)
        where = {"x": 5, "y": 3, "delta_x": 0, "delta_y": 1, "button": 0, "shift": False}
        where |= {"meta": False, "ctrl": False}
        table.post_message(events.MouseScrollDown(table, **where))
        await app.settle()
        assert "4–11 of 30" in app.text and app.app.view.choice.cursor is None


async def test_module_names_can_not_inject_actions():
    hostile = "x') or app.exit() or select('"
    async with drive(sample(0, stats(dup(hostile, 3), dup("a]b[c", 2)))) as app:
        await app.click(5, line_of(app, "  MODULE") + 1)
        assert app.app.view.choice.cursor == hostile


async def test_dragging_on_the_chart_scrubs():
    items = [sample(at, stats(dup("kvm", 9 * at + 1))) for at in range(40)]
    async with drive(*items) as app:
        await app.until(lambda: app.app.latest.at.uptime == 39)
        await app.settle()
        chart = app.app.screen.query_one("#chart", Panel)
        seen = []
        for x, button in ((30, 0), (20, 1), (40, 1)):
            chart.post_message(events.MouseMove(chart, x, 2, 1, 0, button, False, False, False))
            await app.settle()
            deck = app.app.view.situation.deck
            seen.append(None if deck is None else deck.position)
        assert seen[0] is None and seen[1] < seen[2]
