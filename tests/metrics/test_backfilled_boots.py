"""Several boots and several recordings over time, and what an enemy put into them."""

import random
import shutil

import pytest
from support.hostile_sql import Sql
from support.points import times_of
from support.recordings import changed, record
from support.samples import ROOT, gap
from support.timed import BOOTED, KVM, at, boot, kvm, of_files, text_of

from kmodtop_core.errors import SourceError
from kmodtop_core.metrics import backfill as module
from kmodtop_core.sample import Host

CORPUS = sorted((ROOT / "tests/corpus").glob("*.db"))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "one.db"


# ---- several boots, several recordings ----------------------------------------------


def test_boots_of_one_machine_follow_one_another(file):
    record(str(file), *boot(1, 9), *boot(2, 4, booted=1000))
    (found,) = [v for (name, _), v in of_files(file).items() if name == KVM[0]]
    assert [(when - BOOTED, value) for when, value in found] == [
        (0, 0), (5, 9), (50, 9), (1000, 0), (1005, 4), (1050, 4)
    ]  # fmt: skip


def machines(*paths):
    names = {dict(labels)["instance"] for _, labels in of_files(*paths)}
    return sorted(names)


def test_machines_of_different_names_are_different(tmp_path):
    for name in ("a", "b"):
        record(str(tmp_path / f"{name}.db"), *boot(name, 3, name))
    assert machines(tmp_path / "a.db", tmp_path / "b.db") == ["a", "b"]


def test_boots_of_one_name_at_different_times_are_of_one_machine(tmp_path):
    for name, booted in (("a", 0), ("b", 100)):
        record(str(tmp_path / f"{name}.db"), *boot(name, 3, booted=booted))
    assert machines(tmp_path / "a.db", tmp_path / "b.db") == ["big"]


def test_two_machines_of_one_name_at_one_time_are_told_apart_by_their_recordings(tmp_path):
    for name, booted in (("a", 0), ("b", 20)):
        record(str(tmp_path / f"{name}.db"), *boot(name, 3, booted=booted))
    assert machines(tmp_path / "a.db", tmp_path / "b.db") == ["big (a)", "big (b)"]


def test_and_by_the_boot_where_one_recording_holds_both(file):
    record(str(file), *boot("x", 3), *boot("y", 3, booted=20))
    assert machines(file) == ["big (b-x)", "big (b-y)"]


def test_a_clock_that_was_a_little_ahead_makes_no_other_machine(file):
    record(str(file), *boot("x", 3), *boot("y", 2, booted=47))
    assert machines(file) == ["big"]
    (found,) = [v for (name, _), v in of_files(file).items() if name == KVM[0]]
    assert [(when - BOOTED, value) for when, value in found] == [
        (0, 0), (5, 3), (50, 3), (52, 2), (97, 2)
    ]  # fmt: skip


def test_a_machine_without_a_name_is_called_as_its_recording(file):
    record(str(file), at(1, kvm(1), Host(boot_id="b-1")))
    assert machines(file) == ["one"]


def test_parts_of_one_boot_in_several_recordings_are_joined(tmp_path):
    first, second = tmp_path / "a.db", tmp_path / "b.db"
    items = [at(uptime, kvm(uptime)) for uptime in range(1, 9)]
    record(str(first), *items[:5])
    record(str(second), *items[3:])  # two recorders for a while
    (found,) = [v for (name, _), v in of_files(first, second).items() if name == KVM[0]]
    grown = [(float(n), n) for n in range(1, 9)]
    assert [(when - BOOTED, value) for when, value in found] == [(0, 0), *grown]


def test_what_a_second_recorder_saw_meanwhile_is_not_told_again(tmp_path):
    first, second = tmp_path / "a.db", tmp_path / "b.db"
    record(str(first), at(1, kvm(1)), at(100, kvm(9)))
    record(str(second), at(50, kvm(9)), at(60, kvm(9)), at(150, kvm(9)))
    (found,) = [v for (name, _), v in of_files(first, second).items() if name == KVM[0]]
    values = [value for _, value in found]
    assert values == sorted(values) and found[-1] == (BOOTED + 150, 9)


# ---- what an enemy put in -----------------------------------------------------------


def test_a_text_that_stood_for_centuries_is_refused_in_a_sentence(file):
    record(str(file), at(1, kvm(1)))
    changed(file, "UPDATE sample SET until = 9.9e9")
    with pytest.raises(SourceError, match="points in time, more than the 200,000,000"):
        of_files(file)


def test_too_many_points_are_refused_before_anything_is_written(file, monkeypatch):
    monkeypatch.setattr(module, "MOST_POINTS", 20)
    record(str(file), *(at(n, kvm(n)) for n in range(1, 20)))
    with pytest.raises(SourceError, match="name fewer recordings at once, or leave the modules"):
        of_files(file)


@pytest.mark.parametrize("found", CORPUS, ids=lambda path: path.stem)
def test_what_attacks_have_found_is_told_or_refused_in_a_sentence(found, tmp_path):
    path = tmp_path / found.name
    shutil.copy(found, path)
    try:
        text = text_of(path)
    except SourceError as error:
        assert error.why.sentence.isprintable()
    else:
        assert all(line.isprintable() for line in text.splitlines())
        times_of(text)


def test_recordings_turned_over_by_sql_are_told_or_refused_in_a_sentence(tmp_path):
    whole = tmp_path / "whole.db"
    record(str(whole), *(at(n, kvm(n)) for n in range(1, 9)), gap(10), *boot(2, 3, booted=99))
    for seed in range(40):
        path = tmp_path / f"{seed}.db"
        shutil.copy(whole, path)
        Sql(path, random.Random(seed)).turn(3)
        try:
            text = text_of(path)
        except SourceError as error:
            assert error.why.sentence.isprintable(), seed
        else:
            assert all(line.isprintable() for line in text.splitlines()), seed
