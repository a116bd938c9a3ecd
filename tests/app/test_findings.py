"""The answer in the live view: verdict lines, and the page behind `f`."""

from support.live import drive
from support.samples import dup, sample, stats

TABLE = stats(dup("kvm", 40), dup("aesni_intel", 40), dup("cryptd", 40), dup("nbd", 2))


async def test_the_verdict_stands_above_everything():
    async with drive(sample(0, stats()), sample(1, TABLE)) as app:
        lines = app.text.splitlines()
        assert "STORM NOW" in lines[1] and "122 of 127 loads failed" in lines[1]
        assert "userspace: udev, one event per CPU" in app.text and "possible" in app.text


async def test_f_shows_what_stands_behind_it_and_closes_again():
    async with drive(sample(0, stats()), sample(1, TABLE)) as app:
        await app.press("f")
        assert "as if asked for once per CPU" in app.text and "evidence" in app.text
        await app.press("end")
        assert "MODULE, BY WASTE" in app.text
        await app.press("f")
        assert "MODULE (4" in app.text


async def test_a_healthy_machine_blames_nobody():
    async with drive(sample(0, stats())) as app:
        assert "HEALTHY" in app.text and "nobody to blame" in app.text
        await app.press("f")
        assert "nothing to be explained" in app.text
