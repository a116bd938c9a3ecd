"""The verdict in words, for each state that a machine can be in."""

import json

import pytest
from support.command import kmodtop
from support.recordings import record
from support.samples import SAMPLES, dup, sample, stats

from kmodtop_core.diagnosis.boot import BootCase
from kmodtop_core.diagnosis.case import Case
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.module_bytes import ModuleBytes
from kmodtop_core.recording.reading import Recording
from kmodtop_core.stats.parse import parse, render

STORM = SAMPLES / "series/boot-udev-32cpu-noidem.jsonl"


def verdict(path):
    done = kmodtop("report", str(SAMPLES / path), "--format", "json")
    return json.loads(done.stdout.splitlines()[0])["verdict"]


@pytest.mark.parametrize(
    ("path", "level", "head", "who"),
    [
        ("states/normal-set.txt", "healthy", "0 B wasted: none of ", "nobody to blame"),
        ("published/guest-255cpu-one-becoming.txt", "nearly-none",
         "463.6 KiB wasted by 1 duplicate", "dependencies loaded by two at once"),
        ("series/boot-udev-32cpu-noidem.jsonl", "storm-over", "63.80 MiB wasted · ", "not told"),
        ("published/seed-255vcpu-stats-only.txt", "wasted",
         "13.59 GiB, before this text was made · 1,411 of 1,478 loads failed",
         "userspace: udev, one event per CPU"),
        ("kread/kread-directory.txt", "failing", "2 loads failed, no duplicates: files that",
         "not told"),
        ("kread/gz-badelf.txt", "wasted", "before this text was made", "not told"),
        ("states/becoming-nondup.txt", "wasted", "before this text was made", "not told"),
        ("kread/kread-huge.txt", "unknown", "is no size", "not told"),
    ],
)  # fmt: skip
def test_each_state_has_its_words(path, level, head, who):
    told = verdict(path)
    assert told["level"] == level
    assert head in told["head"] and told["who"].startswith(who), told


def at(items, moment, tmp_path):
    path = str(tmp_path / "r.db")
    record(path, *items)
    recording = Recording(path)
    found = diagnose(BootCase(recording, recording.boots()[0]).at(moment, is_live=True))
    recording.close()
    return found


def growing(*times):
    return [sample(at, stats(dup("kvm", n))) for at, n in times]


def test_a_storm_is_now_until_ten_seconds_without_growth(tmp_path):
    items = [sample(0, stats()), *growing((1, 20), (2, 40)), sample(30, stats(dup("kvm", 40)))]
    now = at(items, 2.0, tmp_path)
    assert now.verdict.level == "storm-now" and now.verdict.when == "since 1.0 s after boot"
    (tmp_path / "r.db").unlink()
    over = at(items, 13.0, tmp_path)
    assert over.verdict.level == "storm-over"
    assert over.verdict.when.startswith("1.0 s to 2.0 s after boot")


def test_a_moment_knows_nothing_of_what_comes_later(tmp_path):
    items = [sample(0, stats()), *growing((1, 20), (2, 40), (3, 90))]
    (storm,) = at(items, 2.0, tmp_path).storms
    assert (storm.failures, storm.wasted, storm.ended) == (40, 40_000, 2.0)


def test_what_was_there_before_it_was_watched_has_no_time(tmp_path):
    found = at([sample(5, stats(dup("kvm", 20))), sample(9, stats(dup("kvm", 20)))], 9.0, tmp_path)
    assert "before it was watched" in found.verdict.head
    assert found.verdict.when == "before it was watched; first to fail: kvm"


def test_a_moment_gone_back_to_is_as_it_was(tmp_path):
    """What was learnt of later moments does not stay."""
    path = str(tmp_path / "r.db")
    record(path, sample(0, stats()), *growing((1, 20), (2, 40), (3, 90)))
    recording = Recording(path)
    case, boot = BootCase(recording, recording.boots()[0]), recording.boots()[0]
    case.at(3.0)
    again, fresh = case.at(2.0), BootCase(recording, boot).at(2.0)
    assert again == fresh
    recording.close()


def test_a_whole_real_boot_step_by_step_is_as_at_once(tmp_path):
    from kmodtop_core.opening.playing import open_played

    recording = open_played(str(STORM), "0")
    boot = recording.boots()[0]
    stepped = BootCase(recording, boot)
    for uptime in (20.0, 26.0, 30.0, 34.0, 41.0, 80.0):
        assert stepped.at(uptime) == BootCase(recording, boot).at(uptime)
    found = diagnose(stepped.at(80.0))
    assert found.modules[0].modules == ("kvm",)
    assert sum(e.bytes for e in found.modules) == 66_902_968
    recording.close()


def test_systemds_milestones_stand_beside(tmp_path):
    path = str(tmp_path / "r.db")
    record(path, sample(0, stats()), *growing((1, 20), (2, 40)), sample(30, stats(dup("kvm", 40))))
    recording = Recording(path)
    pieces = {
        "systemd.txt": b"UserspaceTimestampMonotonic=900000\nFinishTimestampMonotonic=9000000\n\n"
        b"Id=graphical.target\nActiveEnterTimestampMonotonic=8500000\n\nId=x\n"
        b"ActiveEnterTimestampMonotonic=0\n"
    }
    case = BootCase(recording, recording.boots()[0], pieces).at(30.0)
    assert case.evidence.milestones == (
        ("userspace", 0.9), ("graphical.target", 8.5), ("startup finished", 9.0),
    )  # fmt: skip
    assert diagnose(case).verdict.when.endswith("before graphical.target (8.5 s)")
    recording.close()


def test_modules_that_cannot_be_told_apart_cost_most_where_they_do():
    def what(*modules):
        block = parse(render(stats(dup("a", 5), dup("b", 5), dup("c", 2))))[-1]
        found = [ModuleBytes(names, size, None, None, "exact") for names, size in modules]
        return diagnose(Case(block, modules=tuple(found))).verdict.what

    assert "a, b cost most together: 8.79 KiB (75%)" in what((("a", "b"), 9000), (("c",), 3000))
    assert "c cost most: 8.79 KiB (75%)" in what((("a", "b"), 3000), (("c",), 9000))
    assert "c cost most: " in what((("a", "b"), 6000), (("c",), 6000))
    assert "cost most" not in what((("a", "b", "c"), 12000))
