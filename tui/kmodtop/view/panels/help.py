"""Help: how to read the screen, then the keys."""

import textwrap

from kmodtop_core.diagnosis.finding import Confidence

from ..keys import BOOTS_KEY, DEMO_KEYS, KEYS, TIME_KEYS, Key, sign_of
from ..lines import EMPTY, Line, Span, crop
from ..scene import Scene
from ..theme import Glyphs
from ..view import Page
from .load_path import swatch
from .verdict import dots, told

_STAGES = (
    ("1 kread", "its file is read"),
    ("2 decompress", "its file is unpacked"),
    ("3 becoming", "is it there already?"),
    ("4 load", "its place is allocated"),
)

_COLUMN = 25
"""Cells of each column of keys, where three stand side by side."""


def page(scene: Scene, wide: int) -> list[Line]:
    """All lines of the page."""
    lines = _hosts(scene, wide) if scene.view.choice.back == Page.HOSTS else _main(scene, wide)
    glyphs = scene.look.glyphs
    shown = [tuple(s._replace(text=told(s.text, glyphs)) for s in line) for line in lines]
    return [crop(line, wide, glyphs.ellipsis) for line in shown]


def _main(scene: Scene, wide: int) -> list[Line]:
    lines = [EMPTY, *_meaning(scene, wide), EMPTY, *_keys(scene, wide), EMPTY]
    lines += _wrapped(
        "Mouse: a title sorts, a click selects, two open; on the chart a click goes to that"
        " moment, dragging scrubs; the wheel scrolls what is under the pointer.",
        wide,
    )
    lines += [EMPTY, (Span("  The load path", "weight"),)]
    lines += _wrapped(
        "To load a module the kernel reads its file, unpacks it if need be, checks whether it is"
        " there already, and copies it to its final place. Each step allocates virtual memory,"
        " which is freed again when the request fails: that is what is wasted here. It is no leak.",
        wide,
    )
    lines += _wrapped(
        "Most failures are duplicates: several CPUs or programs ask for one module at the same"
        " time, one of them wins. The table counts the others by module. Failures that are no"
        " duplicates (bad signature, version or symbols) count as “other” and have no row.",
        wide,
    )
    return lines


def _meaning(scene: Scene, wide: int) -> list[Line]:
    glyphs = scene.look.glyphs
    lines: list[Line] = list(
        _wrapped("A load walks four stages; one that fails has allocated memory for nothing.", wide)
    )
    each = 38 if wide >= 76 else wide
    stages: list[Line] = [
        (Span("   "), *swatch(place, scene), Span(f"{name:<13}", "weight"), Span(f"{text:<20}"))
        for place, (name, text) in enumerate(_STAGES)
    ]
    if each < wide:
        lines += [(*stages[0], *stages[2]), (*stages[1], *stages[3])]
    else:
        lines += stages
    lines += [
        EMPTY,
        _legend("Signs", [(glyphs.up, "grows now", "now"), (glyphs.warm, "within 10 s", "late"),
                          (glyphs.new, "new", ""), (glyphs.gone, "no longer printed", ""),
                          (glyphs.about, "estimate", "")]),
        _legend("Verdict", [(glyphs.good, "healthy", "good"), (glyphs.up, "storm now", "now"),
                            (glyphs.warm, "storm over", "late"),
                            (glyphs.warn, "other failures", "late"),
                            (glyphs.unknown, "unknown", "")]),
        (Span("  Pattern ", "quiet"), Span("per CPU", "weight"), Span(" all CPUs ask  "),
         Span("race", "weight"), Span(" 1 to 3  "), Span("again", "weight"),
         Span(" in a loop  "), Span("device", "weight"), Span(" one each")),
        (Span("  Sure?   ", "quiet"), Span(dots(Confidence.CERTAIN, glyphs), "weight"),
         Span(" certain: measured   "), Span(dots(Confidence.LIKELY, glyphs), "weight"),
         Span(" likely: fits   "), Span(dots(Confidence.POSSIBLE, glyphs), "weight"),
         Span(" possible: not refuted")),
    ]  # fmt: skip
    return lines


def _legend(name: str, entries: list[tuple[str, str, str]]) -> Line:
    spans = [Span(f"  {name:<8}", "quiet")]
    for sign, text, style in entries:
        spans += [Span(sign, f"weight {style}".strip()), Span(f" {text}  ")]
    return tuple(spans)


def _keys(scene: Scene, wide: int) -> list[Line]:
    """In three columns where there is room: to look, time, to keep; else one a line, at length."""
    glyphs = scene.look.glyphs
    if wide < 3 * _COLUMN:
        every = (*KEYS, *TIME_KEYS, BOOTS_KEY, *DEMO_KEYS)
        return [(Span("  Keys", "weight"),), *[_at_length(key, glyphs) for key in every]]
    lines: list[Line] = [tuple(Span(f"  {name:<{_COLUMN - 2}}", "head") for name, _ in COLUMNS)]
    longest = max(len(keys) for _, keys in COLUMNS)
    for place in range(longest):
        spans: list[Span] = []
        for _, keys in COLUMNS:
            key, text = keys[place] if place < len(keys) else ("", "")
            shown = sign_of(key, glyphs)
            spans.append(Span(f"  {shown:<7} ", "weight"))
            spans.append(Span(f"{text:<{_COLUMN - 3 - max(7, len(shown))}}"))
        lines.append(tuple(spans))
    return lines


COLUMNS = (
    ("LOOK", (
        ("↑↓", "a row"), ("PgUp", "a page"), ("PgDn", "a page"), ("Home", "the first"),
        ("End", "the last"), ("↵", "one module"), ("f", "findings, who"), ("/", "filter"),
        ("s S", "sort, turn"), ("t", "total, per s"), ("b", "one stage"), ("w", "window"),
        ("r", "raw text"), ("T", "theme"),
    )),
    ("TIME", (
        ("←→", "a column"), ("⇧←", "ten back"), ("⇧→", "ten on"), ("[ ]", "a change"),
        ("{ }", "a storm"), (":", "go to a time"), ("n", "now"), ("space", "freeze"),
        ("z", "play, pause"), ("+ -", "speed"), ("B", "boots"), ("e", "next era"),
        ("x", "the boot again"),
    )),
    ("KEEP", (
        ("R", "record"), ("c", "copy report"), ("p", "picture"), ("o", "open"), ("d", "demo"),
        ("D", "doctor"), ("^P", "all tasks"), ("?", "this page"), ("Esc", "back"), ("q", "quit"),
    )),
)  # fmt: skip
"""Every key, in a word or two."""


def _at_length(key: Key, glyphs: Glyphs) -> Line:
    return (Span(f"  {sign_of(key.shown, glyphs):<8} ", "weight"), Span(key.long))


def _wrapped(text: str, wide: int) -> list[Line]:
    return [(Span(f"  {part}"),) for part in textwrap.wrap(text, max(20, wide - 4))]


def _hosts(scene: Scene, wide: int) -> list[Line]:
    """How to read and use the list of several sources."""
    glyphs = scene.look.glyphs
    lines: list[Line] = [EMPTY, (Span("  Several sources, one a line, the worst first", "weight"),)]
    lines += _wrapped(
        "VERDICT is what the source's own first screen says; SILENT means that it gives no data,"
        " and why stands in its line. WASTED is what it has thrown away since its boot, RATE how"
        " fast that grows, FAILED how many requests failed, LIKELY who is named. Below the list"
        " stands when the selected source wasted it.",
        wide,
    )
    lines += [EMPTY, (Span("  Keys", "weight"),)]
    lines += [
        (Span(f"  {sign_of(key, glyphs):>6}  ", "weight"), Span(text)) for key, text in _HOSTS_KEYS
    ]
    return lines


_HOSTS_KEYS = (
    ("↵", "all of the source under the cursor; Esc there returns to the list"),
    ("s", "sort by the next column"),
    ("S", "turn the order round"),
    ("/", "show only sources whose name contains a text"),
    ("?", "this help"),
    ("q", "quit"),
)
