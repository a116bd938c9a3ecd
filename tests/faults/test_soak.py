"""Hours of abuse in a minute: whatever is typed, it neither breaks nor leaves a mess.

Random keys, pastes, bytes and sizes over every kind of source. Each session ends in one of
the ways out; then the exit code is right, and the terminal is as it was before.

KMODTOP_SOAK_SECONDS (60) is how long all of it takes, KMODTOP_SOAK_SEED (1) another course of
chance, KMODTOP_SOAK_SESSION the only session to play.
"""

import subprocess
import sys
import time
from random import Random

import pytest
from support.command import ENV
from support.rough import ONLY, SECONDS, SEED, SERIES, Rough, painted_late, unbalanced
from support.samples import CHANGES, SAMPLES, dup, kernel_texts, stats
from support.session import Session

from kmodtop_core.stats.parse import render

pytestmark = pytest.mark.slow


def test_what_is_not_taken_back_is_noticed():
    assert not unbalanced(b"\x1b[?1049h\x1b[>1u\x1b[?7l\x1b[<u\x1b[?1049l\x1b[?7h\x1b[?25h")
    assert unbalanced(b"\x1b[?1000;1006h\x1b[?1006l") == ["mode 1000 was left set"]
    assert unbalanced(b"\x1b[?25l") == ["mode 25 was left reset"]
    assert len(unbalanced(b"\x1b[>1u\x1b[?1049h\x1b[<u\x1b[?1049l")) == 2
    assert not painted_late(b"\x1b[1;31mred\x1b[?1049l\x1b[?25h\x1b[0m^[[A")
    assert painted_late(b"\x1b[?1049l\x1b[31mred")


# ---- what is watched -----------------------------------------------------------

TEXTS = [
    *kernel_texts(),
    *sorted((SAMPLES / "torn").glob("*.txt")),
    *sorted((SAMPLES / "published").glob("*.txt")),
]


def other_text(rng):
    """What a file may hold next: mostly statistics."""
    return rng.choice(
        (
            lambda: rng.choice(TEXTS).read_bytes(),
            lambda: render(stats(*(dup(f"mod_{k}", rng.randint(1, 10**6)) for k in range(40)))),
            lambda: render(stats(dup("kvm", rng.randint(1, 2**63)))),
            lambda: rng.choice(TEXTS).read_bytes()[: rng.randint(0, 2000)],
            lambda: rng.randbytes(rng.randint(0, 5000)),
            lambda: b"",
        )
    )()


def rewriting(*paths):
    """Files that change in every way, and are gone at times."""

    def stir(rng):
        if rng.random() < 0.4:
            return
        path = rng.choice(paths)
        if rng.random() < 0.15:
            path.unlink(missing_ok=True)
        elif path.exists():
            rng.choice(CHANGES)(path, other_text(rng))
            if path.stat().st_size > 1_000_000:  # by one addition after the other
                path.write_bytes(b"")
        else:
            path.write_bytes(other_text(rng))

    return stir


def nothing(rng):
    """The source goes on by itself."""


def live(tmp_path, rng):
    path = tmp_path / "stats"
    return ["watch", path, *rng.choice(([], ["--low-bandwidth"], ["--ascii"]))], rewriting(path)


def demo(tmp_path, rng):
    return rng.choice((["demo"], ["demo", "autoload-mounts", "--speed", "5"])), nothing


def replay(tmp_path, rng):
    recording = tmp_path / "recording.db"
    if not recording.exists():
        words = ["record", SERIES / "storm-moderate.jsonl", "-o", recording, "--duration", "4"]
        subprocess.run(
            [sys.executable, "-m", "kmodtop", *map(str, words)], env=ENV, check=True, timeout=60
        )
    series = rng.choice(sorted(SERIES.glob("*.jsonl")))
    speed = ["--speed", rng.choice(("1", "20", "1000"))]
    return ["replay", rng.choice((recording, recording, series)), *speed], nothing


def several(tmp_path, rng):
    a, b = tmp_path / "a", tmp_path / "b"
    return ["watch", a, b, "sim:quiet"], rewriting(a, b)


@pytest.mark.parametrize("mode", [live, demo, replay, several])
def test_nothing_that_is_typed_breaks_it_or_leaves_a_mess(mode, tmp_path):
    until = time.monotonic() + SECONDS / 4
    numbers = [int(ONLY)] if ONLY else range(10**9)
    for number in numbers:
        rng = Random(f"{SEED} {mode.__name__} {number}")
        words, stir = mode(tmp_path, rng)
        size = rng.choice(((80, 24), (120, 40), (rng.randint(1, 300), rng.randint(1, 100))))
        names = {"HOME": ".", "XDG_STATE_HOME": "state", "TMPDIR": "."}
        places = {name: str(tmp_path / where) for name, where in names.items()}
        story = f"seed {SEED}, {mode.__name__}, session {number}: {words}, {size}"
        with Rough(*words, size=size, **places) as terminal:
            session = Session(terminal, rng, stir, tmp_path, story)
            session.begin()
            if session.act():
                session.leave()
            session.look_back()
        if time.monotonic() > until:
            return
