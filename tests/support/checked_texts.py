"""A text read in every way in which kmodtop reads texts."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

from kmodtop.view.lines import cells, text_of
from kmodtop.view.moves import follow_cursor, move_cursor
from kmodtop.view.panels.host_list import HOST_SORTS
from kmodtop.view.panels.layout import places
from kmodtop.view.panels.screen import screen
from kmodtop.view.rows import SORTS, keep_order, rows_shown
from kmodtop.view.scene import HostRow, Scene
from kmodtop.view.theme import ASCII, CONSOLE, UNICODE
from kmodtop.view.view import (
    STAGE_CHOICES,
    WINDOWS,
    Choice,
    Deck,
    Demo,
    Look,
    Situation,
    Source,
    View,
)
from kmodtop_core.diagnosis.case import case_of_text
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE
from kmodtop_core.jsontext import dumps
from kmodtop_core.opening.kinds import is_series
from kmodtop_core.recording.reading import Storm
from kmodtop_core.reports.difference import (
    difference,
    difference_object,
    difference_text,
)
from kmodtop_core.reports.follow import Follower, change_object, change_text
from kmodtop_core.reports.report import reset_warnings, snapshots, to_json, to_text
from kmodtop_core.sample import NOWHERE, Gap, Host, Instant, Sample
from kmodtop_core.simulation.compare import Run
from kmodtop_core.sources.base import SourceError
from kmodtop_core.sources.series import read_series
from kmodtop_core.stats.parse import NoStatistics, parse, split
from kmodtop_core.tracking.history import Past
from kmodtop_core.tracking.tracker import Tracker
from support.noticing import (
    Failure,
    Input,
    Output,
    Trial,
    Wrong,
    command,
    is_sentence,
    must_be_harmless,
    must_be_json,
)
from support.samples import SAMPLES, gap, sample
from support.turned_texts import OTHER, WHOLE

UNITS = ("iec", "si", "raw")
PAGES = ("main", "module", "raw", "help", "seen", "boots", "findings", "doctor")
LABELS = ("/sys/kernel/debug/modules/stats", "stats", "no\udcffutf", "\x1b[2J\u202e字", "x" * 500)
HOSTS = (
    NOWHERE, Host("big", "6.12.9", 255, "b-1"), Host("\x1b[2J", "6\n7\u202e", -1, "\x07"),
    Host("字" * 300, "\ud800", 10**30, ""), Host(boot_id="b-2"),
)  # fmt: skip
TIMES = (0.0, 0.01, 0.1, 0.5, 1.0, 1.0, 1.0, 7.0, 60.0, 4000.0, 1e7, 1e12, -0.5, -100.0)


def check_text(given: Input, trial: Trial, folder: Path, output: Output) -> None:
    """Reads the text in every way in which kmodtop reads one."""
    data = given[""]
    chance = Random(zlib.crc32(data))
    blocks = trial.call("parse", parse, data, allowed=NoStatistics) or []
    for block in blocks[:20]:
        shape = (block.truncated, block.whole, len(block.stats.duplicates).bit_length())
        codes = sorted({warning.code for warning in block.warnings})
        trial.marks.add(f"{shape} {len(block.missing)} {codes}")
    trial.marks.add(f"blocks {len(blocks).bit_length()}")
    parts = trial.call("split", split, data) or [data]
    trial.marks.add(f"parts {len(parts).bit_length()}")
    _report_texts(data, chance, trial)
    around = chance.random() < 0.7
    items = _items_around(data, parts, chance) if around else _items_of_series(data, trial)
    tracker = Tracker()
    frames = list(_observe(items, tracker, chance, trial))
    _look_at(frames, tracker.history, chance, trial)
    if chance.random() < 0.1:
        _ask_commands_for_text(data, chance, trial, folder, output)


def _report_texts(data: bytes, chance: Random, trial: Trial) -> None:
    label, host = chance.choice(LABELS), chance.choice(HOSTS)
    item = Sample(Instant(chance.choice(TIMES), 1.7e9), data, host)
    found = trial.call("report", snapshots, label, [item], allowed=NoStatistics) or []
    found = (found and trial.call("report", reset_warnings, found)) or []
    for snapshot in (*found[:3], *found[-2:]):
        for how in ("iec", chance.choice(("si", "raw"))):
            text = trial.call("report as text", to_text, snapshot, how)
            trial.call("report as text", must_be_harmless, text or "", "text")
        line = trial.call("report as JSON", to_json, snapshot)
        trial.call("report as JSON", must_be_json, line or "")
    if found:
        whole = snapshots(label, [sample(0, WHOLE)])[-1]
        pair = chance.sample((whole, found[-1]), 2)
        told = trial.call("diff", difference, *pair, allowed=SourceError)
        if told:
            trial.call("diff", _must_be_printable, difference_text, difference_object, told)


def _must_be_printable(as_text, as_object, found) -> None:
    must_be_harmless(as_text(found), "text")
    must_be_json(dumps(as_object(found)))


def _items_around(data: bytes, parts: list[bytes], chance: Random) -> Iterator[Sample | Gap]:
    """The text between others, parts of it, and gaps; time mostly goes on."""
    texts = [data, data, *parts[-2:], data[: len(data) // 2], WHOLE, WHOLE, OTHER]
    chance.shuffle(texts)
    at, host = 5.0, chance.choice(HOSTS)
    for text in texts:
        at = max(0.0, at + chance.choice(TIMES))
        host = chance.choice(HOSTS) if chance.random() < 0.1 else host
        wall = None if host is NOWHERE else chance.choice((1.7e9 + at, 1.7e9 + at, None, 0.0))
        if chance.random() < 0.1:
            yield gap(at)
        yield Sample(Instant(at, wall), text, host, chance.random() < 0.8, chance.random() < 0.8)


def _items_of_series(data: bytes, trial: Trial) -> list[Sample | Gap]:
    if not trial.call("look for a series", is_series, data):
        return []
    series = trial.call("read a series", read_series, data, "stats", allowed=SourceError)
    return list(series[:12]) if series else []


def _observe(items, tracker: Tracker, chance: Random, trial: Trial) -> Iterator:
    """The frames of the items; each is told as a line too, if it is news."""
    follower, last = Follower(), 0.0
    for item in items:
        frame = trial.call("observe", tracker.observe, item)
        if frame is None:
            return
        if not frame.now >= last:
            trial.note(Failure("Wrong", "observe", "the time line goes back", "observe"))
        last = frame.now
        trial.marks.add(f"event {frame.event} {frame.gap is None} {frame.resets}")
        if trial.call("follow", follower.is_news, frame):
            trial.call("follow as text", _must_be_a_line, change_text, frame)
            trial.call("follow as JSON", lambda f: must_be_json(dumps(change_object(f))), frame)
        yield frame


def _must_be_a_line(as_text, found) -> None:
    if not is_sentence(as_text(found)):
        raise Wrong("it is not one harmless line")


def _look_at(frames: list, past: Past, chance: Random, trial: Trial) -> None:
    """Two pages of the last frame, one of another, and the overview."""
    if not frames:
        return
    for page in chance.sample(PAGES, 2):
        compose(frames[-1], past, any_view(frames, page, chance), chance, trial)
    frame = chance.choice(frames)
    compose(frame, past, any_view(frames, chance.choice(PAGES), chance), chance, trial)
    compose(None, past, any_view(frames, "main", chance), chance, trial)
    hosts = [
        HostRow(
            chance.choice(LABELS),
            chance.choice((None, frame)),
            chance.choice((0.0, 9.0)),
            past=past,
        )
        for frame in chance.sample(frames, min(3, len(frames)))
    ]
    wide, high = any_size(chance)
    view = any_view(frames, "hosts", chance)
    made = Scene(None, past, view, hosts=tuple(hosts))
    lines = trial.call("hosts", screen, made, wide, high)
    trial.call("hosts", must_fit, lines or [], wide, high if lines is not None else 0)


def any_size(chance: Random) -> tuple[int, int]:
    """From 1 × 1 to 200 × 60; small ones are as likely as large ones."""
    return int(200 ** chance.random()), int(60 ** chance.random())


def any_view(frames: list, page: str, chance: Random, deck: Deck | None = None) -> View:
    """Choices that a reader can make."""
    pick, maybe = chance.choice, lambda share: chance.random() < share
    frame = frames[-1]
    names = [row.module for row in frame.rows] or [None]
    storms = pick(
        ((), (Storm(1, 0.0, 1e9, 9, 1e30, None, None), Storm(2, 3.0, 3.0, 0, 0, 1, 3)) * 3)
    )
    some = Deck(0.0, pick((0.0, 87.6, 1e9)), pick((0.0, 5.0)), maybe(0.5), 2.0, storms, maybe(0.3))
    runs = (Run("early-check", 8, 9, 0, 0, 3, 2, 10**9, 4, 10**6, 1.5, 0),)
    return View(
        Situation(
            Source(pick(LABELS), pick(("polled", "watched")), who=pick(("", "as root"))),
            ended=maybe(0.2),
            overdue=pick((0.0, 0.0, 5.0)),
            note=pick(("", "", "copied")),
            demo=Demo("early-check", 1.0, maybe(0.5), pick(((), runs))) if maybe(0.3) else None,
            deck=deck or (some if maybe(0.3) else None),
            hosts=pick((1, 3)),
            answer=_answer(frame),
        ),
        Choice(
            page=page,
            sort=pick(list(SORTS)),
            reverse=maybe(0.3),
            filter=pick(("", "", "a", "\\x")),
            only=pick(((), (), tuple(names[:2]))),
            finding=pick((0, 1, 99)),
            cursor=pick((None, *names)),
            top=pick((0, 0, 5, 200)),
            scroll=pick((0, 0, 3, 10_000)),
            window=pick(range(len(WINDOWS))),
            per_second=pick((None, True, False)),
            stage=pick(STAGE_CHOICES),
            frozen=pick((None, None, pick(frames))),
            host_sort=pick(list(HOST_SORTS)),
        ),
        look=Look(units=pick(UNITS), glyphs=pick((UNICODE, ASCII, CONSOLE)), thrifty=maybe(0.3)),
    )


def _answer(frame):
    if frame.block is None or frame.sample is None:
        return None
    return diagnose(case_of_text(frame.block, frame.sample.host, frame.at, NO_EVIDENCE))


def compose(frame, past: Past, view: View, chance: Random, trial: Trial) -> None:
    """The screen at a size, as moving the cursor makes it."""
    wide, high = any_size(chance)
    stage = f"screen, page {view.choice.page}"
    if frame is not None and frame.block is not None and chance.random() < 0.3:
        trial.call(stage, rows_shown, frame, view)
        by = chance.choice((-1, 1, 9999))
        moved = trial.call(stage, move_cursor, frame, view, by, max(1, high - 9))
        view = trial.call(stage, follow_cursor, frame, moved or view, max(1, high - 9)) or view
        view = trial.call(stage, keep_order, frame, view) or view
    shown = view.choice.frozen or frame
    scene = Scene(shown, past, view, frame, past if view.situation.deck else None)
    trial.call(stage, places, scene, wide, high)
    lines = trial.call(stage, screen, scene, wide, high)
    if lines is not None:
        trial.call(stage, must_fit, lines, wide, high)


def must_fit(lines: list, wide: int, high: int) -> None:
    """Raises Wrong for what is no screen of that size."""
    if len(lines) != high:
        raise Wrong(f"{len(lines) - high:+} lines")
    for line in lines:
        text = text_of(line)
        if "\n" in text:
            raise Wrong("a line of the screen holds a newline")
        must_be_harmless(text, "the screen")
        if cells(line) > wide:
            raise Wrong("a line of the screen is too wide")


def _ask_commands_for_text(data, chance: Random, trial: Trial, folder: Path, output: Output):
    path, whole = str(folder / "stats"), str(SAMPLES / "states/both.txt")
    Path(path).write_bytes(data)
    pair = chance.sample((path, whole), 2)
    for words in (
        ["report", path, "--bytes", chance.choice(UNITS)],
        ["report", path, "--format", "json"],
        ["report", "--ascii", path, whole],
        ["diff", *pair],
        ["diff", *pair, "--format", "json"],
    ):
        _ask(words, trial, output)


def _ask(words: list[str], trial: Trial, output: Output) -> None:
    stage = " ".join(word for word in words if "/" not in word and word not in UNITS)
    told = trial.call(stage, command, output, words)
    trial.marks.add(f"{stage}: {told}")
