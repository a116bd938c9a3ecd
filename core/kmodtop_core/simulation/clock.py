"""Simulated time: what happens when, and what only so many can hold at a time.

Discrete events in whole nanoseconds. A lock, a CPU or a disk is asked for by an
event, at the time of that event: none can be reserved for later, so that nobody
queues behind somebody who is not there yet. As events come in the order of time
and whoever asks first is served first, it is enough to keep when each is free.

Times are integers, and chance is drawn by random.Random.random() alone, whose
sequence Python promises to keep: the same on every machine.
"""

import random
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol

_SLICE_NS = 3_000_000
"""How long work runs before others have their turn (the kernel's base slice on 8 CPUs and more:
kernel/sched/fair.c, sysctl_sched_base_slice)."""


class Sleeper(Protocol):
    """Who waits for something. `work`: what is left of its work (nanoseconds), and what comes
    then; `has_core`: whether it runs, `slice`: for how long it may go on running, `goes_on`:
    whether it has found more to do."""

    work: tuple[int, "Handler"]
    has_core: bool
    slice: int
    goes_on: bool


Handler = Callable[..., None]
"""What happens, to the one who is handed over."""


class Clock:
    """Events in order of time. `now` is in nanoseconds, `planned` counts events ever planned."""

    def __init__(self, seed: int, jitter: float) -> None:
        self.now = 0
        self.planned = 0
        self.chance = random.Random(seed).random  # noqa: S311 - a simulation, not a secret
        self._jitter = jitter
        self._events: list[tuple[int, int, Handler, Sleeper]] = []

    def at(self, when: int, handler: Handler, who: Sleeper) -> None:
        """Plans an event."""
        self.planned += 1
        heappush(self._events, (when, self.planned, handler, who))

    def about(self, nanoseconds: float, part: float = 1.0) -> int:
        """A time that strays by the machine's jitter, or by that part of it."""
        return int(nanoseconds * (1 + part * self._jitter * (2 * self.chance() - 1)))

    def some(self, events: int) -> bool:
        """So many events; False when nothing is left to happen."""
        for _ in range(events):
            if not self._events:
                return False
            self.now, _, handler, who = heappop(self._events)
            handler(who)
        return bool(self._events)

    def run(self) -> None:
        """To the end."""
        events = self._events
        while events:
            self.now, _, handler, who = heappop(events)
            handler(who)

    def until(self, moment: int) -> bool:
        """Everything up to a moment (nanoseconds); False when nothing is left to happen."""
        while self._events and self._events[0][0] <= moment:
            self.some(1)
        self.now = max(self.now, moment)
        return bool(self._events)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to happen."""
        return not self._events


class Serial:
    """What one at a time can hold: a mutex, a spinlock, a disk, a daemon with one thread."""

    __slots__ = ("_clock", "_free")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free = 0

    def take(self, nanoseconds: int) -> int:
        """Asks for it now, to hold it so long; returns when it is given back."""
        self._free = max(self._clock.now, self._free) + nanoseconds
        return self._free


class Cpus:
    """The cores that a machine really has; a guest may have more CPUs than its host has cores.

    Whoever runs keeps its core until it sleeps, or until its slice is used up and others wait.
    """

    def __init__(self, clock: Clock, cores: int) -> None:
        self.number = cores
        self._clock = clock
        self._idle = cores
        self._queue: deque[Sleeper] = deque()

    def run(self, nanoseconds: int, then: Handler, who: Sleeper) -> None:
        """Work of that length, at once if `who` has a core or one is idle; then `then`."""
        who.work = nanoseconds, then
        if who.has_core:
            who.goes_on = True
            self._go_on(who)
        elif self._idle:
            self._idle -= 1
            self._start(who)
        else:
            self._queue.append(who)

    def wait(self, until: int, then: Handler, who: Sleeper) -> None:
        """Waits for a lock, or does what takes so long: on its core, as the kernel spins while the
        owner runs (kernel/locking/mutex.c), if that is not longer than its slice; else asleep."""
        if who.has_core and until - self._clock.now <= who.slice:
            who.slice -= until - self._clock.now
            who.goes_on = True
            who.work = 0, then
            self._clock.at(until, self._ended, who)
        else:
            self._clock.at(until, then, who)

    def _start(self, who: Sleeper) -> None:
        who.has_core, who.slice = True, _SLICE_NS
        self._go_on(who)

    def _go_on(self, who: Sleeper) -> None:
        """So much of the work as is left of the slice."""
        left, then = who.work
        if who.slice <= 0:
            if self._queue:
                self._queue.append(who)
                self._give_core(who)
                return
            who.slice = _SLICE_NS
        part = min(left, who.slice)
        who.slice -= part
        who.work = left - part, then
        self._clock.at(self._clock.now + part, self._ended, who)

    def _ended(self, who: Sleeper) -> None:
        left, then = who.work
        if left:
            self._go_on(who)
            return
        who.goes_on = False
        then(who)
        if not who.goes_on and who.has_core:
            self._give_core(who)

    def _give_core(self, who: Sleeper) -> None:
        """To whoever waits longest."""
        who.has_core = False
        if self._queue:
            self._start(self._queue.popleft())
        else:
            self._idle += 1
