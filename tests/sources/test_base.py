"""Sources that fail."""

import itertools
import threading

import pytest
from support.samples import dup, sample, stats

from kmodtop_core.errors import SourceError
from kmodtop_core.sample import Instant
from kmodtop_core.sources.turns import read_on


class Scripted:
    """A source that fails as it is told to."""

    label, means = "scripted", "polled"

    def __init__(self, *runs):
        self.runs = list(runs)

    def items(self, stop):
        for what in self.runs.pop(0):
            if isinstance(what, Exception):
                raise what
            yield what


class Patient(threading.Event):
    """Never waits."""

    def wait(self, timeout=None):
        return self.is_set()


def test_a_source_that_fails_is_a_gap_and_is_tried_again(monkeypatch):
    clock = itertools.count(0, 0.6)
    monkeypatch.setattr("kmodtop_core.sources.turns.now", lambda: Instant(next(clock)))
    first, second = sample(0, stats()), sample(9, stats(dup("kvm", 1)))
    source = Scripted([first, RuntimeError("\x1b[2J broke")], [second])
    items = list(read_on(source, Patient()))
    assert items[0] == first and items[-1] == second
    gaps = items[1:-1]
    assert gaps and all(gap.why.code == "source-failed" for gap in gaps)
    assert gaps[0].why.sentence == (
        "scripted: reading failed (\\x1b[2J broke); kmodtop keeps trying"
    )


def test_what_can_not_be_begun_anew_ends_in_a_sentence():
    source = Scripted([sample(0, stats()), ValueError("odd")])
    source.means = "series"
    items = read_on(source, Patient())
    next(items)
    with pytest.raises(SourceError, match="reading failed"):
        next(items)


def test_a_source_has_one_reader_however_often_it_is_started():
    from kmodtop.session.feed import Feed

    begun, go_on = [], threading.Event()

    class Blocked:
        label, means = "blocked", "polled"

        def items(self, stop):
            begun.append(threading.current_thread())
            go_on.wait(5)
            yield sample(0, stats())

    feed = Feed(Blocked())
    feed.start()
    feed.start()
    while not begun:
        go_on.wait(0.01)
    feed.start()
    go_on.set()
    assert feed.first(5) is not None
    feed.stop()
    assert len(begun) == 1


def test_the_loop_is_woken_only_when_there_is_something_to_take():
    from kmodtop.session.feed import Feed

    class Loop:
        woken = 0

        def is_closed(self):
            return False

        def call_soon_threadsafe(self, _):
            self.woken += 1

    feed, loop = Feed(Scripted([])), Loop()
    feed.connect(loop, print, print)
    feed.hand_over()
    assert loop.woken == 0
    feed.put(sample(0, stats()))
    feed.hand_over()
    feed.hand_over()
    assert loop.woken == 1
