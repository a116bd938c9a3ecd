"""kmodtop completion: a script for the shell, made when kmodtop was built."""

import argparse
import sys

from kmodtop_core import packaged
from kmodtop_core.errors import Exit, SourceError, Trouble


def run(args: argparse.Namespace) -> int:
    """Prints it. Raises SourceError where kmodtop was built without it, or never."""
    script = packaged.read("kmodtop", "completion_files", args.shell)
    if script is None:
        what = "has no script here, as this kmodtop was built without it, or runs from its sources"
        raise SourceError(Trouble("no-file", what, "pip install kmodtop", args.shell))
    sys.stdout.write(script.decode())
    return Exit.DONE
