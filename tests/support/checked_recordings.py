"""A recording read in every way in which kmodtop reads recordings."""

import sqlite3
import zlib
from functools import partial
from pathlib import Path
from random import Random

from kmodtop.session.time_travel import Travel
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.playing import choose_boot, open_played
from kmodtop_core.recording.ending import last_items
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.retrying import Sink
from kmodtop_core.sample import Host
from kmodtop_core.sources.base import SourceError
from support.checked_texts import PAGES, UNITS, _ask, any_view, compose
from support.noticing import Input, Output, Trial, Wrong, is_sentence
from support.odd_recordings import BIG, SMALL, put
from support.samples import SAMPLES, gap, sample
from support.turned_texts import OTHER, WHOLE

WAYS = 3
"""Ways of reading that a recording is tried with; its bytes decide which of the nine."""


def check_recording(given: Input, trial: Trial, folder: Path, output: Output) -> None:
    """Reads the recording in some of the ways in which kmodtop reads one, or goes on with it."""
    chance = Random(zlib.crc32(b"".join(given.values())))
    path = str(folder / "recording.db")
    both = str(SAMPLES / "states/both.txt")
    commands = (
        ["report", path, "--bytes", chance.choice(UNITS)],
        ["report", path, "--format", "json"],
        ["export", path],
        ["export", path, "--format", "csv"],
        ["diff", path, path],
        ["diff", path, both, "--format", "json"],
    )
    ways = [
        *(partial(_ask, words, trial, output) for words in commands),
        lambda: (
            trial.call("read as a source", last_items, path, allowed=SourceError),
            _replay(path, chance, trial),
        ),
        lambda: _append(path, chance, trial),
        lambda: _record(path, trial),
    ]
    for way in chance.sample(ways, WAYS):
        put(given, Path(path))
        way()
    put({}, Path(path))


def _replay(path: str, chance: Random, trial: Trial) -> None:
    recording = trial.call("open", open_played, path, "0", allowed=SourceError)
    if recording is None:
        return
    last = trial.call("boots", choose_boot, recording, None, path, allowed=SourceError)
    for number in sorted({1, min(last or 0, 9)} - {0}):
        travel = trial.call("open", Travel, recording, allowed=SourceError)
        at = chance.choice((None, None, 0.0, 10.0, 1e9))
        words = (number, at, chance.choice((0.1, 1.0, 1000.0)))
        trial.call("play", travel.play, *words, allowed=SourceError)
        if travel.player is not None:
            _travel(travel, chance, trial)
    trial.call("close", recording.close)


def _travel(travel: Travel, chance: Random, trial: Trial) -> None:
    """Ten moments, steps to changes and storms, and time that passes; each is looked at."""
    player = travel.player
    _look_at_moment(travel, chance, trial)
    for _ in range(10):
        deck = trial.call("deck", travel.deck)
        begin, end = (deck.begin, deck.end) if deck else (0.0, 100.0)
        part = chance.random()
        spots = (*[begin + (end - begin) * part] * 5, begin, end, -1.0, 1e9, player.position + 1)
        trial.call("seek", player.seek, chance.choice(spots))
        _look_at_moment(travel, chance, trial)
    for _ in range(8):
        player.paused = False
        name, move, word = chance.choice((
            ("step", player.step, 1), ("step", player.step, -1), ("storm", player.storm, 1),
            ("storm", player.storm, -1), ("pass time", player.pass_time, 0.05),
            ("pass time", player.pass_time, 1.0), ("pass time", player.pass_time, 300.0),
        ))  # fmt: skip
        trial.call(name, move, word)
        _look_at_moment(travel, chance, trial)


def _look_at_moment(travel: Travel, chance: Random, trial: Trial) -> None:
    deck = trial.call("deck", travel.deck)
    frame = travel.player.frame
    if frame is None or deck is None:
        return
    told = frame.gap.why.code if frame.gap else ""
    trial.marks.add(f"frame {frame.event} {told} {len(frame.rows).bit_length()}")
    page = chance.choice(("main", "main", *PAGES))
    view = any_view([frame], page, chance, deck).choosing(frozen=None).knowing(demo=None)
    compose(frame, travel.past, view, chance, trial)


def _append(path: str, chance: Random, trial: Trial) -> None:
    """A recorder goes on with it, in a boot that it knows or in a new one."""
    recorder = trial.call("append", Recorder, path, "0.1", "quiet", allowed=SourceError)
    if recorder is None:
        return
    host = chance.choice((BIG, BIG, SMALL, Host(), Host("new", boot_id="b-9")))
    at = chance.choice((16.0, 200.0, 0.0))
    # sqlite3.Error is documented for writing: it is what a sink waits and tries again for.
    allowed = (SourceError, sqlite3.Error)
    for item in (sample(at, WHOLE, host), gap(at + 1), sample(at + 2, OTHER, host)):
        trial.call("append", recorder.write, item, allowed=allowed)
    trial.call("append", recorder.close, allowed=allowed)


def _record(path: str, trial: Trial) -> None:
    """As the command does it, which keeps what cannot be written, and tells that."""
    told: list[str] = []
    words = (path, "0.1", told.append, Machine())
    sink = trial.call("record", Sink, *words, allowed=SourceError)
    if sink is None:
        return
    for item in (sample(300, WHOLE, BIG), sample(301, OTHER, BIG)):
        trial.call("record", sink.write, item, allowed=SourceError)
    trial.call("record", sink.close, allowed=SourceError)
    trial.call("record", _must_be_sentences, told)


def _must_be_sentences(told: list[str]) -> None:
    for sentence in told:
        if not is_sentence(sentence):
            raise Wrong("what a recorder tells is no harmless sentence")
