"""When what is built was written: so that builds of one commit come out the same.

See reproducible-builds.org, SOURCE_DATE_EPOCH.
"""

import os
import subprocess
from pathlib import Path


def epoch(root: Path) -> int | None:
    """Unix seconds of SOURCE_DATE_EPOCH, else of the last commit; None where nobody knows."""
    told = os.environ.get("SOURCE_DATE_EPOCH") or _committed(root)
    return int(told) if told else None


def _committed(root: Path) -> str:
    words = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
