"""A live view whose recording cannot be written names no file that holds nothing."""

from support.samples import SAMPLES
from support.terminal import Terminal

FULL = """
import sqlite3, sys
from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.store import IN_MEMORY
write = Recorder.write
def full(self, item):
    if self.path == IN_MEMORY:
        return write(self, item)
    raise sqlite3.OperationalError("database or disk is full")
Recorder.write = full
from kmodtop.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_what_nobody_could_record_is_recorded_nowhere(tmp_path):
    words = ("watch", SAMPLES / "states/both.txt", "--record", tmp_path / "r.db")
    with Terminal(*words, program=("-c", FULL)) as terminal:
        terminal.until_ready()
        terminal.until("q quit")
        terminal.press("q")
        assert terminal.ended() == 3
        said = terminal.raw.rpartition(b"\x1b[?1049l")[2]
        assert b"kmodtop: WASTED, 35.83 MiB wasted" in said and b"recorded in" not in said
