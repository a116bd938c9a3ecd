"""How long to wait between readings: shorter while counters move, longer while all is quiet."""

from ..sample import Item, Sample

SLOWEST_S = 2.0
"""Seconds between readings at most, for who records and has let nothing else be chosen."""


class Pace:
    """Seconds between readings: `interval` while texts change, then ever more up to `slowest`."""

    def __init__(self, interval: float, slowest: float | None) -> None:
        self._interval, self._slowest = interval, max(slowest or interval, interval)
        self._wait = interval
        self._last: bytes | None = None

    def after(self, item: Item) -> float:
        """Seconds to wait after that item."""
        text = item.text if isinstance(item, Sample) else None
        moved = text is not None and text != self._last
        self._wait = self._interval if moved else min(self._slowest, self._wait * 1.5)
        self._last = text
        return self._wait
