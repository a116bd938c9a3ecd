"""The table of all metrics. Names, types and help never vary: dashboards and alerts rely on them.

Names follow OpenMetrics 1.0: a counter is called without its `_total` here, and one with a unit
ends in that.
"""

from typing import NamedTuple

COUNTER, GAUGE, INFO = "counter", "gauge", "info"


class Family(NamedTuple):
    """Metrics of one name. `labels`: those that they have, besides `instance`."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""

    @property
    def sample(self) -> str:
        """What its values are called: a counter's end in _total, those of an info in _info."""
        return self.name + {COUNTER: "_total", INFO: "_info"}.get(self.kind, "")


FAMILIES = (
    Family("kmod_loads", COUNTER, "Modules loaded since boot."),
    Family("kmod_loaded_bytes", COUNTER,
           "Bytes that loaded modules took, since boot.", unit="bytes"),
    Family("kmod_loaded_text_bytes", COUNTER,
           "Bytes of these that are code.", unit="bytes"),
    Family("kmod_load_failures", COUNTER,
           "Loads that failed since boot, by the stage at which they did.", ("stage",)),
    Family("kmod_load_wasted_bytes", COUNTER,
           "Bytes of virtual memory allocated for loads that failed, since boot.", ("stage",),
           "bytes"),
    Family("kmod_duplicate_loads", COUNTER,
           "Loads that failed since boot because the module was already there.", ("module",)),
    Family("kmod_duplicate_reason", GAUGE,
           "1 for each stage at which duplicates of the module failed.", ("module", "reason")),
    Family("kmod_duplicate_table_rows", GAUGE,
           "Modules in the kernel's table of duplicates."),
    Family("kmod_duplicate_table_truncated", GAUGE,
           "1 where the kernel cut its table of duplicates, 0 where it is whole."),
    Family("kmod_text_warnings", GAUGE,
           "1 for each thing that is odd about the kernel's text.", ("code",)),
    Family("kmod_boot_time_seconds", GAUGE,
           "When the machine was booted, in seconds since 1970.", unit="seconds"),
    Family("kmod_finding", GAUGE,
           "1 for each finding about who asked for modules, by how sure it is.",
           ("rule", "confidence")),
    Family("kmodtop", INFO,
           "The version of kmodtop, the kernel and how that treats duplicates.",
           ("version", "kernel", "era")),
    Family("kmodtop_up", GAUGE, "1 where the statistics could be read, 0 where not."),
    Family("kmodtop_unreadable", GAUGE,
           "1 for what keeps the statistics from being read.", ("code",)),
    Family("kmodtop_reads", COUNTER, "Readings of the statistics since kmodtop started."),
    Family("kmodtop_read_seconds", COUNTER,
           "Seconds that these took, for which the kernel holds its module mutex.",
           unit="seconds"),
)  # fmt: skip
"""In the order in which they are written."""

BY_NAME = {family.name: family for family in FAMILIES}
