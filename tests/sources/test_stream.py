"""Pipes."""

import os
import threading
import time

from support.following import text

from kmodtop_core.sample import Gap
from kmodtop_core.sources.stream import Stream

# ---- streams and series --------------------------------------------------


def test_texts_that_come_through_a_pipe_are_followed_one_by_one(follow):
    read_end, write_end = os.pipe()
    follower = follow(Stream(read_end, "standard input", 1.0))
    follower.until(lambda f: f.gap)
    for number in (3, 5):
        os.write(write_end, text(number)[:300])
        os.write(write_end, text(number)[300:])
        frame = follower.count(number)
    os.write(write_end, text(7) + text(8))
    frame = follower.count(8)
    os.close(write_end)
    follower.ended()
    assert frame.rows[0].since_start == 5
    os.close(read_end)


def test_a_pipe_that_pauses_within_a_text_is_no_reset(follow):
    read_end, write_end = os.pipe()
    follower = follow(Stream(read_end, "standard input", 1.0))
    os.write(write_end, text(300))
    follower.count(300)
    for piece in (text(400)[:200], text(400)[200:]):
        os.write(write_end, piece)
        time.sleep(0.7)  # a slow writer
    follower.count(400)
    os.close(write_end)
    follower.ended()
    os.close(read_end)
    assert all(f.resets == 0 and f.event != "reset" for _, _, f in follower.seen)


def test_an_endless_pipe_of_nothing_stays_bounded(follow):
    source = Stream(os.open("/dev/zero", os.O_RDONLY), "zeros", 1.0)
    items = list(source.items(threading.Event()))
    assert all(isinstance(item, Gap) for item in items)
    assert len(source._buffer) <= 2 << 20
