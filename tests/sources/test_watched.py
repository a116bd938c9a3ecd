"""Regular files, watched."""

import os
import threading
import time

import pytest
from support.following import text
from support.samples import CHANGES, dup, stats

from kmodtop_core.machine.facts import Machine
from kmodtop_core.sample import Sample
from kmodtop_core.sources.watched import WatchedFile
from kmodtop_core.stats.parse import render
from kmodtop_core.tracking.frame import DOUBTFUL


def watched(path):
    return WatchedFile(str(path), 1.0, Machine())


def old(path, data):
    """A file that was written long ago."""
    path.write_bytes(data)
    os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_is_seen_soon_and_its_row_grows(tmp_path, follow, change):
    path = tmp_path / "stats"
    old(path, text(3))
    follower = follow(watched(path))
    follower.count(3)
    for number in (5, 9):
        change(path, text(number))
        frame = follower.count(number)
        assert frame.rows[0].recent > 0 and frame.rows[0].heat(frame.now) == 2
    assert all(frame.resets == 0 for _, _, frame in follower.seen)


def test_a_file_that_is_missing_at_the_start(tmp_path, follow):
    path = tmp_path / "stats"
    follower = follow(watched(path))
    frame = follower.until(lambda f: f.gap)
    assert frame.gap.why.code == "missing"
    path.write_bytes(text(3))
    follower.count(3)


def test_a_folder_that_is_missing_at_the_start(tmp_path, follow):
    path = tmp_path / "a/b/stats"
    follower = follow(watched(path))
    follower.until(lambda f: f.gap)
    path.parent.mkdir(parents=True)
    path.write_bytes(text(3))
    follower.count(3)


def test_a_folder_that_is_replaced(tmp_path, follow):
    path = tmp_path / "a/stats"
    path.parent.mkdir()
    old(path, text(3))
    follower = follow(watched(path))
    follower.count(3)
    path.parent.rename(tmp_path / "old")
    path.parent.mkdir()
    path.write_bytes(text(4))
    follower.count(4)
    path.write_bytes(text(5))
    follower.count(5)


def test_a_link_that_moves(tmp_path, follow):
    for number in (3, 4):
        (tmp_path / f"dir{number}").mkdir()
        old(tmp_path / f"dir{number}/stats", text(number))
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "dir3/stats")
    follower = follow(watched(link))
    follower.count(3)
    (tmp_path / "new").symlink_to(tmp_path / "dir4/stats")
    (tmp_path / "new").replace(link)
    follower.count(4)
    (tmp_path / "dir4/stats").write_bytes(text(6))
    follower.count(6)


def test_a_deleted_file_is_a_gap_and_comes_back(tmp_path, follow):
    path = tmp_path / "stats"
    old(path, text(3))
    follower = follow(watched(path))
    follower.count(3)
    path.unlink()
    frame = follower.until(lambda f: f.gap)
    assert frame.gap.why.code == "missing" and frame.block.stats.failures == 3
    path.write_bytes(text(3))
    follower.until(lambda f: f.gap is None)


def test_a_file_written_slowly_is_never_a_loss_of_counts(tmp_path, follow):
    path = tmp_path / "stats"
    rows = [dup(f"module_{i}", 5) for i in range(40)]
    old(path, render(stats(*rows)))
    follower = follow(watched(path))
    follower.count(200)
    grown = render(stats(dup("new", 7), *rows))
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(grown), 400):
            file.write(grown[start : start + 400])
            time.sleep(0.03)  # a slow writer
    follower.count(207)
    for _, _, frame in follower.seen:
        assert frame.block.stats.failures >= 200
        assert not any(row.fallen for row in frame.rows)
        assert frame.resets == 0
        assert frame.gap is None or frame.gap.why == DOUBTFUL


def test_texts_appended_to_a_file_are_followed_one_by_one(tmp_path, follow):
    path = tmp_path / "log"
    old(path, b"my log\n" + text(1) + b"more\n" + text(2))
    follower = follow(watched(path))
    follower.count(2)
    with path.open("ab", buffering=0) as file:
        file.write(b"# now\n" + text(5) + b"# and\n" + text(7) + text(11)[:-200])
        follower.count(7)
        file.write(text(11)[-200:])
        follower.count(11)
    numbers = [f.block.stats.failures for _, _, f in follower.seen if f.block]
    assert list(dict.fromkeys(numbers)) == [1, 2, 5, 7, 11]


def test_a_quiet_file_still_tells_the_time(tmp_path, follow):
    path = tmp_path / "stats"
    old(path, text(3))
    follower = follow(WatchedFile(str(path), 0.1, Machine()))
    frame = follower.until(lambda f: f.event == "same" and f.now > 0.3)
    assert frame.wasted_rate in (0, None)


def test_rights_that_are_taken_away_and_given_back(tmp_path, follow):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = tmp_path / "stats"
    old(path, text(3))
    follower = follow(watched(path))
    follower.count(3)
    path.chmod(0)
    follower.until(lambda f: f.gap and f.gap.why.code == "permission")


def test_a_log_that_an_editor_replaces_is_no_new_story(tmp_path, follow):
    path = tmp_path / "log"
    old(path, text(100) + text(200) + text(300))
    follower = follow(watched(path))
    follower.count(300)
    new = tmp_path / "new"
    new.write_bytes(b"# a comment\n" + path.read_bytes() + text(400))
    new.replace(path)
    follower.count(400)
    numbers = [f.block.stats.failures for _, _, f in follower.seen if f.block]
    assert list(dict.fromkeys(numbers)) == [100, 200, 300, 400] == sorted(set(numbers))


def test_a_copy_with_the_same_size_and_time_is_seen(tmp_path, follow):
    path = tmp_path / "stats"
    old(path, text(3))
    follower = follow(watched(path))
    follower.count(3)
    for number in (5, 7):
        old(path, text(number))
        follower.count(number)


def test_a_neighbour_whose_name_is_no_utf_8_is_none_of_its_business(tmp_path):
    path, stop = tmp_path / "stats", threading.Event()
    path.write_bytes(render(stats(dup("kvm", 3))))
    source = WatchedFile(str(path), 1.0, Machine())
    seen = []
    for item in source.items(stop):
        seen.append(item)
        if source.detour is None:
            (tmp_path / os.fsdecode(b"odd\xff\xfe%d" % len(seen))).write_bytes(b"x")
        if source.detour is not None and source.means == "looked at":
            path.write_bytes(render(stats(dup("kvm", 9))))
        if isinstance(item, Sample) and b"\t              9\t" in item.text:
            break
    assert "cannot be watched" in source.detour.what and "every 0.3 s" in source.detour.fix
