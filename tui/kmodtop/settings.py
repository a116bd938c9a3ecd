"""What a person may settle once: a file of settings, and where each setting comes from.

What is on the command line wins, then the environment, the user's file, the system's.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from kmodtop_core.errors import SourceError
from kmodtop_core.machine import config_files
from kmodtop_core.units import UNITS

from . import values

DEFAULT = "default"
"""Where a setting comes from that nobody has settled."""


class Setting(NamedTuple):
    """`name`: as in the file, the table before a dot; `dest`: the word whose default it is, of
    the verbs that are named, or of all. `check` makes the value of what was written; it raises
    argparse.ArgumentTypeError."""

    name: str
    dest: str
    default: Any
    about: str
    check: Callable[[str], Any] | None = None
    verbs: tuple[str, ...] = ()

    def acts_in(self, verb: str) -> bool:
        """Whether it is of that verb, if the verb has such a word."""
        return not self.verbs or verb in self.verbs


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in words:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(words)}")
        return text

    return check


_INTERVAL_VERBS = ("watch", "follow", "check")
_THEME, _UNITS = _one_of(values.THEMES), _one_of(tuple(UNITS))

SETTINGS = (
    Setting("theme", "theme", "auto", f"colours: {', '.join(values.THEMES)}", _THEME),
    Setting("bytes", "bytes", "iec", f"how sizes are written: {', '.join(UNITS)}", _UNITS),
    Setting("ascii", "ascii", False, "nothing but ASCII characters"),
    Setting("no-color", "no_color", False, "no colours"),
    Setting("low-bandwidth", "low_bandwidth", False, "sends less to the terminal"),
    Setting("interval", "interval", 1.0, "seconds between readings, of watch, follow and check",
            values.interval, _INTERVAL_VERBS),
    Setting("listen", "listen", values.listen("127.0.0.1:9922"), "address and port of exporter",
            values.listen),
    Setting("limits.max-wasted", "max_wasted", None, "of check: bytes wasted, as 100MiB",
            values.limit_size),
    Setting("limits.max-failures", "max_failures", None, "of check: loads failed", values.limit),
    Setting("limits.max-duplicates", "max_duplicates", None, "of check: of these duplicates",
            values.limit),
    Setting("limits.max-rate", "max_rate", None, "of check: bytes wasted a second, as 1MiB/s",
            values.limit_rate),
)  # fmt: skip
"""In the order in which they are printed."""

LIMITS = tuple(one.dest for one in SETTINGS if one.name.startswith("limits."))
"""Words of the limits of check."""

HOSTS = "hosts"
"""The table of groups of hosts: each a list of sources, for --hosts."""


class Settled(NamedTuple):
    """A value as it was written, what was made of it, and where it comes from."""

    written: Any
    value: Any
    origin: str


class Settings(NamedTuple):
    """All that was settled: by name of a setting, and groups of hosts."""

    found: Mapping[str, Settled]
    hosts: Mapping[str, Settled]

    def defaults(self, verb: str) -> dict[str, Any]:
        """Of the words of a verb, for those that somebody has settled."""
        return {
            setting.dest: self.found[setting.name].value
            for setting in SETTINGS
            if setting.name in self.found and setting.acts_in(verb)
        }


def settings(
    named: str | None, environ: Mapping[str, str], tell: Callable[[str], None] | None = None
) -> Settings:
    """What stands in the file that was named, or in the system's and the user's.

    Raises SourceError where one of them cannot be used; where nobody has named it, and `tell` is
    given, that gets the reason, and the rest is used.
    """

    def refuse(error: SourceError) -> None:
        if named is not None or tell is None:
            raise error
        tell(str(error))

    places = config_files.places(environ) if named is None else [config_files.Place(named)]
    found: dict[str, Settled] = {}
    hosts: dict[str, Settled] = {}
    for place in places:
        try:
            table = config_files.read(place)
        except SourceError as error:
            refuse(error)
            continue
        if table is None and named is not None:
            raise _wrong(named, "", "no such file", "kmodtop config prints one")
        for name, value in _flat(table or {}):
            try:
                if name.startswith(f"{HOSTS}."):
                    hosts[name.removeprefix(f"{HOSTS}.")] = _group(place.path, name, value)
                else:
                    found[name] = _settled(place.path, name, value)
            except SourceError as error:
                refuse(error)
    if environ.get("NO_COLOR"):
        found["no-color"] = Settled(True, True, "NO_COLOR in the environment")
    return Settings(found, hosts)


def groups(named: str | None) -> dict[str, list[str]]:
    """The sources of each group of hosts. Raises SourceError."""
    return {name: list(group.value) for name, group in settings(named, os.environ).hosts.items()}


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Settings of tables as table.name; a table is never a value."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", found) for inner, found in value.items())
        else:
            yield name, value


def _settled(path: str, name: str, value: Any) -> Settled:
    setting = next((one for one in SETTINGS if one.name == name), None)
    if setting is None:
        known = ", ".join(one.name for one in SETTINGS)
        raise _wrong(path, name, "there is no such setting", f"there are {known}, and {HOSTS}")
    if setting.check is None:
        if not isinstance(value, bool):
            raise _wrong(
                path, name, f"{_brief(value)} is neither true nor false", "write one of them"
            )
        return Settled(value, value, path)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong(path, name, f"{_brief(value)} is no such value", setting.about)
    try:
        return Settled(value, setting.check(str(value)), path)
    except argparse.ArgumentTypeError as error:
        raise _wrong(path, name, str(error), setting.about) from None
    except (ValueError, OverflowError):
        raise _wrong(path, name, f"{_brief(value)} is out of all bounds", setting.about) from None


def _brief(value: Any) -> str:
    """As much of a value as a sentence bears."""
    try:
        text = repr(value)
    except ValueError:  # a number of more digits than Python writes
        return "that number"
    return text if len(text) <= 40 else f"{text[:39]}…"


def _group(path: str, name: str, value: Any) -> Settled:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise _wrong(path, name, "is no list of hosts", 'write ["ssh://a", "ssh://b"]')
    return Settled(value, [values.source(one) for one in value], path)


def _wrong(path: str, name: str, what: str, fix: str) -> SourceError:
    told = f"{name}: {what}" if name else what
    return config_files.unusable(path, told, fix)
