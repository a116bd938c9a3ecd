"""Recordings, and what tests do to them."""

import sqlite3
import time
from contextlib import contextmanager

from kmodtop_core.recording.ending import last_items
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.sample import Host
from support.samples import SAMPLES, dup, sample, stats

STORM = SAMPLES / "series/boot-udev-32cpu-noidem.jsonl"
HOST = Host("big", "6.12.9", 255, "b-1")


@contextmanager
def database(path):
    """What was changed is kept where nothing fails, and it is closed whatever happens."""
    db = sqlite3.connect(path)
    try:
        with db:
            yield db
    finally:
        db.close()


def record(path, *items):
    with Recorder(path, "0.1") as recorder:
        for item in items:
            recorder.write(item)


def replayed(path):
    return last_items(path)


HERE = Host("here", "6.12", 4, "boot-1")


class NoMachine:
    """Tells nothing."""

    def read(self, path):
        return None


def texts(path):
    recording = Recording(path)
    found = [kept for boot in recording.boots() for kept in recording.kept(boot)]
    recording.close()
    return found


def changed(path, *statements):
    with database(path) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def growth(first, last):
    return [sample(n, stats(dup("kvm", n + 1)), HERE) for n in range(first, last)]


def until(wanted):
    """Waits for what another process does."""
    give_up = time.monotonic() + 10
    while not wanted():
        assert time.monotonic() < give_up
        time.sleep(0.02)
