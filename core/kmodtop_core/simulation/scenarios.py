"""Scenarios: a machine, its modules and who asks for them, read from TOML files.

They lie in samples/scenarios/, to be copied and edited. Whatever cannot be used
is reported with file, key and reason.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from ..errors import Exit, SourceError, Trouble
from .eras import ERAS

ASKERS = ("udev", "systemd", "autoload", "stress")
FAULTS = ("signature", "vermagic", "elf", "blacklist", "symbols", "init", "compression")
"""What can be wrong with a module: the first four are refused early, bad symbols late, a
failing init function counts nowhere, broken compression at stage decompress."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What takes how long. Times in microseconds, rates in MB/s (10^6 bytes a second).

    `check_us`: userspace looks whether a module is loaded; `open_us`: opens its file and calls
    the kernel; `mutex_us`: the kernel holds module_mutex; `wake_us`: one waiter is woken;
    `wake_spread_us`: it runs up to so much later (idle CPUs, virtual CPUs that are scheduled);
    `vmap_us`: the lock of the vmalloc area is held; `layout_us`: the final place is laid out;
    `copy_mb_s`: one CPU allocates and copies; `total_copy_mb_s`: all of them together;
    `reloc_mb_s`: relocation. `jitter`: how far each time
    strays, 0.3 is ±30%. `vmalloc_limit_mib`: 0 is none.
    """

    check_us: float = 25.0
    open_us: float = 60.0
    mutex_us: float = 2.0
    wake_us: float = 3.0
    wake_spread_us: float = 200.0
    vmap_us: float = 3.0
    layout_us: float = 40.0
    copy_mb_s: float = 2000.0
    total_copy_mb_s: float = 100000.0
    disk_mb_s: float = 1000.0
    disk_latency_us: float = 100.0
    decompress_mb_s: float = 500.0
    reloc_mb_s: float = 300.0
    jitter: float = 0.3
    memory_mib: int = 8192
    vmalloc_limit_mib: int = 0


@dataclass(frozen=True, slots=True)
class Module:
    """`len`: bytes of its image, which failures waste; `size` and `text`: bytes when loaded;
    `compressed_len`: bytes of its file if that is packed, 0 if not; `init_us`: how long its init
    function takes; `fault`: one of FAULTS, or empty."""

    name: str
    len: int
    size: int = 40960
    text: int = 16384
    compressed_len: int = 0
    init_us: float = 50.0
    depends: tuple[str, ...] = ()
    fault: str = ""


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
    spread_us: float = 40.0
    workers: int = 0
    check: bool = True
    unload: bool = False
    rounds: int = 1
    via: str = "finit_module"
    each: bool = False
    fold: bool = True


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


def folders() -> list[str]:
    """Where scenarios are looked for: in the installed package, then beside the source."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    beside = os.path.join(os.path.dirname(os.path.dirname(package)), "samples", "scenarios")
    return [os.path.join(package, "scenario_files"), beside]


def names() -> list[str]:
    """The scenarios that come with kmodtop, sorted."""
    found = {
        entry[:-5]
        for folder in folders()
        if os.path.isdir(folder)
        for entry in os.listdir(folder)
        if entry.endswith(".toml")
    }
    return sorted(found)


def load(name: str) -> Scenario:
    """The scenario of that name, or in that file. Raises SourceError."""
    for path in [name, *(os.path.join(folder, f"{name}.toml") for folder in folders())]:
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return parse(file.read(1 << 20), path)
    known = ", ".join(names())
    raise SourceError(
        Trouble("no-scenario", "no such scenario or file", f"there are {known}", name)
    )


def parse(data: bytes, path: str) -> Scenario:
    """The scenario in a TOML text. Raises SourceError naming file, key and reason."""
    try:
        table = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(path, "", f"is no TOML ({error})") from None
    return _Reader(path).scenario(table)


def _wrong(path: str, key: str, reason: str) -> SourceError:
    what = f"{key}: {reason}" if key else reason
    return SourceError(
        Trouble("bad-scenario", what, "see samples/scenarios", path), Exit.NO_STATISTICS
    )


_DEEPEST = 100
"""Dependencies in a row; the deepest of a distribution's kernel are about ten."""


class _Reader:
    """Builds a Scenario and remembers which file it is from."""

    def __init__(self, path: str) -> None:
        self._path = path

    def scenario(self, table: dict[str, Any]) -> Scenario:
        table = {"machine": {}, "modules": [], "requests": [], "title": ""} | table
        machine = self._build(Machine, table["machine"], "machine")
        modules = tuple(
            self._build(Module, entry, f"modules[{i}]")
            for i, entry in enumerate(self._list(table, "modules"))
        )
        requests = tuple(
            self._build(Requests, entry, f"requests[{i}]")
            for i, entry in enumerate(self._list(table, "requests"))
        )
        parts = {"machine": machine, "modules": modules, "requests": requests}
        one: Scenario = self._build(Scenario, table | parts, "")
        self._check(one)
        return one

    def _list(self, table: dict[str, Any], key: str) -> list[Any]:
        value = table[key]
        if not isinstance(value, list) or not value:
            raise _wrong(self._path, key, f"needs at least one [[{key}]]")
        return value

    def _build(self, kind: Any, table: Any, place: str) -> Any:
        if not isinstance(table, Mapping):
            raise _wrong(self._path, place, "must be a table")
        known = {field.name: field for field in fields(kind)}
        for key in table:
            if key not in known:
                raise _wrong(self._path, _join(place, key), "is not known")
        values = {}
        for name, field in known.items():
            if name in table:
                values[name] = self._value(field.type, table[name], _join(place, name))
            elif field.default is MISSING:
                raise _wrong(self._path, _join(place, name), "is missing")
        return kind(**values)

    def _value(self, kind: Any, value: Any, place: str) -> Any:
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if kind == tuple[str, ...]:
            if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
                raise _wrong(self._path, place, "must be a list of names")
            return tuple(value)
        if kind in (int, float, str, bool):
            if type(value) is not kind:
                word = {
                    int: "a whole number",
                    float: "a number",
                    str: "a text",
                    bool: "true or false",
                }
                raise _wrong(self._path, place, f"must be {word[kind]}, not {value!r}")
            if kind in (int, float) and not 0 <= value < 1e15:
                raise _wrong(self._path, place, f"must not be {value}")
        return value

    def _check(self, scenario: Scenario) -> None:
        self._one_of(scenario.era, tuple(ERAS), "era")
        if not 1 <= scenario.cpus <= 65536:
            raise _wrong(self._path, "cpus", "must be from 1 to 65,536")
        rates = ("copy_mb_s", "total_copy_mb_s", "disk_mb_s", "decompress_mb_s", "reloc_mb_s")
        for name in rates:
            if getattr(scenario.machine, name) <= 0:
                raise _wrong(self._path, f"machine.{name}", "must be more than 0")
        if scenario.machine.jitter > 0.9:
            raise _wrong(self._path, "machine.jitter", "must be from 0 to 0.9")
        known = self._distinct(scenario.modules)
        for i, module in enumerate(scenario.modules):
            self._names(module.depends, known, f"modules[{i}].depends")
            if module.fault:
                self._one_of(module.fault, FAULTS, f"modules[{i}].fault")
        self._no_circles(scenario)
        for i, group in enumerate(scenario.requests):
            self._one_of(group.by, ASKERS, f"requests[{i}].by")
            self._one_of(group.via, ("finit_module", "init_module"), f"requests[{i}].via")
            self._names(group.modules, known, f"requests[{i}].modules")
            if not group.modules:
                raise _wrong(self._path, f"requests[{i}].modules", "must name a module")

    def _distinct(self, modules: tuple[Module, ...]) -> set[str]:
        known: set[str] = set()
        for i, module in enumerate(modules):
            if module.name in known:
                raise _wrong(self._path, f"modules[{i}].name", f"{module.name!r} stands twice")
            known.add(module.name)
        return known

    def _one_of(self, value: str, allowed: tuple[str, ...], place: str) -> None:
        if value not in allowed:
            raise _wrong(self._path, place, f"must be one of {', '.join(allowed)}, not {value!r}")

    def _names(self, wanted: tuple[str, ...], known: set[str], place: str) -> None:
        for name in wanted:
            if name not in known:
                raise _wrong(self._path, place, f"there is no module {name!r} in this file")

    def _no_circles(self, scenario: Scenario) -> None:
        depends = {module.name: module.depends for module in scenario.modules}
        done: set[str] = set()

        def visit(name: str, above: tuple[str, ...]) -> None:
            if len(above) > _DEEPEST:
                raise _wrong(self._path, f"modules: {name}", "depends on too many in a row")
            if name in above:
                raise _wrong(self._path, f"modules: {name}", "depends on itself in a circle")
            if name not in done:
                for other in depends[name]:
                    visit(other, (*above, name))
                done.add(name)

        for name in depends:
            visit(name, ())


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
