"""JSON Schemas (draft 2020-12) of every JSON output, each complete in itself.

report   kmodtop.report/1: a snapshot, the end of a recorded or simulated boot, a kernel log
gap      kmodtop.gap/1: a time without statistics in an exported recording
change   kmodtop.change/1: a change that follow tells of
diff     kmodtop.diff/1: what differs between two snapshots
check    kmodtop.check/1: a boot held against limits
compare  kmodtop.compare/1: a load under every era
"""

import json
from importlib.resources import files
from typing import Any

NAMES = ("report", "gap", "change", "diff", "check", "compare")
"""Of the schemas, without their version."""


def read(name: str) -> dict[str, Any]:
    """The schema of that name, one of NAMES."""
    text = files(__name__).joinpath(f"{name}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
