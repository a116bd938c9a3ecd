"""What is to be seen: the reader's choices, and the situation in which they are made."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, runtime_checkable

from kmodtop_core.diagnosis.finding import Answer
from kmodtop_core.errors import Trouble
from kmodtop_core.plain import harmless
from kmodtop_core.simulation.compare import Run
from kmodtop_core.sources.base import Means
from kmodtop_core.stats.values import STAGES
from kmodtop_core.tracking.frame import Frame
from kmodtop_core.tracking.rows import Row

from .theme import AUTO, UNICODE, Glyphs, Theme


class Page(StrEnum):
    """What stands between the head line and the foot."""

    MAIN = "main"
    MODULE = "module"
    RAW = "raw"
    HELP = "help"
    DEMO_END = "seen"
    BOOTS = "boots"
    FINDINGS = "findings"
    HOSTS = "hosts"


class Window(NamedTuple):
    """A span of the trend in seconds; None is everything since the start."""

    name: str
    seconds: float | None


WINDOWS = (Window("1 min", 60), Window("10 min", 600), Window("1 h", 3600), Window("all", None))
STAGE_CHOICES = ("all", *(stage.name for stage in STAGES))


@dataclass(frozen=True, slots=True)
class Source:
    """What the head line says of where the data comes from.

    `who`: as which user it is read, where that was changed or is root. `detour`: why it is not
    read as it should be.
    """

    label: str
    means: Means
    interval: float = 1.0
    who: str = ""
    detour: Trouble | None = None


@runtime_checkable
class Playable(Protocol):
    """A source that can be played with: a simulated boot."""

    paused: bool
    asked_by: dict[str, int]
    folded: int
    folded_autoloads: int

    @property
    def era(self) -> str:
        """The one that is played."""

    @property
    def speed(self) -> float:
        """How fast it is played."""

    @property
    def runs(self) -> list[Run]:
        """The boot under every era, once it is over."""

    def pieces(self) -> dict[str, bytes]:
        """Evidence of who asks for what."""

    def restart(self) -> None:
        """Restarts."""

    def next_era(self) -> None:
        """Restarts under the next era."""

    def change_speed(self, by: int) -> None:
        """Faster or slower by so many steps."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What is shown of a simulated boot. `runs`: its end under every era, once it is over."""

    era: str
    speed: float
    paused: bool = False
    runs: tuple[Run, ...] = ()
    asked_by: tuple[tuple[str, int], ...] = ()
    folded: int = 0
    folded_autoloads: int = 0


def demo_of(player: Playable) -> Demo:
    """How the player stands now."""
    asked = tuple(sorted(player.asked_by.items()))
    return Demo(
        player.era,
        player.speed,
        player.paused,
        tuple(player.runs),
        asked,
        player.folded,
        player.folded_autoloads,
    )


@dataclass(frozen=True, slots=True)
class Deck:
    """Where on a recording the reader is. Moments are seconds since boot.

    `twin`: the recording is that of a live view, which continues meanwhile. `growth` is what
    was wasted in equal parts of the time. `boot`, from 1, is the one shown of `boots`.
    """

    begin: float
    end: float
    position: float
    paused: bool
    speed: float
    growth: tuple[float, ...] = ()
    twin: bool = False
    boot: int = 1
    boots: tuple[str, ...] = ("",)

    @property
    def is_over(self) -> bool:
        """Whether all has been played."""
        return self.position >= self.end


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader chose.

    `frozen`: the frame shown instead of the latest. `asking`: what the input line asks for, a
    filter or a time. `window` None chooses by what there is. `host`: the line of the host that
    was opened; `hosts_filter` and `hosts_reverse` are what is chosen for their list, while one
    is looked at.
    """

    page: Page = Page.MAIN
    back: Page = Page.MAIN
    sort: str = "times"
    reverse: bool = False
    filter: str = ""
    asking: str = ""
    cursor: str | None = None
    top: int = 0
    scroll: int = 0
    window: int | None = None
    per_second: bool = False
    stage: str = "all"
    frozen: Frame | None = None
    host_sort: str = "as given"
    host: int = 0
    hosts_filter: str = ""
    hosts_reverse: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """In which the reader chooses.

    `deck`: where on a recording it stands, None while live. `note` is a passing message,
    `overdue` seconds without an answer from the source, `recording` the file that is written,
    `hosts` how many sources there are, `answer` what diagnosis says of what is shown.
    """

    source: Source
    ended: bool = False
    overdue: float = 0.0
    note: str = ""
    demo: Demo | None = None
    deck: Deck | None = None
    recording: str = ""
    hosts: int = 1
    answer: Answer | None = None


class Look(NamedTuple):
    """How it is shown: units of sizes, signs, colours; `thrifty` is for slow links."""

    units: str = "iec"
    glyphs: Glyphs = UNICODE
    theme: Theme = AUTO
    thrifty: bool = False


PLAINLY = Look()


@dataclass(frozen=True, slots=True)
class View:
    """What is to be seen: the reader's choices in a situation, in some look.

    A frozen value: each key, and each change of the situation, makes a new one.
    """

    situation: Situation
    choice: Choice = Choice()
    look: Look = PLAINLY

    def choosing(self, **choices: Any) -> "View":
        """The view with these fields of Choice."""
        return replace(self, choice=replace(self.choice, **choices))

    def knowing(self, **facts: Any) -> "View":
        """The view with these fields of Situation."""
        return replace(self, situation=replace(self.situation, **facts))

    def looking(self, **looks: Any) -> "View":
        """The view with these fields of Look."""
        return replace(self, look=self.look._replace(**looks))


SORTS: dict[str, Callable[[Row], Any]] = {
    "module": lambda row: row.module,
    "times": lambda row: -row.count,
    "now": lambda row: -row.recent,
    "rate": lambda row: -(row.rate or 0.0),
    "start": lambda row: -row.since_start,
    "reason": lambda row: row.reason.label,
    "first": lambda row: -(row.first_seen if row.first_seen is not None else -1.0),
    "grew": lambda row: -(row.last_grew if row.last_grew is not None else -1.0),
}
"""By column; ties keep the order of the kernel's table (newest first)."""


def rows_shown(frame: Frame, view: View) -> list[Row]:
    """The rows that pass the filter, in the chosen order; fallen ones below the others."""
    wanted = view.choice.filter.lower()
    rows = [row for row in frame.rows if wanted in harmless(row.module).lower()]
    key = SORTS[view.choice.sort]
    rows.sort(key=key, reverse=view.choice.reverse)
    rows.sort(key=lambda row: row.fallen)
    return rows


def cursor_place(rows: list[Row], view: View) -> int:
    """Where the cursor's module stands now; the first row when it is gone."""
    return next((i for i, row in enumerate(rows) if row.module == view.choice.cursor), 0)


def window_of(frame: Frame, view: View) -> Window:
    """The chosen window, or the smallest that holds everything, an hour at most."""
    if view.choice.window is not None:
        return WINDOWS[view.choice.window]
    first = 1 if view.look.thrifty else 0  # a trend that moves seldom
    return next((w for w in WINDOWS[first:2] if frame.now <= (w.seconds or 0)), WINDOWS[2])
