"""The other pages: one module, the raw text, help, and waiting for data."""

import math
import textwrap

from kmodtop_core import units
from kmodtop_core.plain import clip, harmless
from kmodtop_core.stats.values import STAGES, FailReason
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.history import Past
from kmodtop_core.tracking.rows import Row

from ..keys import DEMO_KEYS, KEYS, PALETTE, TIME_KEYS
from ..lines import EMPTY, Line, Span, crop
from ..view import Page, View, window_of
from . import trend

_REASONS = {
    FailReason.BECOMING: "asked for while another request was loading it, or when it was loaded"
    " already; refused early, after reading the file: its length was wasted",
    FailReason.LOAD: "refused late, after its final place was allocated too: twice its length"
    " was wasted",
    FailReason.BECOMING | FailReason.LOAD: "some were refused early (the file was read for"
    " nothing), some late (its place was allocated for nothing too)",
    FailReason(0): "the kernel's own bookkeeping is wrong for this module (Bug-on-stats)",
}


def module_page(frame: Frame, past: Past, view: View, wide: int, high: int) -> list[Line]:
    """All that is known of the module under the cursor, with its own trend."""
    row = next((row for row in frame.rows if row.module == view.choice.cursor), None)
    if row is None:
        return [EMPTY, (Span("  This module is not in the table any more.", "warn"),)]
    lines: list[Line] = [
        EMPTY,
        (Span(f"  {clip(harmless(row.module), wide - 4, view.look.glyphs.ellipsis)}", "title"),),
        EMPTY,
    ]
    lines += [_fact(name, text, wide, style, view) for name, text, style in _facts(row, frame)]
    lines += [_fact("asked by", text, wide, "", view) for text in _asked_by(row, view)]
    lines += _wrapped(f"{row.reason.label}: {_REASONS[row.reason]}.", wide)
    room = high - len(lines) - 1
    if room >= 4:
        lines += [EMPTY, *_module_trend(frame, past, view, row, wide, min(room, 12))]
    return lines[:high]


def _facts(row: Row, frame: Frame) -> list[tuple[str, str, str]]:
    now = frame.now
    heat = ("", "warm", "hot")[row.heat(now)]
    first = "before kmodtop looked" if row.first_seen is None else f"{_ago(now - row.first_seen)}"
    grew = "not since kmodtop looks" if row.last_grew is None else _ago(now - row.last_grew)
    rate = (
        f"+{units.count(row.recent)}, {units.per_second(row.rate)}" if row.rate else "not growing"
    )
    facts = [
        ("failed", f"{units.count(row.count)} times as a duplicate", "bold"),
        (
            "growth",
            f"{rate}; +{units.count(row.since_start)} since start",
            heat,
        ),
        ("first seen", first, ""),
        ("last grew", grew, heat),
    ]
    if frame.sample and frame.sample.host.cpus and row.count >= frame.sample.host.cpus - 1:
        cpus = frame.sample.host.cpus
        facts.append(("note", f"at least once for each of the {cpus} CPUs: asked for per CPU", ""))
    if row.fallen:
        facts.append(
            ("note", "fallen off the kernel's list; these figures are the last seen", "warn")
        )
    return facts


def _asked_by(row: Row, view: View) -> list[str]:
    """Who asked for it, how often, and how far that can be believed; only where it was told."""
    answer = view.situation.answer
    return [
        harmless(f"{asker.who} {units.count(asker.modules[row.module])} ({asker.confidence})")
        for asker in (answer.askers if answer is not None else ())
        if row.module in asker.modules
    ]


def _ago(seconds: float) -> str:
    age = units.age(seconds)
    return age if age == "now" else f"{age} ago"


def _fact(name: str, text: str, wide: int, style: str, view: View) -> Line:
    return crop((Span(f"  {name:<12}", "dim"), Span(text, style)), wide, view.look.glyphs.ellipsis)


def _wrapped(text: str, wide: int) -> list[Line]:
    return [(Span(f"  {part}"),) for part in textwrap.wrap(text, max(20, wide - 4))]


def _module_trend(
    frame: Frame, past: Past, view: View, row: Row, wide: int, high: int
) -> list[Line]:
    edges, width = trend.edges_of(frame, view, trend.plot_width(wide))
    counts = past.counts(row.module, edges[1:])
    columns: list[trend.Column] = [None if c is None else (float(c),) for c in counts]
    top = trend.nice_ceiling(row.count, "si", least=1)
    plot = trend.chart(columns, top, high - 1, view, units.count(round(top)), "0")
    span = frame.now if window_of(frame, view).seconds is None else width * len(columns)
    used = min(len(columns), max(1, math.ceil(span / width)))
    return [*plot, trend.axis(wide, span, "times failed", view, used)]


def raw_page(frame: Frame, view: View, wide: int, high: int) -> list[Line]:
    """The text as the kernel printed it, its control characters spelt out."""
    if frame.sample is None:
        return [EMPTY, (Span("  Nothing has been read yet.", "dim"),)]
    lines = raw_lines(frame.sample.text)
    size = units.count(len(frame.sample.text))
    took = frame.sample.read_s
    cost = "" if took is None else f"; the read took {1000 * took:.2f} ms"
    title = f" {size} bytes, {units.count(len(lines))} lines, as read{cost}"
    shown = lines[view.choice.scroll : view.choice.scroll + high - 1]
    return [
        (Span(title, "dim"),),
        *(crop((Span(" " + text),), wide, view.look.glyphs.ellipsis) for text in shown),
    ]


def raw_lines(text: bytes) -> list[str]:
    """The lines of a stats text, tabs expanded, harmless."""
    decoded = text.decode("utf-8", "surrogateescape")
    return [harmless(line.expandtabs(8)) for line in decoded.split("\n")][: 1 << 16]


def help_lines(wide: int, view: View) -> list[Line]:
    """Keys, signs, and how to read the screen."""
    glyphs = view.look.glyphs
    ascii_only = glyphs.dash == "-"
    if view.choice.back == Page.HOSTS:
        return _hosts_help(wide, view)
    lines: list[Line] = [EMPTY, (Span("  Keys", "title"),)]
    keys = (*KEYS, *DEMO_KEYS) if view.situation.demo else KEYS
    lines += [(Span(f"  {key.shown:>6}  ", "key"), Span(key.long)) for key in keys]
    if not ascii_only:
        lines.append((Span(f"  {PALETTE:>6}  ", "key"), Span("all commands by name")))
    lines += [EMPTY, (Span("  Time", "title"),)]
    lines += [(Span(f"  {key.shown:>11}  ", "key"), Span(key.long)) for key in TIME_KEYS]
    lines.append((Span(f"  {'z, + and -':>11}  ", "key"), Span("play or pause, faster, slower")))
    lines += [EMPTY, (Span("  Signs", "title"),)]
    for sign, text, style in (
        (glyphs.up, "grows right now", "hot"),
        (glyphs.warm, "grew within the last ten seconds", "warm"),
        (glyphs.new, "appeared within the last minute", ""),
        (glyphs.gone, "no longer printed by the kernel; the last figures are kept", "dim"),
    ):
        lines.append((Span(f"  {sign:>6}  ", style), Span(text)))
    lines += [EMPTY, (Span("  The load path", "title"),)]
    lines += _wrapped(
        "To load a module the kernel reads its file, unpacks it if need be, checks it, and copies"
        " it to its final place. Each step allocates virtual memory, which is freed again when the"
        " request fails: that is what is wasted here. It is no leak.",
        wide,
    )
    lines += [
        crop(
            (Span(f"  {name:<12}", f"stage{i}"), Span(f"{glyphs.fills[i]}  {text}")),
            wide,
            view.look.glyphs.ellipsis,
        )
        for i, (name, _, _, text) in enumerate(STAGES)
    ]
    lines += _wrapped(
        "Most failures are duplicates: several CPUs or programs ask for one module at the same"
        " time, one of them wins. The table counts the others by module. Failures that are no"
        " duplicates (bad signature, version or symbols) count as “other” and have no row.",
        wide,
    )
    if ascii_only:
        plain = str.maketrans({"“": '"', "”": '"'})
        lines = [tuple(s._replace(text=s.text.translate(plain)) for s in line) for line in lines]
    return lines


def _hosts_help(wide: int, view: View) -> list[Line]:
    """How to read and use the list of several sources."""
    glyphs = view.look.glyphs
    lines: list[Line] = [EMPTY, (Span("  Several sources, one a line", "title"),)]
    lines += _wrapped(
        "WASTED is what each has thrown away since its boot, RATE how fast that grows, FAILED how"
        " many requests failed. TREND shows the last two minutes, FOUND the worst that is seen:"
        " why there is no data, the module that grows fastest, else the one that failed most.",
        wide,
    )
    lines += [EMPTY, (Span("  Keys", "title"),)]
    lines += [(Span(f"  {key:>6}  ", "key"), Span(text)) for key, text in _HOSTS_KEYS]
    lines += [EMPTY, (Span("  Signs", "title"),)]
    lines.append((Span(f"  {glyphs.up:>6}  ", "hot"), Span("wastes more right now")))
    lines.append((Span(f"  {glyphs.waiting:>6}  ", "warn"), Span("no fresh data; FOUND shows why")))
    return lines


_HOSTS_KEYS = (
    ("Enter", "all of the source under the cursor; Esc there returns to the list"),
    ("s", "sort by the next column"),
    ("S", "turn the order round"),
    ("/", "show only sources whose name contains a text"),
    ("?", "this help"),
    ("q", "quit"),
)


def waiting_page(frame: Frame | None, view: View, wide: int) -> list[Line]:
    """What is being waited for, and what to do about it."""
    gap = frame.gap.why if frame and frame.gap else None
    parts = (gap.subject, gap.what, gap.fix) if gap else ("the first reading is on its way",)
    lines: list[Line] = [EMPTY, (Span("  Waiting for module statistics", "title"),), EMPTY]
    for part in filter(None, parts):
        lines += _wrapped(part[:1].upper() + part[1:] + ".", wide)
    if gap:
        told = [EMPTY, *_wrapped("kmodtop starts by itself as soon as they can be read.", wide)]
        lines += told
    return lines
