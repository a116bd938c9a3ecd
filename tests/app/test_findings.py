"""The answer in the live view: verdict lines, and the page behind `f`."""

from support.live import drive
from support.samples import dup, sample, stats

TABLE = stats(dup("kvm", 40), dup("aesni_intel", 40), dup("cryptd", 40), dup("nbd", 2))


async def test_the_verdict_stands_above_everything():
    async with drive(sample(0, stats()), sample(1, TABLE)) as app:
        lines = app.text.splitlines()
        assert "STORM NOW" in lines[1] and "122 of 127 loads failed" in lines[1]
        assert "userspace: udev, one event per CPU" in app.text and "possible ●○○" in app.text
        assert lines[5].startswith("▌ next  ")


async def test_f_shows_what_stands_behind_it_and_closes_again():
    async with drive(sample(0, stats()), sample(1, TABLE)) as app:
        await app.press("f")
        assert "as if asked for once per CPU" in app.text and " proof  " in app.text
        assert "MODULE, BY WASTE" not in app.text
        await app.press("pagedown", "pagedown", "pagedown", "pagedown")
        assert "MODULE, BY WASTE" in app.text
        await app.press("f")
        assert "  MODULE " in app.text and "≈WASTED" in app.text


async def test_the_findings_are_gone_through_and_lead_to_their_modules():
    async with drive(sample(0, stats()), sample(1, TABLE)) as app:
        await app.press("f", "down")
        assert app.app.view.choice.finding == 1
        await app.press("enter")
        shown = [line.split()[1] for line in app.text.splitlines() if line[:2] in ("▲ ", "• ")]
        assert shown == ["nbd"]
        await app.press("escape")
        assert "nbd" in app.text and "kvm" in app.text


async def test_a_healthy_machine_blames_nobody():
    async with drive(sample(0, stats())) as app:
        assert "HEALTHY" in app.text and "nobody to blame" in app.text
        await app.press("f")
        assert "nothing to be explained" in app.text


async def test_keys_that_come_together_are_each_for_the_page_that_is_open_by_then():
    from textual.events import Key

    from kmodtop.app.keyboard import Typed

    async with drive(sample(0, stats()), sample(1, TABLE)) as app:
        app.app.post_message(Typed([Key("f", "f"), Key("down", None)]))
        await app.settle()
        assert (app.app.view.choice.finding, app.app.view.choice.cursor) == (1, None)
