"""kmodtop config: each setting and where it comes from, as a file of settings."""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

from kmodtop_core.errors import Exit
from kmodtop_core.machine.config_files import places
from kmodtop_core.plain import harmless

from ..settings import DEFAULT, HOSTS, SETTINGS, Setting, Settings, settings

_WIDE = 26
"""Cells of a setting, before the remark that says where it comes from."""


def run(args: argparse.Namespace) -> int:
    """Prints TOML that --config takes: what nobody has settled is a remark."""
    found = settings(args.config, os.environ)
    named = [args.config] if args.config else [place.path for place in places(os.environ)]
    sys.stdout.write("".join(f"{line}\n" for line in _lines(found, named)))
    return Exit.DONE


def _lines(found: Settings, named: list[str]) -> Iterator[str]:
    for path in named:
        there = "" if os.path.exists(path) else ", which does not exist"
        yield f"# {harmless(path)}{there}"
    table = ""
    for setting in SETTINGS:
        if (begun := setting.name.rpartition(".")[0]) != table:
            table = begun
            yield from ("", f"[{table}]")
        yield from _setting(setting, found)
    yield from ("", f"[{HOSTS}]")
    if not found.hosts:
        yield '# rack = ["ssh://root@a", "b"]'.ljust(_WIDE) + "  # kmodtop watch --hosts rack"
    for name, group in found.hosts.items():
        yield f"{_toml(name)} = {_toml(group.written)}  # {harmless(group.origin)}"


def _setting(setting: Setting, found: Settings) -> Iterator[str]:
    name = setting.name.rpartition(".")[2]
    settled = found.found.get(setting.name)
    if settled is not None:
        line = f"{name} = {_toml(settled.written)}"
        yield f"{line.ljust(_WIDE)}  # {harmless(settled.origin)}"
    elif setting.default is None:
        yield f"# {name} =".ljust(_WIDE) + f"  # not set; {setting.about}"
    else:
        line = f"# {name} = {_toml(setting.default)}"
        yield f"{line.ljust(_WIDE)}  # {DEFAULT}; {setting.about}"


def _toml(value: Any) -> str:
    """As TOML writes it: of text, numbers and lists as JSON does (toml.io, Basic strings)."""
    if isinstance(value, tuple):  # where to listen
        host, port = value
        return json.dumps(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    return _PAIR.sub(_whole, json.dumps(value))


_PAIR = re.compile(r"\\u(d[89ab]..)\\u(d[c-f]..)")
"""A character that JSON spells in two halves, which TOML does not know."""


def _whole(match: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in match.groups())
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00:08x}"
