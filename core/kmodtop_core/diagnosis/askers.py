"""Askers: who asked for what, and how often, from what was told while it happened."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .finding import Asker, Confidence, Side

if TYPE_CHECKING:  # a report of a text has no use for it
    from ..tracing.requesters import Requester
    from ..tracing.requests import Open, Request, Told

TIMING_S = 0.05
"""Seconds by which an event and the text that counts it may be apart (measured: one event)."""


class Match(NamedTuple):
    """What was told held against what the kernel's table says of the same span, by module.

    `traced` and `counted`: duplicates by the events and by the table; `counted` is None where the
    table is not known. `off`: by how much modules differ, more than the moment of the text can
    explain, together. `is_own`: the table was counted from these events.
    """

    traced: int
    counted: int | None
    off: int = 0
    is_own: bool = False

    @property
    def is_equal(self) -> bool:
        """Whether they agree."""
        return self.counted is not None and not self.off

    @property
    def sentence(self) -> str:
        """For people."""
        events = f"{self.traced:,} events of duplicates"
        if self.counted is None:
            return f"{events}; the table that they would have to add up to is not known"
        if self.is_own and not self.off:
            return f"{events}; the counts come from them"
        grew = f"the table grew by {self.counted:,}"
        if self.off:
            return f"{events}, but {grew}" + (
                "" if self.traced != self.counted else ", of other modules"
            )
        if self.traced != self.counted:
            return f"{events} and {grew}: some came at the moment of the reading"
        return f"{events}, as many as the table grew by, module by module"


def match(
    told: "Told", grown: Mapping[str, int] | None, since: float, upto: float, timing: float = 0.0
) -> Match:
    """`grown`: by how much each row grew from the text of that moment on, None where that is not
    known. `timing`: seconds by which an event and the text that counts it may be apart."""
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    traced = 0
    for request in told.failed:
        load = request.load
        if load.is_duplicate and since - timing < load.at <= upto + timing:
            name = load.module or "?"
            most[name] += 1
            least[name] += since + timing < load.at <= upto - timing
            traced += since < load.at <= upto
    if grown is None:
        return Match(traced, None)
    off = 0
    for name in most.keys() | grown.keys():
        times = grown.get(name, 0)
        off += max(0, least[name] - times, times - most[name])
    return Match(traced, sum(grown.values()), off)


class Heard(NamedTuple):
    """What was told, made out once for all rules.

    `askers`: most duplicates first. `modules`: duplicates of which is known who asked, by module;
    `calls`: these by the system call that they came by. `odd`: modules whose openings do not fit.
    """

    told: "Told"
    traced: Match | None
    askers: tuple[Asker, ...]
    modules: Mapping[str, int]
    calls: Mapping[str, int] = {}
    odd: tuple[str, ...] = ()


def heard(told: "Told", traced: Match | None, grown: Mapping[str, int]) -> Heard:
    """`grown`: how often each module failed as a duplicate while it was watched."""
    if told.failed:
        return _by_trace(told, traced)
    found, odd = openers(told, grown)
    modules: Counter[str] = Counter()
    for asker in found:
        modules.update(asker.modules)
    return Heard(told, traced, found, modules, {}, odd)


def _by_trace(told: "Told", traced: Match | None) -> Heard:
    """Certain where nothing was lost or odd, and the events account for the table's growth."""
    is_certain = told.is_whole and traced is not None and traced.is_equal
    groups: dict[tuple[bool | None, str | None], list[tuple[Request, Requester]]] = {}
    known: dict[tuple[int, str, object], Requester] = {}
    for request in told.failed:
        # Of one process all requests are alike; a storm has thousands of them.
        key = (id(request.life), request.load.comm, request.autoload)
        who = known.get(key)
        if who is None:
            who = known[key] = request.requester
        groups.setdefault(who.key, []).append((request, who))
    how_sure = Confidence.CERTAIN if is_certain else Confidence.LIKELY
    found = [_asker(side, name, group, how_sure) for (side, name), group in groups.items()]
    found.sort(key=lambda asker: (-asker.duplicates, -asker.others, asker.name or ""))
    duplicates = [r.load for r in told.failed if r.load.is_duplicate]
    modules = Counter(load.module or "" for load in duplicates)
    calls = Counter(load.call for load in duplicates if load.call)
    return Heard(told, traced, tuple(found), modules, calls)


def _asker(
    is_kernel: bool | None,
    name: str | None,
    group: "Sequence[tuple[Request, Requester]]",
    how_sure: Confidence,
) -> Asker:
    loads = [request.load for request, _ in group]
    duplicates = [load for load in loads if load.is_duplicate]
    autoloads = [who.autoload for _, who in group if who.autoload is not None]
    return Asker(
        name=name,
        side=_side(is_kernel),
        duplicates=len(duplicates),
        others=len(group) - len(duplicates),
        modules=_counted(load.module or "?" for load in duplicates),
        wasted=_sum(load.wasted for load in loads),
        confidence=_believed(is_kernel, how_sure, all(who.is_sure for _, who in group)),
        by_duplicates=_sum(load.wasted for load in duplicates),
        commands=_counted(who.command for _, who in group),
        units=_counted(who.unit for _, who in group if who.unit),
        call_sites=_counted(a.call_site for a in autoloads if a.call_site),
        tasks=_counted(a.task for a in autoloads if a.task),
        aliases=_counted(a.alias for a in autoloads if a.alias),
        processes=len({id(request.life) for request, _ in group}),
        devices=_counted(r.device for r, _ in group if r.device and r.load.is_duplicate),
    )


def _believed(is_kernel: bool | None, how_sure: Confidence, is_sure: bool) -> Confidence:
    if is_kernel is None:
        return Confidence.POSSIBLE
    return how_sure if is_sure else Confidence.LIKELY


def _sum(sizes: Iterator[int | None]) -> int | None:
    """None where one of them is not known."""
    total = 0
    for size in sizes:
        if size is None:
            return None
        total += size
    return total


def _side(is_kernel: bool | None) -> Side:
    return Side.UNKNOWN if is_kernel is None else Side.KERNEL if is_kernel else Side.USERSPACE


def _counted(words: Iterator[str]) -> dict[str, int]:
    return dict(Counter(words).most_common())


# ---- by who opened files ------------------------------------------------------


def openers(told: "Told", grown: Mapping[str, int]) -> tuple[tuple[Asker, ...], tuple[str, ...]]:
    """(askers by who opened which module's file, modules whose openings do not fit).

    `grown`: how often each module was a duplicate while it was watched. Of as many openings as
    there are of a module, one has loaded it and the others are its duplicates.
    """
    by_module: dict[str, list[Open]] = {}
    for opened in told.opens:
        by_module.setdefault(opened.module, []).append(opened)
    shares: dict[tuple[bool | None, str | None], Counter[str]] = {}
    whose: dict[tuple[bool | None, str | None], list[Requester]] = {}
    odd = []
    for module, times in grown.items():
        opens = by_module.get(module.replace("-", "_"), [])
        if not _fits(opens, times):
            odd.append(module)
            continue
        for opened in _refused(opens, times):
            who = opened.requester
            shares.setdefault(who.key, Counter())[module] += 1
            whose.setdefault(who.key, []).append(who)
    found = [_opener(key, counts, whose[key]) for key, counts in shares.items()]
    return tuple(sorted(found, key=lambda a: (-a.duplicates, a.name or ""))), tuple(odd)


def _fits(opens: "Sequence[Open]", times: int) -> bool:
    """Whether so many openings can be so many duplicates and a load, or that by one more or less;
    where all are of one requester, whether they can be as many."""
    whose = {opened.requester.key for opened in opens}
    return times <= len(opens) <= times + 2 or (len(whose) == 1 and times <= len(opens))


def _refused(opens: "Sequence[Open]", times: int) -> "Sequence[Open]":
    """Who opened first has most likely loaded it."""
    return opens[-times:] if times else ()


def _opener(
    key: tuple[bool | None, str | None], counts: Counter[str], whose: "Sequence[Requester]"
) -> Asker:
    return Asker(
        name=key[1],
        side=_side(key[0]),
        duplicates=counts.total(),
        others=0,
        modules=dict(counts.most_common()),
        wasted=None,
        confidence=_believed(key[0], Confidence.LIKELY, is_sure=True),
        commands=_counted(who.command for who in whose),
        units=_counted(who.unit for who in whose if who.unit),
    )
