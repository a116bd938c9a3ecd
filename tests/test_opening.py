"""What a name on the command line means."""

import os

import pytest
from support.recordings import HOST, record
from support.samples import SAMPLES, dup, sample, stats

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import STATS_PATH, Machine
from kmodtop_core.machine.folders import SYSTEM, own_folder, recordings_folder
from kmodtop_core.opening.kinds import Kind, is_played, kind_of
from kmodtop_core.opening.reading import read_now
from kmodtop_core.opening.watching import open_source
from kmodtop_core.reports.doctor import examine

SERIES = str(SAMPLES / "series/storm-moderate.jsonl")
TEXT = str(SAMPLES / "states/both.txt")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (None, Kind.POLLED),
        (STATS_PATH, Kind.POLLED),
        ("/sys/kernel/debug/elsewhere", Kind.POLLED),
        ("/proc/modules", Kind.POLLED),
        ("-", Kind.STDIN),
        ("sim:guest-8", Kind.SIMULATED),
        ("ssh://big", Kind.REMOTE),
        (SERIES, Kind.SERIES),
        (TEXT, Kind.FILE),
        (str(SAMPLES), Kind.FILE),
    ],
)
def test_a_name_means_one_kind_of_source(name, kind):
    assert kind_of(name, Machine()) is kind


def test_files_are_known_by_their_content_and_not_by_their_names(path, tmp_path):
    record(path, sample(0, stats(dup("kvm", 1)), HOST))
    odd = tmp_path / "stats.txt"
    os.rename(path, odd)
    assert kind_of(str(odd), Machine()) is Kind.RECORDING
    odd.write_bytes(b"SQLite format 2\0 no more")
    assert kind_of(str(odd), Machine()) is Kind.FILE


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (None, "PolledFile"),
        ("-", "Stream"),
        ("sim:guest-8", "Simulated"),
        ("ssh://big", "Remote"),
        (SERIES, "Series"),
        (TEXT, "WatchedFile"),
    ],
)
def test_each_kind_has_its_source(name, source):
    assert type(open_source(name, 1.0, Machine())).__name__ == source


def test_roots_recordings_are_the_systems_and_others_are_their_own(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert recordings_folder() == SYSTEM
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert recordings_folder() == own_folder() != SYSTEM


def test_what_can_be_no_name_is_a_sentence():
    for ask in (kind_of, lambda name, machine: open_source(name, 1.0, machine), read_now):
        with pytest.raises(SourceError, match="NUL"):
            ask("a\0b", Machine())


@pytest.mark.parametrize("name", ["/sys/kernel/debug/modules/stats", "/proc/modules"])
def test_to_know_a_file_of_the_kernels_nothing_of_it_is_read(name, monkeypatch):
    """Reading it can panic the machine: only a source with a guard may."""

    def read(path):
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("kmodtop_core.opening.kinds._head", read)
    assert kind_of(name, Machine()) is Kind.POLLED and not is_played(name, Machine())


def test_a_recording_that_lies_on_another_host_is_one(path, monkeypatch):
    record(path, sample(0, stats(dup("kvm", 1)), HOST))
    monkeypatch.setattr("kmodtop_core.opening.kinds.filesystem", lambda path, machine: "nfs4")
    assert kind_of(path, Machine()) is Kind.RECORDING and is_played(path, Machine())
    assert kind_of(SERIES, Machine()) is Kind.SERIES
    assert kind_of(TEXT, Machine()) is Kind.POLLED
    assert any("it is a recording" in c.what for c in examine(path, Machine()))
