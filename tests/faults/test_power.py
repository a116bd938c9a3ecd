"""A power failure: what is on the disk is what was synced (fsync(2)), and no more."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest
from support.command import ENV
from support.samples import dup, stats

from kmodtop_core.recording.reading import Recording
from kmodtop_core.stats.parse import render

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed"),
]

MOST_LOST_S = 5.0
"""What the README promises."""

CALL = re.compile(
    rb"^(?:\[pid +)?\d*\]? *([\d.]+) (pwrite64|ftruncate|fsync|fdatasync|unlink)\("
    rb'(?:(?:\d+<([^>]*)>)|"((?:\\x..)*)")(?:, (.*))?\) += (-?\d+)'
)
WRITTEN = re.compile(rb'^"((?:\\x..)*)"(?:\.\.\.)?, (\d+), (\d+)$')


def unspelt(text):
    """The bytes behind \\x41\\x42."""
    return bytes.fromhex(text.replace(b"\\x", b"").decode())


def replayed(log, until=None):
    """(what each file holds on the disk, when each call of sync came) by the calls that were made.

    A file that was never synced is as if it had not been written.
    """
    files, disk, syncs = {}, {}, []
    for line in log.read_bytes().splitlines():
        match = CALL.match(line)
        if not match or int(match[6]) < 0 or (until and float(match[1]) > until):
            continue
        at, call = float(match[1]), match[2]
        path = unspelt(match[4]) if match[4] is not None else match[3]
        path = unspelt(path) if path.startswith(b"\\x") else path
        held = files.setdefault(path, bytearray())
        if call == b"pwrite64":
            data, size, offset = WRITTEN.match(match[5]).groups()
            data, offset = unspelt(data), int(offset)
            assert len(data) == int(size), "strace cut what was written"
            held.extend(bytes(max(0, offset - len(held))))
            held[offset : offset + len(data)] = data
        elif call == b"ftruncate":
            size = int(match[5])
            del held[size:]
            held.extend(bytes(size - len(held)))
        elif call == b"unlink":
            files.pop(path, None)
            disk.pop(path, None)
        else:
            disk[path] = bytes(held)
            syncs.append(at)
    return disk, syncs


@pytest.fixture
def traced(tmp_path):
    """(its log, the recording's path) of a recorder that was killed in a storm of 13 seconds."""
    source, path, log = tmp_path / "stats", tmp_path / "boot.db", tmp_path / "log"
    source.write_bytes(render(stats(dup("kvm", 1))))
    words = ["strace", "-f", "-ttt", "-y", "-xx", "-s", "100000", "-e", "signal=none",
             "-o", str(log),
             "-e", "trace=pwrite64,ftruncate,fsync,fdatasync,unlink",
             sys.executable, "-m", "kmodtop", "record", str(source), "-o", str(path)]  # fmt: skip
    process = subprocess.Popen(words, env=ENV, stderr=subprocess.DEVNULL, start_new_session=True)
    began, number = time.monotonic(), 1
    while time.monotonic() - began < 13:
        number += 1
        new = tmp_path / "new"
        new.write_bytes(render(stats(dup("kvm", number))))
        new.replace(source)
        time.sleep(0.05)  # the pace of a storm, not a wait for anything
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return log, path


def test_a_power_failure_at_any_time_costs_five_seconds_at_most(traced, tmp_path):
    log, path = traced
    whole = Recording(str(path))
    (boot,) = whole.boots()
    texts = [kept.item.at for kept in whole.kept(boot)]
    _, syncs = replayed(log)
    storm = [at for at in syncs if at > syncs[0] + 0.5]
    assert len(storm) >= 4
    assert all(b - a <= MOST_LOST_S for a, b in pairwise(storm))
    for cut in [*(at + 0.001 for at in syncs if at >= storm[0]), texts[-1].wall]:
        disk, _ = replayed(log, cut)
        folder = tmp_path / f"after-{cut}"
        folder.mkdir()
        for name, data in disk.items():
            if name.startswith(bytes(path)):
                (folder / os.path.basename(os.fsdecode(name))).write_bytes(data)
        left = Recording(str(folder / "boot.db"))
        last = [kept.item.at for kept in left.kept(left.boots()[0])][-1]
        assert last.wall >= min(cut, texts[-1].wall) - MOST_LOST_S
        left.close()
    whole.close()
