"""Scenarios written as TOML, to be read, edited and shared (see `scenario_files`)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

from ..plain import harmless
from .machines import KINDS
from .scenarios import Scenario


def dumps(scenario: Scenario, notes: Iterable[str] = ()) -> str:
    """The scenario as TOML, which parse() reads as the same again. `notes` stand before it."""
    lines = [f"# {harmless(note)}".rstrip() for note in notes]
    lines += [""] if lines else []
    lines += [
        f"{key} = {_toml(getattr(scenario, key))}" for key in ("name", "title", "era", "cpus")
    ]
    lines += ["", "modules = ["]
    lines += [f"    {_inline(module)}," for module in scenario.modules]
    lines += ["]", "", "[machine]", *_pairs(scenario.machine, KINDS[scenario.machine.kind])]
    for requests in scenario.requests:
        lines += ["", "[[requests]]", *_pairs(requests, {})]
    for entry in scenario.published:
        lines += ["", "[[published]]", *_pairs(entry, {})]
    return "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    return "{ " + ", ".join(_pairs(value, {})) + " }"


def _pairs(value: Any, usual: Mapping[str, Any]) -> Iterator[str]:
    """What differs from the defaults; the kind of a machine always stands there."""
    for entry in fields(value):
        own = getattr(value, entry.name)
        default = {} if entry.default_factory is not MISSING else entry.default
        if entry.name == "kind" or own != usual.get(entry.name, default):
            yield f"{entry.name} = {_toml(own)}"


def _toml(value: Any) -> str:
    """A value of TOML 1.0."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(own)}" for key, own in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(own) for own in value) + "]"
    if isinstance(value, str):
        return f'"{"".join(map(_character, value))}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _character(char: str) -> str:
    """Of a basic string: whatever cannot be printed is escaped."""
    return char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08x}"
