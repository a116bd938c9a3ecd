"""The display against stock Textual: whatever is done, both show the same; the display sends less.

KMODTOP_OPERATIONS=5000 does as many random operations as are named; some minutes.
"""

import os
import random

import pytest
from support.compared import Pair, Stirring, settle
from support.live import GROWN, TABLE, drive
from support.samples import dup, sample, stats

OPERATIONS = int(os.environ.get("KMODTOP_OPERATIONS", "48"))
_ROUND = 48
"""Operations on one start of the app."""


@pytest.mark.parametrize("seed", range(-(-OPERATIONS // _ROUND)))
async def test_random_operations_leave_the_same_picture(seed):
    chance = random.Random(seed)
    size = chance.choice(((80, 24), (120, 40), (200, 60)))
    async with drive(sample(0, TABLE), sample(1, GROWN), size=size) as driven:
        pair = Pair(driven.app, size)
        driven.app.painter.forget()
        driven.app.screen.refresh()
        stirring = Stirring(driven, pair, chance, size)
        for number in range(_ROUND):
            await stirring.once()
            if driven.app.return_code is not None or not driven.app.is_running:
                return
            if number % 4 == 3:
                await settle(driven, pair)
                assert not pair.differences()[:5], (seed, number)


async def test_the_cursor_is_moved_only_where_somebody_types():
    async with drive(sample(0, TABLE)) as driven:
        assert driven.app._cursor() == (0, 0)
        await driven.press("slash", "k")
        assert driven.app._cursor() != (0, 0)
        await driven.press("escape")
        assert driven.app._cursor() == (0, 0)


async def test_what_was_put_off_until_after_the_end_finds_no_screen_and_is_nothing():
    async with drive(sample(0, TABLE)) as driven:
        Pair(driven.app, (80, 24))
    driven.app.show_whole()  # as a timer does that was set when the size changed
    driven.app._has_room()
    assert not driven.app.screen_stack


async def test_one_changed_row_costs_few_bytes_and_nothing_changed_none():
    def table(third):
        return stats(dup("kvm", 40), dup("aesni_intel", third), dup("cryptd", 12))

    async with drive(sample(0, stats()), sample(1, table(20)), size=(120, 40)) as driven:
        pair = Pair(driven.app, (120, 40))
        await driven.give(sample(2, table(20)))
        for second in range(3, 30):
            await driven.give(sample(second, table(20)))
        pair.link.sent.clear()
        await driven.give(sample(30, table(20)))
        assert sum(map(len, pair.link.sent)) == 0
        costs = []
        for second in range(31, 51):
            pair.link.sent.clear()
            await driven.give(sample(second, table(second)))
            costs.append(sum(len(text.encode()) for text in pair.link.sent))
        assert sorted(costs)[len(costs) // 2] <= 150, costs


async def test_where_nothing_lies_over_the_page_textual_is_not_asked_for_a_picture():
    async with drive(sample(0, TABLE), size=(120, 40)) as driven:
        pair, asked = Pair(driven.app, (120, 40)), []
        await settle_whole(driven)
        display = driven.app._display
        driven.app._display = lambda *words: (asked.append(words), display(*words))
        await driven.give(sample(5, GROWN))  # with times there is another chart
        await driven.until(lambda: not driven.app.screen._layout_required)
        asked.clear()
        assert not pair.differences()
        await driven.give(sample(6, stats(*GROWN.duplicates, failed_becoming=4000)))
        assert pair.link.sent and not asked and not pair.differences()
        driven.app.notify("a toast")
        await driven.until(lambda: asked)
        asked.clear()
        await driven.give(sample(7, stats(dup("kvm", 400))))
        await driven.until(lambda: asked)


async def settle_whole(driven):
    """Textual has told once what the whole screen is to show."""
    driven.app.painter.forget()
    driven.app.screen.refresh(layout=True)
    await driven.until(lambda: driven.app.painter.is_ready)
    await driven.settle()
