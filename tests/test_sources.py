"""Sources: every kind of change is seen, in time, and nothing is seen that did not happen."""

import itertools
import os
import queue
import threading
import time

import pytest
from conftest import CHANGES, SAMPLES, dup, replace, sample, stats

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening import open_source, read_now
from kmodtop_core.sample import Gap, Instant, Sample
from kmodtop_core.sources.base import MOST_BYTES, read_on
from kmodtop_core.sources.polled import PolledFile
from kmodtop_core.sources.series import Series, read_series
from kmodtop_core.sources.stream import Stream
from kmodtop_core.sources.watched import WatchedFile
from kmodtop_core.stats.parse import render
from kmodtop_core.tracking.frame import DOUBTFUL
from kmodtop_core.tracking.tracker import Tracker

PATIENCE = 5.0
"""Seconds after which a test gives up; generous, as other programs run too."""


class Follower:
    """Runs a source in a thread and a tracker over what it yields; frames come by a queue."""

    def __init__(self, source):
        self._stop = threading.Event()
        self._frames = queue.Queue()
        self.seen = []
        self._thread = threading.Thread(target=self._run, args=(source,))
        self._thread.start()

    def _run(self, source):
        tracker = Tracker()
        for item in source.items(self._stop):
            self._frames.put((time.monotonic(), item, tracker.observe(item)))
        self._frames.put(None)

    def until(self, wanted):
        """The first frame that is wanted; all that came before are kept in `seen`."""
        give_up = time.monotonic() + PATIENCE
        while True:
            entry = self._frames.get(timeout=max(0.01, give_up - time.monotonic()))
            assert entry is not None, "the source ended"
            self.seen.append(entry)
            if wanted(entry[2]):
                return entry[2]

    def count(self, number):
        """The first frame with so many becoming failures."""
        return self.until(lambda f: f.block is not None and f.block.stats.failures == number)

    def ended(self):
        """Waits until the source has come to its end by itself."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the source did not end"

    def close(self):
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the source did not stop"


@pytest.fixture
def follow():
    followers = []

    def start(source):
        followers.append(Follower(source))
        return followers[-1]

    yield start
    for follower in followers:
        follower.close()


def text(number):
    """Statistics with so many failures, all of one module."""
    return render(stats(dup("kvm", number))) if number else render(stats())


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


# ---- polled --------------------------------------------------------------


def test_a_polled_file_is_read_anew_each_time_and_reopened_when_replaced(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    source = PolledFile(str(path), 1.0, Machine())
    assert source.read().text == text(3)
    path.write_bytes(text(4))
    assert source.read().text == text(4)
    replace(path, text(5))
    assert source.read().text == text(5)
    path.unlink()
    assert source.read().why.code == "missing"
    path.write_bytes(text(6))
    assert source.read().text == text(6)
    source.close()


def test_a_polled_file_is_read_at_its_pace(tmp_path, follow):
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    follower = follow(PolledFile(str(path), 0.1, Machine()))
    follower.count(3)
    path.write_bytes(text(4))
    follower.count(4)
    times = [item.at.uptime for _, item, _ in follower.seen]
    assert times == sorted(times)


def panicky(tmp_path, value="1"):
    (tmp_path / "proc/sys/kernel").mkdir(parents=True, exist_ok=True)
    (tmp_path / "proc/sys/kernel/panic_on_warn").write_text(value)
    return Machine(str(tmp_path))


def test_reading_stops_before_it_could_panic_the_machine(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(render(stats(*(dup(f"m{i}", 1) for i in range(104)))))
    source = PolledFile(str(path), 1.0, panicky(tmp_path))
    assert isinstance(source.read(), Sample)
    path.write_bytes(render(stats(*(dup(f"m{i}", 9) for i in range(105)))))
    assert isinstance(source.read(), Sample)
    refused = source.read()
    assert refused.why.code == "panic-on-warn" and "--risk-panic" in refused.why.sentence
    panicky(tmp_path, "0")
    assert isinstance(source.read(), Sample)
    source.close()


def test_a_table_that_was_cut_may_have_more_rows_than_it_shows(tmp_path):
    path = tmp_path / "stats"
    names = [f"{i:03}".ljust(55, "x") for i in range(150)]
    source = PolledFile(str(path), 1.0, panicky(tmp_path))
    path.write_bytes(render(stats(*(dup(name, 1) for name in names[:100]))))
    assert isinstance(source.read(), Sample)
    path.write_bytes(render(stats(*(dup(name, 1) for name in names))))
    assert isinstance(source.read(), Sample)
    assert "may have 112 rows" in source.read().why.sentence
    source.close()


def test_the_first_reading_asks_the_sibling_files_whether_it_is_safe(tmp_path):
    machine = panicky(tmp_path)
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    # The siblings are looked up below the machine's root.
    siblings = tmp_path / str(tmp_path).lstrip("/")
    siblings.mkdir(parents=True)
    (siblings / "failed_becoming").write_text("200\n")
    source = PolledFile(str(path), 1.0, machine)
    assert source.read().why.code == "panic-on-warn"
    (siblings / "failed_becoming").write_text("20\n")
    assert isinstance(source.read(), Sample)
    assert isinstance(PolledFile(str(path), 1.0, machine, risk_panic=True).read(), Sample)
    source.close()


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


def test_a_series_is_played_at_its_own_pace_and_faster():
    path = SAMPLES / "series/storm-moderate.jsonl"
    series = read_series(path.read_bytes(), str(path))
    items = list(Series(series, "x", speed=1000).items(threading.Event()))
    assert len(items) == len(series) == 171
    assert items[0].host.cpus == 8 and items[0].host.kernel == "6.12.107-klab"


@pytest.mark.parametrize(
    "data",
    [
        b'{"series": "x"}\n',
        b'{"series": "x"}\n{"text": "no time"}\n',
        b'{"series": "x"}\n[1]\n',
        b'{"series": "x"}\nnonsense\n',
        b'{"series": "x"}\n{"boottime_s": NaN, "text": ""}\n',
        b'{"series": "x"}\n{"boottime_s": 1e300, "text": ""}\n',
    ],
)
def test_a_broken_series_names_the_line(data):
    with pytest.raises(SourceError, match=r"line \d|no samples"):
        read_series(data, "x")


# ---- what is no source ---------------------------------------------------


@pytest.fixture
def fifo(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"


@pytest.mark.parametrize(
    ("path", "says"),
    [("/", "is a directory"), ("/dev/zero", "is a device"), ("/dev/null", "is a device")],
)
def test_what_can_not_be_read_is_refused_with_a_reason(path, says):
    for attempt in (lambda: read_now(path, Machine()), lambda: open_source(path, 1, Machine())):
        with pytest.raises(SourceError, match=says) as error:
            attempt()
        assert error.value.status == 3


def test_a_pipe_without_a_writer_is_not_waited_for_for_ever(fifo):
    with pytest.raises(SourceError, match="nobody writes"):
        read_now(str(fifo), Machine())


def test_a_pipe_with_a_writer_is_read_to_its_end(fifo):
    writer = threading.Thread(target=lambda: fifo.write_bytes(text(3)))
    writer.start()
    (sample,) = read_now(str(fifo), Machine())
    writer.join()
    assert sample.text == text(3)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    for attempt in (read_now, lambda name, m: open_source(name, 1, m)):
        with pytest.raises(SourceError, match="1,073,741,824 bytes"):
            attempt(str(path), Machine())
    assert MOST_BYTES < 1 << 30


class Scripted:
    """A source that fails as it is told to."""

    label, pace = "scripted", "polled"

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
    monkeypatch.setattr("kmodtop_core.sources.base.now", lambda: Instant(next(clock)))
    first, second = sample(0, stats()), sample(9, stats(dup("kvm", 1)))
    source = Scripted([first, RuntimeError("\x1b[2J broke")], [second])
    items = list(read_on(source, Patient()))
    assert items[0] == first and items[-1] == second
    gaps = items[1:-1]
    assert gaps and all(gap.why.code == "source-failed" for gap in gaps)
    assert gaps[0].why.sentence == (
        "scripted: reading failed (\\x1b[2J broke); kmodtop goes on trying"
    )


def test_what_can_not_be_begun_anew_ends_in_a_sentence():
    source = Scripted([sample(0, stats()), ValueError("odd")])
    source.pace = "series"
    items = read_on(source, Patient())
    next(items)
    with pytest.raises(SourceError, match="reading failed"):
        next(items)


def test_a_neighbour_whose_name_is_no_utf_8_is_none_of_its_business(tmp_path):
    path, stop = tmp_path / "stats", threading.Event()
    path.write_bytes(render(stats(dup("kvm", 3))))
    source = WatchedFile(str(path), 1.0, Machine())
    seen = []
    for item in source.items(stop):
        seen.append(item)
        if len(seen) == 2:
            (tmp_path / os.fsdecode(b"odd\xff\xfe")).write_bytes(b"x")
        if source.detour is not None and source.pace == "looked at":
            path.write_bytes(render(stats(dup("kvm", 9))))
        if isinstance(item, Sample) and b"\t              9\t" in item.text:
            break
    assert "can't be watched" in source.detour.what and "every 0.25 s" in source.detour.fix


def test_a_source_has_one_reader_however_often_it_is_started():
    from kmodtop.session.feed import Feed

    begun, go_on = [], threading.Event()

    class Blocked:
        label, pace = "blocked", "polled"

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
