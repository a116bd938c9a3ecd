"""What the screens say, as text: composed without a terminal, compared with tests/screens/*.txt.

KMODTOP_WRITE_SCREENS=1 writes the files anew; look at the difference before committing it.
"""

import os

import pytest
from support.composed import (
    LIVE,
    NOTHING,
    answer_of,
    answered,
    chosen,
    deck,
    observed,
    on,
    one,
    picture,
    played,
    row,
    static,
    storm,
)
from support.samples import ROOT, SAMPLES, dup, gap, sample, stats

from kmodtop.view.theme import ASCII, CONSOLE, UNICODE, Theme
from kmodtop.view.view import Deck, Demo
from kmodtop_core.reports.doctor import Condition
from kmodtop_core.simulation.compare import Run

SCREENS = ROOT / "tests/screens"
LAB32 = "series/boot-udev-32cpu-noidem.jsonl"
BURSTS = "series/idle-and-bursts.jsonl"
SR950 = "published/sr950-448cpu-release-master.txt"
COLOURLESS = Theme(colours=False)


def in_storm(**fields):
    """A real boot of 32 CPUs, in the middle of its storm, with its answer."""
    return chosen(answered(LAB32, 34.0), **fields)


def replayed(**fields):
    """A recording of three storms, in the second of them."""
    from kmodtop_core.opening.playing import open_played

    recording = open_played(str(SAMPLES / BURSTS), "0")
    storms = tuple(recording.storms(recording.boots()[0]))
    recording.close()
    at = Deck(2.9, 127.0, 93.6, paused=True, speed=1, storms=storms)
    return chosen(answered(BURSTS, 93.6), deck=at, **fields)


def hosts(wide, high, **choices):
    found = []
    for name, seen in (
        ("samples/states/normal-set.txt", one("states/normal-set.txt")),
        ("ssh://db-2.example.org", storm()),
        (f"samples/{SR950}", one(SR950)),
        ("ssh://web", observed([sample(0, stats(dup("kvm", 3))), gap(1), gap(45)])),
        ("ssh://new", NOTHING),
    ):
        found.append(row(name, seen, answer_of(seen)))
    view = chosen(LIVE.choosing(page="hosts", back="hosts").knowing(hosts=5), **choices)
    return picture(NOTHING, view, wide, high, hosts=tuple(found))


RUNS = tuple(
    Run(era, 255, 1480, 0, 0, early, late, wasted, 9, 5_380_000_000, 3.1, 0)
    for era, early, late, wasted in (
        ("stats-only", 0, 1456, 14_700_000_000), ("early-check", 1500, 469, 8_490_000_000),
        ("idempotent", 2, 1, 1_226_000),
    )
)  # fmt: skip


def demo_end(wide, high, **choices):
    demo = Demo("stats-only", 1.0, False, RUNS, (("udev", 1320), ("kernel", 160)), 3, 0)
    view = chosen(answered("who/a_udev").choosing(page="seen"), demo=demo, **choices)
    return picture(played("who/a_udev"), view, wide, high)


LACKING = (
    Condition("ok", "the kernel is 6.18.44; module statistics came with 6.4"),
    Condition("bad", "CONFIG_MODULE_STATS is not set", "build the kernel with it"),
    Condition("ok", "debugfs is mounted on /sys/kernel/debug"),
    Condition("unknown", "loads cannot be counted by tracing: it needs root", "run it as root"),
)


def waiting(wide, high, **fields):
    seen = observed([gap(0, "no-kernel-support")])
    return picture(seen, chosen(LIVE.knowing(checks=LACKING), **fields), wide, high)


SIZES = {"80x24": (80, 24), "120x40": (120, 40), "40x12": (40, 12), "200x60": (200, 60)}
LOOKS = {
    "": {}, "-ascii": {"glyphs": ASCII}, "-console": {"glyphs": CONSOLE},
    "-nocolor": {"theme": COLOURLESS},
}  # fmt: skip


def _main(name, make):
    """A screen at every size."""
    return {f"{name}-{size}": (lambda at=at: make(*at)) for size, at in SIZES.items()}


CASES = {
    **_main("storm", lambda w, h: picture(played(LAB32, 17), in_storm(), w, h)),
    **{
        f"storm-{size}{name}": (
            lambda at=at, look=look: picture(played(LAB32, 17), in_storm(**look), *at)
        )
        for size, at in SIZES.items() for name, look in LOOKS.items() if name and size != "200x60"
    },
    **_main("static", lambda w, h: picture(*static(SR950), w, h)),
    **_main("replay", lambda w, h: picture(played(BURSTS, 90.7), replayed(), w, h)),
    **_main("quiet", lambda w, h: picture(played("who/q_quiet"), answered("who/q_quiet"), w, h)),
    **_main("over", lambda w, h: picture(played("who/a_udev"), answered("who/a_udev"), w, h)),
    **_main("failing", lambda w, h: picture(*static("kread/kread-directory.txt"), w, h)),
    **_main("unknown", lambda w, h: picture(*static("kread/kread-huge.txt"), w, h)),
    "kinds-80x24": lambda: picture(*static("kread/gz-badelf.txt"), 80, 24),
    **_main("hosts", hosts),
    **_main("waiting", waiting),
    **_main("demo-end", demo_end),
    **_main("findings", lambda w, h: picture(
        played("who/a_udev"), answered("who/a_udev").choosing(page="findings"), w, h)),
    **_main("module", lambda w, h: picture(
        played(LAB32, 17), in_storm(page="module", cursor="aesni_intel"), w, h)),
    **_main("help", lambda w, h: picture(storm(), LIVE.choosing(page="help"), w, h)),
    "replay-80x24-ascii": lambda: picture(
        played(BURSTS, 90.7), replayed(glyphs=ASCII), 80, 24),
    "storm-cursor-80x24": lambda: picture(
        played(LAB32, 17), in_storm(cursor="aesni_intel"), 80, 24),
    "message-80x24": lambda: picture(
        played(LAB32, 17), in_storm(note="copied as Markdown, also in kmodtop.md"), 80, 24),
    "rate-80x24": lambda: picture(played(LAB32, 17), in_storm(per_second=True), 80, 24),
    "stage-80x24": lambda: picture(played(LAB32, 17), in_storm(stage="load"), 80, 24),
    "boots-80x24": lambda: picture(storm(), on("boots", deck=deck(), scroll=1), 80, 24),
    "hosts-80x24-ascii": lambda: hosts(80, 24, glyphs=ASCII),
    "waiting-80x24-ascii": lambda: waiting(80, 24, glyphs=ASCII),
    "doctor-80x24": lambda: waiting(80, 24, page="doctor"),
    "demo-end-80x24-ascii": lambda: demo_end(80, 24, glyphs=ASCII),
    "findings-40x12-ascii": lambda: picture(
        played("who/q_quiet"),
        answered("who/q_quiet").choosing(page="findings").looking(glyphs=ASCII), 40, 12),
    "findings-mix-120x40-console": lambda: picture(
        played("who/mix"),
        answered("who/mix").choosing(page="findings").looking(glyphs=CONSOLE), 120, 40),
    "help-80x60-ascii": lambda: picture(
        storm(), LIVE.choosing(page="help").looking(glyphs=ASCII), 80, 60),
    "help-hosts-80x24": lambda: picture(
        storm(), LIVE.choosing(page="help", back="hosts"), 80, 24),
    "raw-80x24": lambda: picture(one("hostile/odd-names.txt"), on("raw", scroll=9), 80, 24),
    "cut-80x24": lambda: picture(*static("limits/trunc2-many.txt", top=94), 80, 24),
    "hostile-80x24": lambda: picture(*static("hostile/odd-names.txt"), 80, 24),
    "others-80x24": lambda: picture(*static("states/becoming-nondup.txt"), 80, 24),
    "lost-80x24": lambda: picture(
        observed([sample(0, stats(dup("kvm", 3))), gap(1), gap(45, "permission")]), LIVE, 80, 24
    ),
}  # fmt: skip
"""Every screen that a reader can come to, at the sizes of terminals that people have."""


@pytest.mark.parametrize("name", CASES)
def test_a_screen_says_what_it_said(name):
    path = SCREENS / f"{name}.txt"
    shown = CASES[name]()
    if os.environ.get("KMODTOP_WRITE_SCREENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown)
    assert shown == path.read_text()


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.txt")), ids=lambda p: p.stem)
@pytest.mark.parametrize("size", [(80, 24), (40, 12), (300, 100), (20, 5), (64, 18), (10, 3)])
def test_every_sample_fits_every_size(path, size):
    seen = one(path)
    frame = seen.frame
    for page in ("main", "raw", "help", "module"):
        for glyphs in (UNICODE, ASCII, CONSOLE):
            module = frame.rows[0].module if frame.rows else None
            shown = picture(
                seen, LIVE.choosing(page=page, cursor=module).looking(glyphs=glyphs), *size
            )
            assert all(line.isprintable() for line in shown.splitlines())
            if glyphs is ASCII and path.parent.name != "hostile":
                assert shown.isascii(), [c for c in shown if not c.isascii()]
