"""Several sources in one thread."""

import asyncio
import threading
import time

import pytest
from support.following import PATIENCE, text
from support.samples import sample, stats

from kmodtop.session import rounds
from kmodtop.session.rounds import feeds_of
from kmodtop_core.machine.facts import Machine
from kmodtop_core.sample import Gap, Sample
from kmodtop_core.sources.polled import PolledFile
from kmodtop_core.sources.turns import Rest
from kmodtop_core.sources.watched import WatchedFile


class Scripted:
    """A source whose turns a test makes."""

    means = "polled"

    def __init__(self, label, *steps, ends=False):
        self.label, self._steps, self._ends = label, steps, ends

    def items(self, stop):
        raise AssertionError("it shares a thread")

    def steps(self):
        for step in self._steps:
            if callable(step):
                step()
            else:
                yield step
        while not self._ends:
            yield Rest(0.05)


def until(wanted):
    give_up = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < give_up
        time.sleep(0.01)


@pytest.fixture
def started():
    all_feeds = []

    def start(*sources):
        feeds = feeds_of(sources)
        all_feeds.extend(feeds)
        for feed in feeds:
            feed.start()
        return feeds

    yield start
    for feed in all_feeds:
        feed.stop()
    until(lambda: not threads())


def threads():
    return [t for t in threading.enumerate() if t.name == "sources"]


def test_polled_files_share_a_thread_and_watched_ones_another(tmp_path, started):
    paths = [tmp_path / f"{n}" for n in range(8)]
    for number, path in enumerate(paths):
        path.write_bytes(text(number))
    polled = [PolledFile(str(path), 0.1, Machine()) for path in paths]
    watched = [WatchedFile(str(path), 0.1, Machine()) for path in paths]
    feeds = started(*polled, *watched)
    items = [feed.first(PATIENCE) for feed in feeds]
    assert [item.text for item in items] == [text(number) for number in range(8)] * 2
    assert len(threads()) == 2
    paths[3].write_bytes(text(77))
    for feed in (feeds[3], feeds[11]):
        until(lambda f=feed: any(getattr(i, "text", b"") == text(77) for i in f._items))


def test_a_read_that_is_held_up_does_not_hold_up_the_others(started, monkeypatch):
    monkeypatch.setattr(rounds, "_HELD_S", 0.05)
    free = threading.Event()
    late, other = sample(9, stats()), sample(1, stats())
    held, quick = started(
        Scripted("held", lambda: free.wait(PATIENCE), late), Scripted("quick", Rest(0.2), other)
    )
    assert quick.first(PATIENCE) == other and not held._items
    free.set()
    assert held.first(PATIENCE) == late


def test_a_source_that_fails_is_a_gap_and_is_tried_again_while_others_go_on(started):
    def fail():
        raise RuntimeError("it broke")

    text_of = sample(1, stats())
    broken, whole = started(Scripted("broken", text_of, fail), Scripted("whole", text_of))
    until(lambda: any(isinstance(item, Gap) for item in broken._items))
    assert isinstance(broken._items[0], Sample)
    assert "it broke" in next(i for i in broken._items if isinstance(i, Gap)).why.sentence
    assert whole.first(PATIENCE) == text_of


def test_one_that_ends_ends_alone(started):
    ended, other = started(
        Scripted("ends", sample(1, stats()), ends=True), Scripted("goes on", sample(1, stats()))
    )
    until(lambda: ended._has_ended)
    assert not other._has_ended


def test_one_that_is_stopped_is_read_no_more_and_the_thread_ends_with_the_last(started):
    turns = []
    first, second = started(
        Scripted("first", *([lambda: turns.append(1), Rest(0.01)] * 5000)), Scripted("second")
    )
    until(lambda: turns)
    first.stop()
    time.sleep(0.1)
    before = len(turns)
    time.sleep(0.2)
    assert len(turns) == before and threads()
    second.stop()
    until(lambda: not threads())


def test_one_alone_has_a_thread_to_itself():
    (feed,) = feeds_of([Scripted("alone")])
    assert feed._rounds is None


async def test_what_was_read_is_handed_over_at_once_also_when_the_next_is_held_up(
    started, monkeypatch
):
    monkeypatch.setattr(rounds, "_HELD_S", 0.1)
    free, items, ended = threading.Event(), [], []
    one, two = sample(1, stats()), sample(2, stats())
    quick, _ = started(
        Scripted("quick", one, Rest(0.2), two, ends=True),
        Scripted("held", Rest(0.2), lambda: free.wait(PATIENCE)),
    )
    quick.connect(asyncio.get_running_loop(), items.extend, lambda: ended.append(True))
    async with asyncio.timeout(PATIENCE / 2):
        while not ended:
            await asyncio.sleep(0.01)
    assert items == [one, two]
    free.set()
