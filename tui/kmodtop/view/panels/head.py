"""First and last lines: where the data comes from, how fresh it is, trouble, keys."""

from kmodtop_core import units
from kmodtop_core.plain import clip_left, harmless, width
from kmodtop_core.sources.base import Means
from kmodtop_core.tracking.frame import DOUBTFUL, Frame

from ..keys import BOOTS_KEY, DECK_KEYS, DEMO_KEYS, HOSTS_KEY, KEYS, Key
from ..lines import Line, Span, cells, crop, spread
from ..view import Deck, Demo, Page, View


def head(frame: Frame | None, view: View, wide: int) -> Line:
    """Program, source and machine at the left; the state of the data at the right."""
    recording = (Span("REC ", "loss"),) if view.situation.recording else ()
    right = (*recording, *state(frame, view))
    room = wide - cells(right) - 2
    facts = f" {view.look.glyphs.dot} ".join(_facts(frame, view)) if wide >= 70 else ""
    name = harmless(view.situation.source.label)
    least = min(width(name), max(12, room - 12 - width(facts)))
    name = clip_left(name, max(least, 8), view.look.glyphs.ellipsis)
    left = (Span(" kmodtop ", "title"), Span(f" {name}", "bold"), Span(f"  {facts}", "dim"))
    return spread(left if wide >= 50 else left[1:], right, wide, view.look.glyphs.ellipsis)


def _facts(frame: Frame | None, view: View) -> list[str]:
    host = frame.sample.host if frame and frame.sample else None
    facts = [harmless(host.name or ""), harmless(host.kernel or "")] if host else []
    facts = [] if view.situation.demo else facts  # the state tells the era already
    if host and host.cpus:
        facts.append(f"{host.cpus} CPUs")
    facts.append(view.situation.source.who)
    return [fact for fact in facts if fact]


def state(frame: Frame | None, view: View) -> Line:
    """Live, waiting, frozen, playing, ended, overdue, or without data."""
    glyphs = view.look.glyphs
    if view.situation.deck is not None:
        return _travelling(frame, view, view.situation.deck)
    if frame is None or frame.block is None:
        return (Span(f"{glyphs.waiting} waiting ", "warn"),)
    if view.situation.overdue:
        return (
            Span(f"{glyphs.waiting} no answer for {units.age(view.situation.overdue)} ", "warn"),
        )
    if frame.gap is not None and frame.gap.why != DOUBTFUL:
        return (Span(f"{glyphs.waiting} data is {units.age(max(2.0, frame.gap_s))} old ", "warn"),)
    if view.situation.demo is not None:
        return _simulated(view.situation.demo, view)
    if view.situation.ended:
        return (Span(f"{glyphs.waiting} ended ", "dim"),)
    pace = view.situation.source.means
    told = f"live {view.situation.source.interval:g} s" if pace == Means.POLLED else pace
    if frame.block.counted is not None and pace == Means.TRACED:
        told = f"traced since {frame.block.counted:,.0f} s"
    return (Span(f"{glyphs.live} {told} ", "good"),)


def _travelling(frame: Frame | None, view: View, deck: Deck) -> Line:
    """The moment that is shown; how far behind a live view that is."""
    glyphs = view.look.glyphs
    speed = f" {glyphs.failed}{deck.speed:g}" if deck.speed != 1 and not deck.paused else ""
    if deck.twin:
        late = frame.now - view.choice.frozen.now if frame and view.choice.frozen else 0.0
        behind = f", {units.age(late)} behind" if late >= 2 else ""
        doing = "frozen" if deck.paused else "replay"
        clock = _clock(view.choice.frozen) if view.choice.frozen else ""
        mark = glyphs.frozen if deck.paused else glyphs.play
        return (Span(f"{mark} {doing}{clock}{behind}{speed} ", "warn"),)
    at = f"{deck.position:,.1f} s after boot"
    if deck.is_over:
        return (Span(f"{glyphs.frozen} end, {at} ", "good"),)
    mark = glyphs.frozen if deck.paused else glyphs.play
    return (Span(f"{mark} {at}{speed} ", "good"),)


def _simulated(demo: Demo, view: View) -> Line:
    doing = "paused" if demo.paused else "over" if demo.runs else f"speed {demo.speed:g}"
    return (Span(f"{view.look.glyphs.simulated} simulated, {demo.era}, {doing} ", "good"),)


def _clock(frame: Frame) -> str:
    return f" at {units.clock(frame.at.wall)}" if frame.at.wall is not None else ""


def trouble(frame: Frame | None, view: View, wide: int) -> list[Line]:
    """Bad news, most urgent first; nothing when there is none."""
    detour = [view.situation.source.detour.told] if view.situation.source.detour else []
    told = [*_gap_news(frame, view), *_warnings(frame, view), *detour]
    mark = view.look.glyphs.warn
    return [
        crop((Span(f" {mark} {text}", "warn"),), wide, view.look.glyphs.ellipsis) for text in told
    ]


def _gap_news(frame: Frame | None, view: View) -> list[str]:
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


def foot(view: View, wide: int) -> Line:
    """The passing note if there is one, else the keys; the most needed stay when it is narrow."""
    if view.situation.note:
        return crop((Span(f" {view.situation.note}", "warn"),), wide, view.look.glyphs.ellipsis)
    if view.choice.page != Page.MAIN:
        return crop(_page_keys(view), wide, view.look.glyphs.ellipsis)
    keys = (*DEMO_KEYS, *KEYS) if view.situation.demo else KEYS
    if view.situation.hosts > 1:
        keys = (HOSTS_KEY, *keys)
    if view.situation.deck:
        boots = (BOOTS_KEY,) if len(view.situation.deck.boots) > 1 else ()
        keys = (*boots, *DECK_KEYS, *KEYS)
    shown = [key for key in keys if key.short]
    while shown and cells(_keys(shown)) > wide:
        del shown[max(0, len(shown) - 3)]
    return _keys(shown)


def _page_keys(view: View) -> Line:
    scroll: Line = ()
    if view.choice.page == Page.BOOTS:
        scroll = (Span("Enter", "key", "open"), Span(" play this boot  ", "", "open"))
    elif view.choice.page in (Page.RAW, Page.HELP, Page.FINDINGS):
        scroll = (Span("Up Down", "key"), Span(" scroll  "))
    elif view.choice.page == Page.DEMO_END:
        scroll = tuple(
            span
            for key in DEMO_KEYS
            if key.action in ("era", "restart")
            for span in (
                Span(key.shown, "key", key.action),
                Span(f" {key.short}  ", "", key.action),
            )
        )
    both = "" if view.choice.page == Page.DEMO_END else " q"
    back = Span(f" Esc{both}", "key", "back"), Span(" back  ", "", "back")
    # q closes a page; the end of a simulated boot is no page that was opened.
    quits = (
        (Span("q", "key", "quit"), Span(" quit", "", "quit"))
        if view.choice.page == Page.DEMO_END
        else ()
    )
    return (*back, *scroll, *quits)


def _keys(shown: list[Key]) -> Line:
    spans: list[Span] = [Span(" ")]
    for key in shown:
        spans += [Span(key.shown, "key", key.action), Span(f" {key.short}  ", "", key.action)]
    return tuple(spans)
