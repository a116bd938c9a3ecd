"""The answer as a live view and a replay ask for it."""

from support.recordings import HERE, record
from support.samples import dup, sample, stats

from kmodtop.session.answers import Answers
from kmodtop_core.recording.reading import Recording


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
