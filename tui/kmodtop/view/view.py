"""What is to be seen: the reader's choices, and the situation in which they are made."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from kmodtop_core.diagnosis.finding import Answer
from kmodtop_core.errors import Trouble
from kmodtop_core.sources.base import Means
from kmodtop_core.stats.values import STAGES
from kmodtop_core.tracking.frame import Frame

from .theme import AUTO, UNICODE, Glyphs, Theme

if TYPE_CHECKING:
    from kmodtop_core.recording.reading import Storm
    from kmodtop_core.reports.doctor import Condition
    from kmodtop_core.simulation.compare import Run
    from kmodtop_core.simulation.scenarios import Published


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
    DOCTOR = "doctor"


class Window(NamedTuple):
    """A span of the chart in seconds; None is everything since the start."""

    name: str
    seconds: float | None


WINDOWS = (Window("1 min", 60), Window("10 min", 600), Window("1 h", 3600), Window("all", None))
STAGE_CHOICES = ("all", *(stage.name for stage in (*STAGES[2:], *STAGES[:2])))
"""Those at which modules fail most are the first."""


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
    def real(self) -> "Published | None":
        """What a real machine has shown under that era, where that was published."""

    @property
    def speed(self) -> float:
        """How fast it is played."""

    @property
    def runs(self) -> "list[Run]":
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
    """What is shown of a simulated boot. `runs`: its end under every era, once it is over; `real`:
    what a real machine of that kind has shown, where that was published."""

    era: str
    speed: float
    paused: bool = False
    runs: "tuple[Run, ...]" = ()
    asked_by: tuple[tuple[str, int], ...] = ()
    folded: int = 0
    folded_autoloads: int = 0
    real: "Published | None" = None


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
        player.real,
    )


@dataclass(frozen=True, slots=True)
class Deck:
    """Where on a recording the reader is. Moments are seconds since boot.

    `twin`: the recording is that of a live view, which continues meanwhile. `storms` are all of
    the boot's, also later ones. `boot`, from 1, is the one shown of `boots`.
    """

    begin: float
    end: float
    position: float
    paused: bool
    speed: float
    storms: "tuple[Storm, ...]" = ()
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

    `frozen`: the frame shown instead of the latest. `only`: modules to which the table is held,
    those of the finding `only_of`. `order`: of the rows, as they were last sorted, at `ordered_at`
    of the tracker's time line. `per_second` None chooses by what there is. `finding`: the place
    of the one that is looked at. `host`: the line of the host that was opened; `hosts_filter`
    and `hosts_reverse` are what is chosen for their list, while one is looked at.
    """

    page: Page = Page.MAIN
    back: Page = Page.MAIN
    sort: str = "wasted"
    reverse: bool = False
    filter: str = ""
    only: tuple[str, ...] = ()
    only_of: str = ""
    order: tuple[str, ...] = ()
    ordered_at: float = 0.0
    cursor: str | None = None
    top: int = 0
    scroll: int = 0
    finding: int = 0
    window: int = len(WINDOWS) - 1
    per_second: bool | None = None
    stage: str = "all"
    frozen: Frame | None = None
    host_sort: str = "verdict"
    host: int = 0
    hosts_filter: str = ""
    hosts_reverse: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """In which the reader chooses.

    `deck`: where on a recording it stands, None while live. `note` is a passing message,
    `overdue` seconds without an answer from the source, `recording` the file that is written,
    `hosts` how many sources there are, `answer` what diagnosis says of what is shown, `checks`
    what kmodtop doctor says of a source that cannot be read.
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
    checks: "tuple[Condition, ...]" = ()


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


def window_of(view: View) -> Window:
    """The chosen one."""
    return WINDOWS[view.choice.window]
