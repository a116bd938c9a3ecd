"""Pieces of evidence: named as the files of a bundle, read into one value.

A bundle, a recording and this machine give the same pieces; none is trusted, and one
that cannot be read is as good as none.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ...machine.aliases import AliasTable
from ...plain import harmless
from .devices import Devices, read_devices
from .kernel_log import KernelLog, read_log

if TYPE_CHECKING:
    from ...tracing.requests import Requests

_MOST_SIZE = 1 << 32
_NAME = re.compile(r"^(\S{1,64}) \d+ ")
_PROPERTY = re.compile(r"^(\w{1,60})=(.{0,120})$", re.MULTILINE)


class Evidence(NamedTuple):
    """What is known beside the texts. None: nothing is.

    `sizes`: bytes of the modules' images; `is_plain`: no file of these is packed. `live`: modules
    that are loaded. `milestones`: what systemd reached when, in seconds since boot. `options`:
    whether the kernel was built with them. `simulated`: who asks for each module of a simulated
    boot. `pieces`: what there is. `requests`: what was told while it happened.
    """

    devices: Devices | None = None
    log: KernelLog | None = None
    sizes: Mapping[str, int] = {}
    is_plain: bool = False
    live: frozenset[str] | None = None
    milestones: tuple[tuple[str, float], ...] = ()
    options: Mapping[str, bool] = {}
    kernel: str | None = None
    kmod: str | None = None
    cpus: int | None = None
    simulated: Mapping[str, tuple[str, ...]] = {}
    pieces: tuple[str, ...] = ()
    requests: "Requests | None" = None


NO_EVIDENCE = Evidence()

SIMULATED = "simulated.json"
"""The piece that only a simulated boot has; no bundle and no host can bring it."""


def read_evidence(pieces: Mapping[str, bytes]) -> Evidence:
    """All of it as one value."""
    table = AliasTable(*(_text(pieces, f"modules.{n}") for n in ("alias", "dep", "softdep")))
    told = _object(pieces.get("meta.json", b""))
    cpus = told.get("cpus")
    return Evidence(
        devices=read_devices(pieces["modaliases.json"], table)
        if "modaliases.json" in pieces
        else None,
        log=read_log(pieces["kmsg.txt"]) if "kmsg.txt" in pieces else None,
        sizes=_sizes(_object(pieces.get("sizes.json", b""))),
        is_plain=_is_plain(_object(pieces.get("sizes.json", b""))),
        live=_live(_text(pieces, "modules.txt")) if "modules.txt" in pieces else None,
        milestones=tuple(_milestones(_text(pieces, "systemd.txt"))),
        options={k: v for k, v in _dict(told.get("options")).items() if type(v) is bool},
        kernel=_word(told.get("kernel")),
        kmod=_word(told.get("kmod")),
        cpus=cpus if type(cpus) is int and 0 < cpus < 1 << 20 else None,
        simulated=_askers(_object(pieces.get(SIMULATED, b""))),
        pieces=tuple(sorted(pieces)),
        requests=_requests(pieces),
    )


def _requests(pieces: Mapping[str, bytes]) -> "Requests | None":
    """From the pieces that tell it."""
    if not {"trace.txt", "opens.jsonl"} & pieces.keys():
        return None
    from ...tracing.requests import Requests, heard_of  # only here: few bring any

    found = Requests()
    for piece, data in heard_of(pieces):
        found.hear(piece, data)
    return found


def _text(pieces: Mapping[str, bytes], name: str) -> str:
    return pieces.get(name, b"").decode("utf-8", "replace")


def _object(data: bytes) -> dict[str, object]:
    import json  # only here: a report of a text has no use for it

    try:
        return _dict(json.loads(data or b"{}"))
    except (ValueError, RecursionError):
        return {}


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str | None:
    return harmless(value)[:80] if isinstance(value, str) and value else None


def _askers(told: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    return {
        module: tuple(by for by in askers if isinstance(by, str))
        for module, askers in told.items()
        if isinstance(askers, list)
    }


def _sizes(told: Mapping[str, object]) -> dict[str, int]:
    found = {}
    for module, entry in told.items():
        size = _dict(entry).get("size") if isinstance(entry, dict) else entry
        if type(size) is int and 0 < size < _MOST_SIZE:
            found[module] = size
    return found


def _is_plain(told: Mapping[str, object]) -> bool:
    paths = [str(_dict(entry).get("path", "")) for entry in told.values()]
    return bool(paths) and all(path.endswith(".ko") for path in paths)


def _live(text: str) -> frozenset[str] | None:
    """From /proc/modules; a list without a module is none."""
    return frozenset(m[1] for line in text.splitlines() if (m := _NAME.match(line))) or None


_MILESTONES = {
    "UserspaceTimestampMonotonic": "userspace",
    "FinishTimestampMonotonic": "startup finished",
}


def _milestones(text: str) -> list[tuple[str, float]]:
    """From `systemctl show`: of the manager, and of units, an empty line between two."""
    found: dict[str, float] = {}
    for block in text.split("\n\n"):
        told = dict(_PROPERTY.findall(block))
        for name, words in _MILESTONES.items():
            _add(found, words, told.get(name))
        if unit := harmless(told.get("Id", "")):
            _add(found, unit, told.get("ActiveEnterTimestampMonotonic"))
    return sorted(found.items(), key=lambda entry: entry[1])


def _add(found: dict[str, float], words: str, value: str | None) -> None:
    if value and value.isascii() and value.isdigit() and 0 < len(value) < 16 and int(value):
        found[words] = int(value) / 1e6
