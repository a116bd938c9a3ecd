"""From one reading to the next: deltas, wraps, resets.

Counters only grow within a boot. One that fell is a new boot, a wrap of the
kernel's 32 bits, or a byte counter to which an absurd length was added.
"""

from typing import NamedTuple

from ..stats.block import Warning
from ..stats.values import COUNTERS, STAGES, U32, ULONG, ModuleStats

_BYTES_OF = {stage.bytes: stage.failures for stage in STAGES}
_U32_COUNTS = {"modcount", *(stage.failures for stage in STAGES)}


class Change(NamedTuple):
    """What moved between two readings of one boot: only counters that changed, signed.

    `wrapped` names those that passed the end of their word.
    """

    deltas: dict[str, int]
    wrapped: tuple[str, ...] = ()


NO_CHANGE = Change({})


def change(old: ModuleStats, new: ModuleStats) -> Change:
    """The step from `old` to `new`, wraps counted forward."""
    steps = {name: step(name, old.counter(name), new.counter(name)) for name in COUNTERS}
    return Change(
        {name: delta for name, (delta, _) in steps.items() if delta},
        tuple(name for name, (_, wrapped) in steps.items() if wrapped),
    )


def step(name: str, old: int, new: int) -> tuple[int, bool]:
    """(delta, whether the counter wrapped). A delta below 0 is a counter that fell."""
    if new >= old:
        return new - old, False
    for modulus in (U32,) if name in _U32_COUNTS else (U32, ULONG):
        forward = (new - old) % modulus
        if old < modulus and forward < modulus // 2:
            return forward, True
    return new - old, False


def reset_reason(old: ModuleStats, new: ModuleStats, moved: Change) -> str | None:
    """Why `new` is of another boot than `old`, by the counters alone; None if it need not be."""
    for name, delta in moved.deltas.items():
        if delta >= 0:
            continue
        count = _BYTES_OF.get(name)
        if count is not None and moved.deltas.get(count, 0) > 0:
            continue  # an absurd length was added (init_module with a huge size)
        return f"{name} fell from {old.counter(name)} to {new.counter(name)}"
    return None


def wrap_warning(moved: Change) -> list[Warning]:
    """Tells which counters wrapped."""
    if not moved.wrapped:
        return []
    names = ", ".join(moved.wrapped)
    return [
        Warning(
            "counter-wrap", f"{names} passed the end of the kernel's word and restarted from 0."
        )
    ]
