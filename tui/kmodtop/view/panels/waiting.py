"""Waiting: what is missing, how to get it, and what can be done meanwhile."""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kmodtop_core.errors import Trouble

from ..keys import sign_of
from ..lines import EMPTY, Line, Span, crop
from ..scene import Scene
from ..theme import Glyphs
from .verdict import told

if TYPE_CHECKING:
    from kmodtop_core.reports.doctor import Condition

_SIGNS = {"ok": ("good", "good"), "bad": ("bad", "now"), "unknown": ("unknown", "")}


def page(scene: Scene, wide: int, high: int) -> list[Line]:
    """In place of the verdict why there is nothing to read; the doctor's checklist; the fix."""
    glyphs, checks = scene.look.glyphs, scene.view.situation.checks
    gap = scene.frame.gap if scene.frame is not None else None
    lines = _verdict(gap.why if gap else None, scene.view.situation.source.label, glyphs, wide)
    if checks:
        lines += [EMPTY, *checklist(scene, checks, wide)]
    meanwhile = _meanwhile(scene)[: 2 if high < 26 else None]
    room = high - len(lines) - (len(meanwhile) + 1 if meanwhile and high >= 16 else 0)
    fixes = [check.fix for check in checks if check.state == "bad" and check.fix]
    wanted: list[Line] = []
    for fix in dict.fromkeys(fixes):
        wanted += [EMPTY, *_named("To get it", fix, wide, glyphs)]
    if len(wanted) > room:  # the page of the doctor has all of it
        wanted = [*wanted[: max(0, room - 1)], (Span(" " * 14), Span("D shows all of it", "quiet"))]
    lines += wanted[: max(0, room)]
    if high >= 16 and meanwhile:
        lines += [EMPTY, *meanwhile]
    return [crop(line, wide, glyphs.ellipsis) for line in lines[:high]]


def _verdict(why: Trouble | None, label: str, glyphs: Glyphs, wide: int) -> list[Line]:
    edge = Span(glyphs.edge)
    if why is None:
        text = "the first reading is on its way"
        return [(edge, Span(f" {glyphs.waiting} READING  ", "weight"), Span(text))]
    sign, word = glyphs.unknown, "NOTHING TO READ"
    if not why.fix:
        sign, word = glyphs.waiting, "NOTHING YET"
    # The head line names the source already.
    subject = f"{why.subject}: " if why.subject and why.subject != label else ""
    lead = max(0, len(word) - 2)
    text = told(f"{subject}{why.what}", glyphs)
    parts = textwrap.wrap(text, max(16, wide - 9), initial_indent=" " * lead) or [""]
    lines: list[Line] = [(edge, Span(f" {sign} {word}  ", "weight"), Span(parts[0].lstrip()))]
    lines += [(edge, Span(" " * 7), Span(part)) for part in parts[1:]]
    if why.fix:
        for number, part in enumerate(_wrap(why.fix, wide - 9, glyphs)):
            lines.append((edge, Span(f" {'next' if not number else '':<5} ", "quiet"), Span(part)))
    now = "kmodtop starts by itself as soon as there is something to read"
    lines.append((edge, Span(" now   ", "quiet"), Span(now)))
    return lines


def checklist(scene: Scene, checks: "tuple[Condition, ...]", wide: int) -> Iterator[Line]:
    """One line a condition; the first that fails is marked."""
    glyphs, missing = scene.look.glyphs, False
    yield (Span(f"  {'CHECKED':<{max(7, wide - 4)}}", "head"),)
    for check in checks:
        sign, style = _SIGNS[check.state]
        is_first = check.state == "bad" and not missing
        missing = missing or is_first
        mark = f"  {glyphs.here} this is missing" if is_first else ""
        room = wide - 3 - len(mark)
        for number, part in enumerate(_wrap(check.what, room, glyphs)):
            lead = Span(
                f"{getattr(glyphs, sign)} " if not number else "  ", f"weight {style}".strip()
            )
            tail = (Span(mark, "weight"),) if mark and not number else ()
            yield (lead, Span(part), *tail)


def _meanwhile(scene: Scene) -> list[Line]:
    if scene.view.situation.hosts > 1:
        return []
    glyphs = scene.look.glyphs
    keys = (
        ("d", "demo: a simulated boot of 255 CPUs, no kernel support needed", "demo"),
        ("o", "open a file, a recording, or another host (ssh://host)", "open_source"),
        ("D", "all checks at length, each with its fix (kmodtop doctor)", "doctor"),
        ("c", "copy what is to be done", "copy"),
    )
    lines: list[Line] = []
    for number, (key, text, action) in enumerate(keys):
        name = "Meanwhile" if not number else ""
        lines.append(
            (Span(f" {name:<12} ", "quiet"), Span(f"{sign_of(key, glyphs)}  ", "weight", action),
             Span(told(text, glyphs), "", action))
        )  # fmt: skip
    return lines


def _named(name: str, text: str, wide: int, glyphs: Glyphs) -> Iterator[Line]:
    for number, part in enumerate(_wrap(text, wide - 15, glyphs)):
        yield (Span(f" {name if not number else '':<12} ", "quiet"), Span(part, "weight"))


def _wrap(text: str, wide: int, glyphs: Glyphs) -> list[str]:
    return textwrap.wrap(told(text, glyphs), max(16, wide), break_on_hyphens=False) or [""]


def doctor(scene: Scene, wide: int) -> list[Line]:
    """All checks at length, each with its fix."""
    glyphs = scene.look.glyphs
    if not scene.view.situation.checks:
        return [EMPTY, (Span("  Checking.", "quiet"),)]
    lines: list[Line] = [EMPTY]
    for check in scene.view.situation.checks:
        sign, style = _SIGNS[check.state]
        for number, part in enumerate(_wrap(check.what, wide - 4, glyphs)):
            lead = f" {getattr(glyphs, sign)} " if not number else "   "
            lines.append((Span(lead, f"weight {style}".strip()), Span(part)))
        for part in _wrap(check.fix, wide - 6, glyphs) if check.fix else ():
            lines.append((Span(f"     {part}", "weight"),))
    return [crop(line, wide, glyphs.ellipsis) for line in lines]


def fixes(checks: "tuple[Condition, ...]") -> str:
    """What is to be done, for pasting."""
    return "\n".join(dict.fromkeys(c.fix for c in checks if c.state == "bad" and c.fix))
