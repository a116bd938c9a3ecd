"""The answer as a live view and a replay ask for it."""

import random

from support.recordings import HERE, record
from support.samples import dup, sample, stats

from kmodtop.session.answers import Answers
from kmodtop.session.time_travel import Travel
from kmodtop_core.diagnosis.boot import BootCase
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.recording.reading import Recording
from kmodtop_core.recording.recorder import in_memory


def recorded(tmp_path):
    path = str(tmp_path / "r.db")
    record(
        path,
        sample(0, stats(), HERE),
        sample(1, stats(dup("kvm", 20)), HERE),
        sample(2, stats(dup("kvm", 40)), HERE),
    )
    recording = Recording(path)
    return recording, recording.boots()[0], Answers(recording)


def test_the_answer_moves_with_the_moment_and_back(tmp_path):
    recording, boot, answers = recorded(tmp_path)
    heads = [answers.at(boot, at, "iec").verdict.head for at in (0.5, 1.0, 2.0, 1.0)]
    assert heads[0].startswith("0 B") and heads[1] == heads[3] != heads[2]
    recording.close()


def test_while_no_text_comes_it_stands(tmp_path):
    recording, boot, answers = recorded(tmp_path)
    text = object()
    first = answers.at(boot, 2.0, "iec", text)
    assert answers.at(boot, 2.5, "iec", text) is first
    assert answers.at(boot, 2.6, "iec", object()) is not first
    recording.close()


def test_evidence_that_comes_later_counts(tmp_path):
    recording, boot, answers = recorded(tmp_path)
    assert answers.at(boot, 2.0, "iec").modules[0].basis == "exact"
    answers.know({"kmsg.txt": b"[1.0] vmap allocation for size 99 failed: use vmalloc=\n"})
    assert any(f.rule == "vmalloc" for f in answers.at(boot, 2.0, "iec").findings)
    recording.close()


def test_before_the_first_text_nothing_is_said(tmp_path):
    recording, boot, answers = recorded(tmp_path)
    assert answers.at(boot, -1.0, "iec") is None
    recording.close()


def test_a_replay_says_which_storm_it_is(tmp_path):
    path = str(tmp_path / "r.db")
    counts = ((0, 0), (1, 20), (30, 20), (31, 60), (90, 60))
    record(path, *(sample(at, stats(*[dup("kvm", n)] * (n > 0)), HERE) for at, n in counts))
    recording = Recording(path)
    boot = recording.boots()[0]
    assert Answers(recording, is_replay=True).at(boot, 31.0, "iec").verdict.which == "2 of 2"
    assert Answers(recording).at(boot, 31.0, "iec").verdict.which == ""
    recording.close()


def test_the_answer_to_what_comes_is_that_of_a_fresh_look_at_all_of_it():
    recorder = in_memory("0")
    travel, chance = Travel(recorder.recording, recorder), random.Random(2)
    counts, at = {"kvm": 5, "evdev": 3, "vfat": 2, "ext4": 9}, 10.0
    for number in range(120):
        at += chance.choice((0.1, 0.5, 1.0, 30.0))
        for name in chance.sample(sorted(counts), chance.randrange(3)):
            counts[name] += chance.randrange(1, 4)
        if number % 40 == 20:
            counts[f"new_{number}"] = 1
        rows = [dup(name, count) for name, count in reversed(counts.items())]
        frame = travel.observe(sample(at, stats(*rows)))
        recorder.note_stay()
        fresh = BootCase(recorder.recording, recorder.boot).at(at, is_live=True)
        assert travel.answer(frame, "iec") == diagnose(fresh)


def test_of_very_many_texts_some_tell_less_and_nothing_wrong(tmp_path):
    path, chance = str(tmp_path / "r.db"), random.Random(3)
    counts, texts = {"kvm": 1, "evdev": 1, "vfat": 1}, []
    lengths = {"kvm": 700, "evdev": 90, "vfat": 31}
    for number in range(900):
        for name in chance.sample(sorted(counts), 1 if number < 300 else 2):
            counts[name] += 1
        rows = [dup(name, count) for name, count in reversed(counts.items())]
        wasted = sum(count * lengths[name] for name, count in counts.items())
        texts.append(sample(number, stats(*rows, invalid_becoming_bytes=wasted)))
    record(path, *texts)
    recording = Recording(path)
    (boot,) = recording.boots()
    whole = BootCase(recording, boot).at(899.0)
    brief = BootCase(recording, boot, is_brief=True).at(899.0)
    assert brief.grown == whole.grown and sum(brief.grown.values()) > 1400
    exact = {entry.modules: entry.bytes for entry in whole.modules if entry.basis == "exact"}
    told = {entry.modules: entry.bytes for entry in brief.modules if entry.basis == "exact"}
    assert told and told.items() <= exact.items()
    some = BootCase(recording, boot, is_brief=True)
    for at in (899.0, 500.0, 100.0, 898.0):
        assert some.at(at).grown == BootCase(recording, boot).at(at).grown
    recording.close()
