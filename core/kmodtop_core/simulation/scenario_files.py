"""Scenario files: TOML, read (and written by `scenario_writing`).

They lie in samples/scenarios/, to be copied and edited. Whatever cannot be used
is reported with file, key and reason.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from .. import packaged
from ..errors import Exit, SourceError, Trouble
from .eras import ERAS
from .machines import KINDS, Machine
from .scenarios import ASKERS, FAULTS, MOST_CPUS, Module, Published, Requests, Scenario

_PACKAGE, _FOLDER = "kmodtop_core", "scenario_files"


def names() -> list[str]:
    """The scenarios that come with kmodtop, sorted."""
    found = packaged.names(_PACKAGE, _FOLDER)
    return [name.removesuffix(".toml") for name in found if name.endswith(".toml")]


def load(name: str) -> Scenario:
    """The scenario of that name, or in that file. Raises SourceError."""
    if os.path.isfile(name):
        with open(name, "rb") as file:
            return parse(file.read(_LARGEST_FILE + 1), name)
    if "/" not in name and (data := packaged.read(_PACKAGE, _FOLDER, f"{name}.toml")):
        return parse(data, f"{name}.toml")
    known = ", ".join(names())
    raise SourceError(
        Trouble("no-scenario", "no such scenario or file", f"there are {known}", name)
    )


def parse(data: bytes, path: str) -> Scenario:
    """The scenario in a TOML text. Raises SourceError naming file, key and reason."""
    if len(data) > _LARGEST_FILE:
        raise _wrong(path, "", f"is larger than {_LARGEST_FILE >> 20} MiB")
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError
        raise _wrong(path, "", f"is no TOML ({error})") from None
    return _Reader(path).scenario(table)


def _wrong(path: str, key: str, reason: str) -> SourceError:
    what = f"{key}: {reason}" if key else reason
    return SourceError(
        Trouble("bad-scenario", what, "see samples/scenarios", path), Exit.NO_STATISTICS
    )


_MOST = {
    "len": 1 << 30, "size": 1 << 30, "text": 1 << 30, "compressed_len": 1 << 30,
    "init_us": 1e9, "init_cpu_us": 1e5, "at_ms": 1e9, "spread_us": 1e9, "grace_ms": 1e6,
    "tasks": 1_000_000, "rounds": 1_000_000, "init_times": 1e4,
    **{name: 1e7 for name in (field.name for field in fields(Machine)) if name.endswith("_us")},
}  # fmt: skip
"""Beyond these nothing is a boot; a simulation of it would not end."""

_LONGEST_NAME = 55
"""Bytes (include/linux/moduleparam.h, MODULE_NAME_LEN)."""

_LARGEST_FILE = 4 << 20
_LEAST_RATE, _MOST_ASKED, _MOST_MODULES = 0.1, 10_000_000, 10_000

_RENAMED = {"vmalloc_limit_mib": "module_area_mib"}

_DEEPEST = 100
"""Dependencies in a row; the deepest of a distribution's kernel are about ten."""


class _Reader:
    """Builds a Scenario and remembers which file it is from."""

    def __init__(self, path: str) -> None:
        self._path = path

    def scenario(self, table: dict[str, Any]) -> Scenario:
        empty = {"machine": {}, "modules": [], "requests": [], "published": [], "title": ""}
        table = empty | table
        machine = self._build(Machine, self._kind(table["machine"]), "machine")
        modules = tuple(
            self._build(Module, entry, f"modules[{i}]")
            for i, entry in enumerate(self._list(table, "modules"))
        )
        requests = tuple(
            self._build(Requests, entry, f"requests[{i}]")
            for i, entry in enumerate(self._list(table, "requests"))
        )
        published = tuple(
            self._build(Published, entry, f"published[{i}]")
            for i, entry in enumerate(self._list(table, "published", least=0))
        )
        parts = {"machine": machine, "modules": modules, "requests": requests}
        parts["published"] = published
        one: Scenario = self._build(Scenario, table | parts, "")
        self._check(one)
        return one

    def _kind(self, table: Any) -> Any:
        """With the constants of its kind where it says nothing else."""
        if not isinstance(table, Mapping):
            raise _wrong(self._path, "machine", "must be a table")
        kind = table.get("kind", "bare-metal")
        self._one_of(kind, tuple(KINDS), "machine.kind")
        return KINDS[kind] | dict(table)

    def _list(self, table: dict[str, Any], key: str, least: int = 1) -> list[Any]:
        value = table[key]
        if isinstance(value, list) and len(value) > _MOST_MODULES:
            raise _wrong(self._path, key, f"must not be more than {_MOST_MODULES:,}")
        if not isinstance(value, list) or len(value) < least:
            raise _wrong(self._path, key, f"needs at least one [[{key}]]")
        return value

    def _build(self, kind: Any, table: Any, place: str) -> Any:
        if not isinstance(table, Mapping):
            raise _wrong(self._path, place, "must be a table")
        known = {field.name: field for field in fields(kind)}
        for key in table:
            if key not in known:
                new = _RENAMED.get(key)
                reason = f"is called {new} now" if new else "is not known"
                raise _wrong(self._path, _join(place, key), reason)
        values = {}
        for name, field in known.items():
            if name in table:
                values[name] = self._value(field.type, table[name], _join(place, name))
            elif field.default is MISSING and field.default_factory is MISSING:
                raise _wrong(self._path, _join(place, name), "is missing")
        return kind(**values)

    def _value(self, kind: Any, value: Any, place: str) -> Any:
        if type(value) is int and not abs(value) < 1 << 53:
            raise _wrong(self._path, place, "must not be so large")
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if kind == tuple[str, ...]:
            if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
                raise _wrong(self._path, place, "must be a list of names")
            return tuple(value)
        if kind == Mapping[str, int]:
            return self._counts(value, place)
        if kind in (int, float, str, bool):
            if type(value) is not kind:
                word = {
                    int: "a whole number",
                    float: "a number",
                    str: "a text",
                    bool: "true or false",
                }
                raise _wrong(self._path, place, f"must be {word[kind]}, not {value!r}")
            most = _MOST.get(place.rpartition(".")[2], 1e15)
            if kind in (int, float) and not 0 <= value <= most:
                raise _wrong(self._path, place, f"must not be {value}")
        return value

    def _counts(self, value: Any, place: str) -> dict[str, int]:
        if not isinstance(value, dict) or not all(type(v) is int for v in value.values()):
            raise _wrong(self._path, place, "must be a table of whole numbers")
        if not all(0 <= count < 1 << 32 for count in value.values()):
            raise _wrong(self._path, place, "must have counts from 0 on")
        return value

    def _check(self, scenario: Scenario) -> None:
        self._one_of(scenario.era, tuple(ERAS), "era")
        if not 1 <= scenario.cpus <= MOST_CPUS:
            raise _wrong(self._path, "cpus", f"must be from 1 to {MOST_CPUS:,}")
        rates = ("copy_mb_s", "total_copy_mb_s", "disk_mb_s", "decompress_mb_s", "reloc_mb_s")
        for name in rates:
            if getattr(scenario.machine, name) < _LEAST_RATE:
                raise _wrong(self._path, f"machine.{name}", f"must be at least {_LEAST_RATE}")
        if scenario.machine.jitter > 0.9:
            raise _wrong(self._path, "machine.jitter", "must be from 0 to 0.9")
        known = self._distinct(scenario.modules)
        for i, module in enumerate(scenario.modules):
            self._names(module.depends, known, f"modules[{i}].depends")
            self._names(module.before, known, f"modules[{i}].before")
            self._module(module, f"modules[{i}]")
            if module.fault:
                self._one_of(module.fault, FAULTS, f"modules[{i}].fault")
        self._no_circles(scenario)
        for i, group in enumerate(scenario.requests):
            self._check_requests(group, known, f"requests[{i}]")
        for i, entry in enumerate(scenario.published):
            self._one_of(entry.era, tuple(ERAS), f"published[{i}].era")

    def _check_requests(self, group: Requests, known: set[str], place: str) -> None:
        self._one_of(group.by, ASKERS, f"{place}.by")
        self._one_of(group.via, ("finit_module", "init_module"), f"{place}.via")
        self._names(group.modules, known, f"{place}.modules")
        asked = max(group.tasks, 1) * group.rounds * max(1, len(group.modules))
        if asked > _MOST_ASKED:
            raise _wrong(self._path, place, f"asks more than {_MOST_ASKED:,} times")
        if group.by == "autoload" and group.workers:
            raise _wrong(
                self._path, f"{place}.workers", "the kernel has 50 slots, whatever it says"
            )
        if not group.modules and group.by != "udev":
            raise _wrong(self._path, f"{place}.modules", "must name a module")

    def _module(self, module: Module, place: str) -> None:
        name = module.name
        if not name or not name.isprintable() or " " in name or len(name.encode()) > _LONGEST_NAME:
            raise _wrong(self._path, f"{place}.name", "is no name that a module can have")
        if module.fault == "compression" and not module.compressed_len:
            raise _wrong(self._path, f"{place}.fault", "compression needs a compressed_len")

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
