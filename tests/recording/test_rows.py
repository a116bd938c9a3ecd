"""What a recorder writes, row by row."""

import zlib

import pytest
from support.recordings import HOST
from support.samples import dup, gap, sample, stats

from kmodtop_core.recording.file import open_in_memory
from kmodtop_core.recording.rows import Rows
from kmodtop_core.recording.schema import create
from kmodtop_core.stats.values import COUNTERS

NONE = [None] * len(COUNTERS)


@pytest.fixture
def rows():
    store = open_in_memory()
    create(store)
    rows = Rows(store)
    rows.boot(HOST, sample(0, stats()).at, None, "0")
    rows.store = store
    return rows


def test_how_long_a_row_stood_never_shrinks(rows):
    row = rows.gap(1, gap(5))
    for until in (7, 6):
        rows.stood(row, until)
    assert rows.store.one("u", "SELECT until FROM gap") == 7


def test_every_sixty_fourth_text_is_packed_alone_and_the_others_with_it(rows):
    for number in range(1, 131):
        text = stats(*(dup(f"module_{k}", number) for k in range(9)))
        rows.text(rows.next_text(), 1, sample(number, text), 1, NONE)
    alone = rows.store.rows("i", "SELECT id FROM sample WHERE base IS NULL")
    assert [row for (row,) in alone] == [1, 65, 129]


def test_a_text_that_begins_its_run_is_packed_alone(rows):
    for number, run in ((1, 1), (2, 1), (3, 3)):
        assert rows.next_text() == number
        rows.text(number, 1, sample(number, stats(modcount=number)), run, NONE)
    packed = rows.store.one("b", "SELECT data FROM sample WHERE id = 3")
    assert zlib.decompress(packed) == sample(3, stats(modcount=3)).text
    assert rows.store.one("I", "SELECT base FROM sample WHERE id = 2") == 1
