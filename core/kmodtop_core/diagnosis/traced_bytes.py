"""Which module wasted how much, where each of its failures was traced with its bytes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from .module_bytes import EXACT, ModuleBytes

if TYPE_CHECKING:
    from .askers import Heard


class _Sum(NamedTuple):
    times: int = 0
    early: int = 0
    late: int = 0


def traced_bytes(heard: "Heard | None", rows: Mapping[str, int]) -> list[ModuleBytes] | None:
    """What each module of the table wasted, most first; `rows`: how often each failed.

    None unless all of it was traced: then the figures are the kernel's own, module by module.
    """
    if heard is None or not heard.told.is_whole or dict(heard.modules) != dict(rows):
        return None
    sums: dict[str, _Sum] = {}
    for request in heard.told.failed:
        load = request.load
        if not load.is_duplicate:
            continue
        if load.wasted is None:
            return None
        before = sums.get(load.module or "?", _Sum())
        is_late = load.is_late
        early, late = (0, load.wasted) if is_late else (load.wasted, 0)
        sums[load.module or "?"] = _Sum(before.times + 1, before.early + early, before.late + late)
    found = [
        ModuleBytes((module,), s.early + s.late, s.early, s.late, EXACT)
        for module, s in sums.items()
    ]
    return sorted(found, key=lambda entry: (-entry.bytes, entry.modules)) or None
