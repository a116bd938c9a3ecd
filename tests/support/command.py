"""kmodtop as a command, as scripts run it."""

import os
import subprocess
import sys

from support.samples import ROOT

ENV = os.environ | {"PYTHONPATH": f"{ROOT / 'core'}:{ROOT / 'tui'}", "PYTHONWARNINGS": "error"}
ENV |= {"XDG_CONFIG_HOME": "/nonexistent", "XDG_CONFIG_DIRS": "/nonexistent"}
"""Of nobody's settings."""


def kmodtop(*words, stdin=b"", cwd=None, program=("-m", "kmodtop"), **env):
    return subprocess.run(
        [sys.executable, *program, *words],
        input=stdin,
        capture_output=True,
        env=ENV | env,
        cwd=cwd,
        timeout=30,
        check=False,
    )
