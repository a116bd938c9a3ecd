"""Scenarios: a machine, its modules and who asks for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .machines import Machine

MOST_CPUS = 65_536
"""That can be simulated."""

ASKERS = ("udev", "systemd", "autoload", "stress")
FAULTS = (
    "signature", "vermagic", "elf", "blacklist", "symbols", "init", "compression", "empty", "busy",
)  # fmt: skip
"""What can be wrong with a module: the first four are refused early, bad symbols late, a
failing init function counts nowhere, broken compression at stage decompress, an empty file and one
that is open for writing at stage kread."""


@dataclass(frozen=True, slots=True)
class Module:
    """`len`: bytes of its image, which failures waste; `size` and `text`: bytes when loaded;
    `compressed_len`: bytes of its file if that is packed, 0 if not; `init_us`: how long its init
    function takes, `init_cpu_us`: how much longer for each CPU, as one that makes a work queue
    does; `depends`: what it needs; `before`: what is to be loaded before it, if that can be loaded
    (a soft dependency); `fault`: one of FAULTS, or empty."""

    name: str
    len: int
    size: int = 40960
    text: int = 16384
    compressed_len: int = 0
    init_us: float = 50.0
    init_cpu_us: float = 0.0
    depends: tuple[str, ...] = ()
    fault: str = ""
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requests:
    """Who asks for what: `tasks` times (0: once for each CPU), from `at_ms` on, one task every
    `spread_us`; each task asks for `modules` in order.

    `workers`: tasks at a time, 0 for what the asker would use. `check`: whether userspace looks
    first if a module is loaded. `unload`: each task unloads what it loaded, `rounds` times.
    `via`: finit_module, or init_module for userspace that unpacks by itself. `each`: a task
    asks for one of the modules instead of all, as threads that share a list do.
    `fold`: the kernel folds its own duplicate requests (CONFIG_MODULE_DEBUG_AUTOLOAD_DUPS).
    """

    by: str
    modules: tuple[str, ...]
    tasks: int = 0
    at_ms: float = 0.0
    spread_us: float = 0.0
    workers: int = 0
    check: bool = True
    unload: bool = False
    rounds: int = 1
    via: str = "finit_module"
    each: bool = False
    fold: bool = True


@dataclass(frozen=True, slots=True)
class Published:
    """What a real machine of that kind has shown under an era: failures at becoming and at load,
    bytes wasted; `duplicates`: its table, newest first; `source`: who says so.

    A figure that is not known is -1; `about`: those that are known are read off something.
    """

    era: str
    source: str
    failed_becoming: int = -1
    failed_load_modules: int = -1
    wasted_bytes: int = -1
    about: bool = False
    duplicates: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named load. `era` is the one it was measured under."""

    name: str
    title: str
    era: str
    cpus: int
    machine: Machine
    modules: tuple[Module, ...]
    requests: tuple[Requests, ...]
    published: tuple[Published, ...] = ()

    def shown(self, era: str, cpus: int) -> Published | None:
        """What a real machine has shown under that era, if it had as many CPUs."""
        found = (entry for entry in self.published if entry.era == era)
        return next(found, None) if cpus == self.cpus else None

    def packed(self, ratio: float) -> "Scenario":
        """With every module packed to so much of its length."""
        modules = tuple(replace(m, compressed_len=max(1, int(m.len * ratio))) for m in self.modules)
        return replace(self, modules=modules)

    def unpacked(self) -> "Scenario":
        """With no module packed."""
        return replace(
            self, modules=tuple(replace(module, compressed_len=0) for module in self.modules)
        )

    @property
    def is_packed(self) -> bool:
        """Whether any of its modules is packed."""
        return any(module.compressed_len for module in self.modules)

    def without(self, names: Iterable[str]) -> "Scenario":
        """After `blacklist` lines of modprobe.d(5): udev's aliases lead to these modules no longer,
        and the kernel's own neither; who asks by name gets them, as does what needs them.
        """
        gone = set(names)
        left = []
        for requests in self.requests:
            if requests.by in ("udev", "autoload"):
                wanted = tuple(name for name in requests.modules if name not in gone)
                requests = replace(requests, modules=wanted)
            if requests.modules or requests.by == "udev":  # a uevent is handled all the same
                left.append(requests)
        return replace(self, requests=tuple(left))

    def askers(self) -> dict[str, list[str]]:
        """Who asks for each module, itself or as something that another needs."""
        needs = {module.name: module.depends for module in self.modules}
        found: dict[str, set[str]] = {}
        for requests in self.requests:
            todo, seen = list(requests.modules), set[str]()
            while todo:
                name = todo.pop()
                if name not in seen:
                    seen.add(name)
                    todo.extend(needs.get(name, ()))
                    found.setdefault(name, set()).add(requests.by)
        return {name: sorted(by) for name, by in found.items()}
