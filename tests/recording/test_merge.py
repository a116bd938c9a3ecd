"""Many recordings in one."""

import pytest
from support.command import kmodtop
from support.recordings import record
from support.samples import dup, gap, sample, stats

from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.sample import Events, Host, Instant

ONE, TWO = Host("one", "6.12", 4, "b-1"), Host("two", "6.13", 8, "b-2")
NAMELESS = Host("none")


def texts(host, begin, *counts):
    return [sample(begin + n, stats(dup("kvm", count)), host) for n, count in enumerate(counts)]


@pytest.fixture
def made(tmp_path):
    def make(name, *items):
        path = str(tmp_path / name)
        record(path, *items)
        return path

    return make


def merged(tmp_path, *paths):
    out = tmp_path / "all.db"
    done = kmodtop("merge", *paths, "-o", str(out))
    recording = Recording(str(out)) if out.exists() else None
    return done, recording


def told(recording):
    """By host: the moments of the texts and gaps that are kept, and the storms."""
    found = {}
    for boot in recording.boots():
        moments = [kept.item.at.uptime for kept in recording.kept(boot)]
        storms = [(storm.began, storm.failures) for storm in recording.storms(boot)]
        found.setdefault(boot.host, []).append((moments, storms))
    return found


def test_boots_of_several_recordings_stand_in_one_as_they_stood_alone(tmp_path, made):
    first = made("a", *texts(ONE, 10, 1, 5, 9), gap(13), *texts(ONE, 14, 9))
    second = made("b", *texts(TWO, 3, 2, 3))
    done, recording = merged(tmp_path, first, second)
    assert done.returncode == 0 and b"2 boots" in done.stderr
    alone = told(Recording(first)) | told(Recording(second))
    assert told(recording) == alone
    kernels = [(boot.kernel, boot.cpus) for boot in recording.boots()]
    assert sorted(kernels) == [("6.12", 4), ("6.13", 8)]


def test_parts_of_one_boot_go_together_in_the_order_of_their_times(tmp_path, made):
    late, early = made("late", *texts(ONE, 20, 7, 9)), made("early", *texts(ONE, 10, 1, 4))
    _, recording = merged(tmp_path, late, early)
    assert told(recording) == {"one": [([10, 11, 20, 21], [(11, 8)])]}


def test_what_several_tell_is_taken_once_and_what_is_there_stays(tmp_path, made):
    first, again = made("a", *texts(ONE, 10, 1, 4, 6)), made("b", *texts(ONE, 11, 4, 6, 8))
    merged(tmp_path, first, again)
    done, recording = merged(tmp_path, again, first)
    assert [moments for moments, _ in told(recording)["one"]] == [[10, 11, 12, 13]]
    assert b"1 boot, 0 of them new" in done.stderr


def test_boots_without_an_id_are_never_one(tmp_path, made):
    first, second = made("a", *texts(NAMELESS, 10, 1, 4)), made("b", *texts(NAMELESS, 10, 1, 4))
    _, recording = merged(tmp_path, first, second)
    assert len(told(recording)["none"]) == 2


def test_evidence_and_what_was_heard_come_along(tmp_path):
    path = str(tmp_path / "a")
    with Recorder(path, "7", "quiet") as recorder:
        recorder.observe(texts(ONE, 10, 1)[0])
        recorder.keep({"kmsg.txt": b"a log"})
        recorder.hear(Events(Instant(11.0), "trace.txt", b"a line\n"))
    _, recording = merged(tmp_path, path)
    (boot,) = recording.boots()
    assert recording.evidence(boot)["kmsg.txt"] == b"a log"
    assert [events.data for _, events in recording.heard(boot)] == [b"a line\n"]
    assert (boot.cmdline, boot.version) == ("quiet", "7")


def test_what_cannot_be_read_is_told_and_the_others_are_merged(tmp_path, made):
    broken = tmp_path / "broken"
    broken.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    done, recording = merged(tmp_path, str(broken), made("a", *texts(ONE, 10, 1)))
    assert done.returncode == 3 and b"broken" in done.stderr and len(recording.boots()) == 1


def test_a_file_is_needed_and_is_none_of_those_that_are_read(made):
    path = made("a", *texts(ONE, 10, 1))
    assert kmodtop("merge", path).returncode == 2
    done = kmodtop("merge", path, "-o", path)
    assert done.returncode == 2 and b"is what was read" in done.stderr
