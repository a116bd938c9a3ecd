"""No input that chance can make leads to more than an answer or a sentence.

KMODTOP_MUTATIONS=N turns over that many of each in the slow form, instead of 100,000.
"""

import os
import random
import time

import pytest
from support.mutations import KINDS, Corpus, run
from support.noticing import Trial, Wrong, command
from support.odd_recordings import input_of, make_recordings, put

from kmodtop_core.stats.parse import NoStatistics

MANY = int(os.environ.get("KMODTOP_MUTATIONS") or 100_000)


@pytest.mark.parametrize(("what", "count"), [("texts", 200), ("recordings", 120)])
def test_inputs_turned_over_break_no_rule(what, count, tmp_path):
    broken = run(what, count, seed=1, jobs=1, keep=tmp_path / "kept")
    assert not broken, "\n".join(broken)


@pytest.mark.slow
@pytest.mark.parametrize("what", KINDS)
def test_very_many_inputs_turned_over_break_no_rule(what, tmp_path):
    seed = random.randrange(1 << 32)
    broken = run(what, MANY, seed, jobs=2, keep=tmp_path / "kept")
    assert not broken, "\n".join(broken)


def fails(function, *words, **options):
    trial = Trial(slow_s=0.05)
    trial.call("a stage", function, *words, **options)
    trial.end()
    return [failure[:3] for failure in trial.failures]


def test_an_error_that_is_not_documented_is_a_failure():
    assert fails(int, "x", allowed=KeyError) == [
        ("ValueError", "a stage", "invalid literal for int() with base 0: '...'")
    ]


def test_a_documented_error_must_be_a_harmless_sentence():
    def refuse(sentence):
        raise NoStatistics(sentence)

    assert fails(refuse, "it is empty; name another file", allowed=NoStatistics) == []
    for sentence in ("", "two\nlines", "an escape \x1b[2J"):
        assert fails(refuse, sentence, allowed=NoStatistics)


def test_a_call_that_takes_too_long_is_a_failure():
    began = time.monotonic()
    assert [kind for kind, *_ in fails(time.sleep, 60)] == ["TooSlow"]
    assert time.monotonic() - began < 10


class Said:
    """What a command would have said."""

    def __init__(self, *told):
        self._told = told

    def of(self, words):
        return self._told


@pytest.mark.parametrize(
    ("code", "out", "err", "words"),
    [
        (5, b"", b"kmodtop: no\n", ["report"]),
        (1, b"", b"kmodtop: no\n", ["diff"]),
        (3, b"", b"kmodtop: a fault of kmodtop itself (KeyError at x.py:1)\n", ["report"]),
        (3, b"", b"", ["report"]),
        (3, b"", b"kmodtop: one\nkmodtop: two\n", ["report"]),
        (1, b"", b"Traceback (most recent call last):\n", ["report"]),
        (3, b"", b"kmodtop: standard output: cannot be written\n", ["report"]),
        (0, b"\x1b[2J\n", b"", ["report"]),
        (0, b"\xff\n", b"", ["report"]),
        (0, b'{"a": NaN}\n', b"", ["report", "--format", "json"]),
        (0, b'{"a": "\\udcff"}\n', b"", ["report", "--format", "json"]),
    ],
)
def test_a_command_that_breaks_the_contract_is_noticed(code, out, err, words):
    with pytest.raises(Wrong):
        command(Said(code, out, err), words)
    assert command(Said(0, b'{"a": 1}\n', b""), words) == "0 "


@pytest.mark.parametrize("what", KINDS)
def test_the_same_number_makes_the_same_mutant(what, tmp_path):
    corpus, folder = tmp_path / "corpus", tmp_path / "work"
    corpus.mkdir()
    folder.mkdir()
    if what == "recordings":
        make_recordings(corpus)
    kind = KINDS[what]
    once, again = (
        [Corpus(kind.corpus(corpus)).mutant(kind, random.Random(n), folder) for n in range(20)]
        for _ in range(2)
    )
    assert once == again
    assert len({tuple(mutant.items()) for mutant in once}) > 15


def test_an_input_is_kept_with_the_files_beside_it(tmp_path):
    given = {"": b"a", "-wal": b"b"}
    assert input_of(put(given, tmp_path / "kept.db")) == given
    assert input_of(put({"": b"c"}, tmp_path / "kept.db")) == {"": b"c"}
