"""Recordings as OpenMetrics with times, read back."""

from kmodtop_core.metrics.backfill import Part, backfill
from kmodtop_core.recording.reading import Recording
from kmodtop_core.sample import Host, Instant
from support.points import times_of
from support.recordings import record
from support.samples import dup, sample, stats

BIG = Host("big", "6.12.9", 255, "b-1")
BOOTED = 1_700_000_000.0
"""Unix seconds at which support.samples lets its machines boot."""

KVM = "kmod_duplicate_loads_total", (("module", "kvm"),)
LOADS = "kmod_loads_total", ()
UP = "kmodtop_up", ()


def at(uptime, what, host=BIG, **more):
    """A sample of a machine."""
    return sample(uptime, what, host, **more)


def kvm(times, **counters):
    """Statistics in which a module failed so often."""
    return stats(dup("kvm", times), **counters)


def boot(number, times, name="big", booted=0.0):
    """Two looks at a boot, which began so many seconds after BOOTED."""
    host = Host(name, "6.12.9", 4, f"b-{number}")
    for uptime in (5, 50):
        moment = Instant(uptime, BOOTED + booted + uptime)
        yield sample(uptime, kvm(times), host)._replace(at=moment)


def text_of(*paths, **how):
    """Of recordings, in that order of their boots' ids."""
    recordings = [(path.stem, Recording(str(path))) for path in paths]
    parts = [Part(name, one, boot) for name, one in recordings for boot in one.boots()]
    parts.sort(key=lambda part: str(part.key))
    try:
        return "".join(backfill(parts, "0.1", **how))
    finally:
        for _, one in recordings:
            one.close()


def of_files(*paths, **how):
    """{(name, labels): [(Unix seconds, value)]} of recordings."""
    return times_of(text_of(*paths, **how))


def without_instance(found):
    """The same of one machine, without the label that says which."""
    return {
        (name, tuple(pair for pair in labels if pair[0] != "instance")): values
        for (name, labels), values in found.items()
    }


def told(path, *items, **how):
    """Of a recording of those, in seconds since boot."""
    record(str(path), *items)
    found = without_instance(of_files(path, **how))
    return {
        key: [(round(when - BOOTED, 3), value) for when, value in values]
        for key, values in found.items()
    }
