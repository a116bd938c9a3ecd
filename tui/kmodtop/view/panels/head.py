"""The first line: where the data comes from, and what kind of time this is. Lasting trouble."""

from kmodtop_core import units
from kmodtop_core.machine.facts import STATS_PATH
from kmodtop_core.plain import clip_left, harmless, width
from kmodtop_core.sources.base import Means
from kmodtop_core.tracking.frame import DOUBTFUL, Frame

from ..lines import Line, Span, cells, spread
from ..scene import Scene
from ..view import Deck, Demo, View
from .verdict import told


def head(scene: Scene, wide: int, page: str = "") -> Line:
    """Program, source and machine at the left; the state of the data at the right.

    `page`: the name of the page, where it is not the first.
    """
    view, glyphs = scene.view, scene.look.glyphs
    recording = (Span("REC ", "now"),) if view.situation.recording else ()
    right = (*recording, *state(scene))
    room = wide - cells(right) - 2
    facts = told(f" {glyphs.dot} ".join(_facts(scene.frame, view, wide)), glyphs)
    crumb = f"{glyphs.crumb} {page}" if page else ""
    name = name_of(scene)
    least = min(width(name), max(12, room - 12 - width(crumb or facts)))
    name = clip_left(name, max(least, 8), glyphs.ellipsis)
    left = (Span(" kmodtop ", "title"), Span(f" {name}", "weight"))
    more = Span(f"  {crumb}", "weight") if page else Span(f"  {facts}", "quiet")
    return spread((*left, more) if wide >= 36 else (left[1], more), right, wide, glyphs.ellipsis)


def name_of(scene: Scene) -> str:
    """What is looked at: this machine by its own name."""
    label = scene.view.situation.source.label
    sample = scene.frame.sample if scene.frame is not None else None
    own = sample.host.name if sample is not None and label == STATS_PATH else None
    return harmless(own or label)


def _facts(frame: Frame | None, view: View, wide: int) -> list[str]:
    host = frame.sample.host if frame and frame.sample else None
    facts = [harmless(host.kernel or "")] if host and wide >= 60 else []
    if host and host.name and view.situation.source.label != STATS_PATH and wide >= 60:
        facts.insert(0, harmless(host.name))
    if host and host.cpus:
        facts.append(f"{host.cpus} CPUs")
    if view.situation.demo is not None:
        facts = [f"{host.cpus} CPUs" if host and host.cpus else "", view.situation.demo.era]
    facts.append(view.situation.source.who)
    return [fact for fact in facts if fact]


def state(scene: Scene) -> Line:
    """Live, waiting, frozen, playing, ended, overdue, or without data."""
    frame, view, glyphs = scene.latest or scene.frame, scene.view, scene.look.glyphs
    if view.situation.deck is not None:
        return _travelling(scene, view.situation.deck)
    if frame is None or frame.block is None:
        return (Span(f"{glyphs.waiting} waiting ", "weight"),)
    if view.situation.overdue:
        return (
            Span(f"{glyphs.waiting} no answer for {units.age(view.situation.overdue)} ", "weight"),
        )
    if frame.gap is not None and frame.gap.why != DOUBTFUL:
        return (
            Span(f"{glyphs.waiting} data is {units.age(max(2.0, frame.gap_s))} old ", "weight"),
        )
    if view.situation.demo is not None:
        return _simulated(view.situation.demo, scene)
    if view.situation.ended:
        return (Span(f"{glyphs.file} ended ", "quiet"),)
    means = view.situation.source.means
    # Where nothing tells when a file changes, it is looked at by the clock.
    how = f"{glyphs.dot} looked at " if means == Means.LOOKED_AT else ""
    if scene.is_unchanged:
        return (Span(f"{glyphs.file} a file, unchanged {how}"),)
    if frame.block.counted is not None and means == Means.TRACED:
        return (
            Span(f"{glyphs.live} ", "good"),
            Span(f"traced since {frame.block.counted:,.0f} s "),
        )
    return (Span(f"{glyphs.live} ", "good"), Span(f"live {how}"))


def _travelling(scene: Scene, deck: Deck) -> Line:
    """The moment that is shown; how far behind a live view that is."""
    glyphs = scene.look.glyphs
    doing, mark = "", glyphs.frozen if deck.paused or deck.is_over else glyphs.play
    speed = f" {glyphs.failed}{deck.speed:g}" if deck.speed != 1 and not deck.paused else ""
    at, wall = f"{deck.position:,.1f} s", scene.frame.at.wall if scene.frame else None
    clock = f" {glyphs.dot} {units.clock(wall)}" if wall is not None else ""
    if deck.twin:
        late = scene.latest.now - scene.frame.now if scene.latest and scene.frame else 0.0
        behind = f", {units.age(late)} behind" if late >= 2 else ""
        doing = f"{'frozen' if deck.paused else 'replay'} at {at}{behind}"
    else:
        doing = f"{at} of {deck.end:,.0f} s"
    return (Span(f"{mark} ", "weight"), Span(f"{doing}{speed}", "weight"), Span(f"{clock} "))


def _simulated(demo: Demo, scene: Scene) -> Line:
    speed = f" {scene.look.glyphs.failed}{demo.speed:g}" if demo.speed != 1 else ""
    doing = "paused" if demo.paused else "over" if demo.runs else f"simulated{speed}"
    return (Span(f"{scene.look.glyphs.simulated} ", "good"), Span(f"{doing} "))


def trouble(scene: Scene) -> list[str]:
    """Bad news, most urgent first; nothing when there is none."""
    source = scene.view.situation.source
    detour = [source.detour.told] if source.detour else []
    return [*_gap_news(scene.frame), *_warnings(scene.frame, scene.view), *detour]


def _gap_news(frame: Frame | None) -> list[str]:
    if frame is None or frame.gap is None or frame.block is None:
        return []
    if frame.gap.why == DOUBTFUL and frame.gap_s < 1:
        return []
    return [f"no new data: {frame.gap.why.told}"]  # the head line names the source already


_QUIET = {"average-mismatch", "row-limit-near", "row-cut"}
"""Codes that need no line of their own on the screen: pages and reports tell them."""


def _warnings(frame: Frame | None, view: View) -> list[str]:
    if frame is None:
        return []
    quiet = _QUIET | ({"counter-reset"} if view.situation.demo else set())  # asked for, with a key
    return [warning.message for warning in frame.warnings if warning.code not in quiet]
