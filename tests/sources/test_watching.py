"""When regular files are looked at."""

import os
import threading

import pytest
from support.following import text

from kmodtop_core.machine.facts import Machine
from kmodtop_core.sample import Sample
from kmodtop_core.sources import watching
from kmodtop_core.sources.watched import WatchedFile


@pytest.fixture
def noisy(tmp_path, monkeypatch):
    """A file beside which another is written all the time, until the event is set."""
    monkeypatch.setattr(watching, "STEP_S", 0.05)
    monkeypatch.setattr(watching, "_BUSY_S", 0.2)
    monkeypatch.setattr(watching, "_CLOCK_S", (0.3,))
    monkeypatch.setattr(watching, "_PROBE_S", 0.05)
    quiet, path = threading.Event(), tmp_path / "stats"
    path.write_bytes(text(3))

    def write():
        while not quiet.wait(0.0005):
            (tmp_path / "noise").write_bytes(b"x")

    writer = threading.Thread(target=write)
    writer.start()
    yield path, quiet
    quiet.set()
    writer.join()


def test_a_busy_folder_is_looked_at_by_the_clock_until_it_is_quiet(noisy, follow):
    path, quiet = noisy
    source = WatchedFile(str(path), 0.1, Machine())
    follower = follow(source)
    follower.until(lambda frame: source.means == "looked at")
    assert source.detour.code == "busy-folder"
    assert "others write without pause" in source.detour.sentence
    for _ in range(8):  # it is tried again to watch, but not for as long as anybody writes
        follower.until(lambda frame: True)
        assert source.means == "looked at"
    path.write_bytes(text(5))
    follower.count(5)
    quiet.set()
    follower.until(lambda frame: source.means == "watched")
    assert source.detour is None
    path.write_bytes(text(7))
    follower.count(7)


def test_it_is_still_busy_as_long_as_anybody_writes(noisy, monkeypatch):
    path, quiet = noisy
    folders = watching._folders([WatchedFile(str(path), 1.0, Machine())])
    assert watching._is_still_busy(folders, threading.Event())
    quiet.set()
    monkeypatch.setattr(watching, "_PROBE_S", 0.1)
    threading.Event().wait(0.05)
    assert not watching._is_still_busy(folders, threading.Event())


def test_own_changes_make_no_folder_busy(tmp_path, follow, monkeypatch):
    monkeypatch.setattr(watching, "STEP_S", 0.05)
    monkeypatch.setattr(watching, "_BUSY_S", 0.1)
    path = tmp_path / "stats"
    path.write_bytes(text(1))
    source = WatchedFile(str(path), 0.1, Machine())
    follower = follow(source)
    for number in range(2, 12):
        path.write_bytes(text(number))
        follower.count(number)
    assert source.means == "watched" and source.detour is None


def first_sample(follower, number):
    follower.count(number)
    return next(
        item
        for _, item, _ in follower.seen
        if isinstance(item, Sample) and item.text == text(number)
    )


def test_what_a_rename_has_put_there_is_whole_at_once(tmp_path, follow):
    path, new = tmp_path / "stats", tmp_path / "new"
    path.write_bytes(text(3))
    follower = follow(WatchedFile(str(path), 1.0, Machine()))
    follower.count(3)
    new.write_bytes(text(4))
    written = new.stat()
    os.utime(new, ns=(written.st_atime_ns, written.st_mtime_ns - 1_000_000))
    new.replace(path)
    assert first_sample(follower, 4).settled


def test_what_is_written_in_place_is_not(tmp_path, follow):
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    follower = follow(WatchedFile(str(path), 30.0, Machine()))  # no interval helps
    follower.count(3)
    path.write_bytes(text(4))
    assert not first_sample(follower, 4).settled
    follower.until(lambda frame: frame.sample.settled)
