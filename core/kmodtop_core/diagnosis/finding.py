"""What diagnosis comes to: findings, the verdict, and how far each can be believed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from .module_bytes import ModuleBytes


class Confidence(StrEnum):
    """How far an accusation can be believed; the words of the JSON contract.

    certain: traced or counted. likely: the numbers fit, and nothing contradicts. possible:
    the numbers fit, and something else would fit as well.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Side(StrEnum):
    """Who asked."""

    USERSPACE = "userspace"
    KERNEL = "kernel"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """The worst that is true."""

    HEALTHY = "healthy"
    NEARLY_NONE = "nearly-none"
    STORM_NOW = "storm-now"
    STORM_OVER = "storm-over"
    WASTED = "wasted"
    FAILING = "failing"
    UNKNOWN = "unknown"


class Advice(NamedTuple):
    """What to do: a sentence, and what can be pasted after it. `brief`: the same in one line of
    a screen, where the sentence is longer.
    """

    text: str
    command: str = ""
    brief: str = ""

    def __str__(self) -> str:
        return f"{self.text}: {self.command}" if self.command else self.text


class Finding(NamedTuple):
    """One thing that happened, with its evidence.

    `title` in a few words, `sentence` whole. `wasted` in bytes, None where not known.
    `against`: what speaks against it; `next`: what to do. `is_about`: `wasted` is estimated.
    `who`: what the verdict calls the requester, where that is more than its name.
    """

    rule: str
    title: str
    sentence: str
    side: Side
    confidence: Confidence
    requester: str | None = None
    modules: tuple[str, ...] = ()
    duplicates: int | None = None
    wasted: int | None = None
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    next: tuple[Advice, ...] = ()
    is_about: bool = False
    who: str = ""

    @property
    def accuses(self) -> bool:
        """Whether somebody is named."""
        return self.side != Side.UNKNOWN or self.requester is not None


class Asker(NamedTuple):
    """Who asked for modules that were refused, and how often.

    `name` is None for the kernel's autoloader. `others`: failures that were no duplicates.
    `modules`, `commands`, `units`, `call_sites`, `tasks`, `aliases`, `devices`: how many of each,
    most first.
    `wasted`: bytes, None where not known, `by_duplicates` those of duplicates alone; `processes`:
    how many asked.
    """

    name: str | None
    side: Side
    duplicates: int
    others: int
    modules: Mapping[str, int]
    wasted: int | None
    confidence: Confidence
    by_duplicates: int | None = None
    commands: Mapping[str, int] = {}
    units: Mapping[str, int] = {}
    call_sites: Mapping[str, int] = {}
    tasks: Mapping[str, int] = {}
    aliases: Mapping[str, int] = {}
    processes: int | None = None
    devices: Mapping[str, int] = {}

    @property
    def who(self) -> str:
        """In a few words: a command, or the kernel's function and whose task ran into it."""
        if self.side is not Side.KERNEL:
            return self.name or "?"
        sites, tasks = list(self.call_sites), list(self.tasks)
        if not sites:
            return "its autoloader"
        more = f" and {len(sites) - 1} more" if len(sites) > 1 else ""
        by = f" ran into by {', '.join(tasks[:2])}" if tasks else ""
        return f"{sites[0]}{more}{by}"


class Storm(NamedTuple):
    """A time in which failures grew without a long pause; seconds since boot.

    `ended` is None while it goes on. `modules` in the order of their first failure.
    """

    began: float
    peak: float | None
    ended: float | None
    failures: int
    wasted: float
    modules: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """The answer: what happened, when, who is likely to blame.

    `head` is what stands beside the level's badge. `confidence` is that of `who`, None where
    nobody is named. `which`: of several storms of a recording, as 2 of 3. `lost` and `of_all`
    are the two parts of the head of a storm that is under way, between which a live view says
    how fast it grows.
    """

    level: Level
    head: str
    what: str
    when: str
    who: str
    confidence: Confidence | None = None
    which: str = ""
    lost: str = ""
    of_all: str = ""


class Answer(NamedTuple):
    """All that diagnosis has to say of a boot.

    `patterns` and `counts` by module; `order` is that of their first failures. `total`: bytes
    wasted at becoming and load, by the kernel's counters; None where these are no sizes.
    `askers`: who asked, from what was told while it happened.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    modules: tuple[ModuleBytes, ...]
    storms: tuple[Storm, ...]
    patterns: dict[str, str]
    milestones: tuple[tuple[str, float], ...] = ()
    order: tuple[str, ...] = ()
    counts: Mapping[str, int] = {}
    total: int | None = None
    askers: tuple[Asker, ...] = ()
