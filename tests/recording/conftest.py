"""A recording of a storm, and what is told."""

import pytest
from support.recordings import HERE, NoMachine
from support.samples import dup, gap, sample, stats

from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.recording.retrying import Sink


@pytest.fixture
def recorded(path):
    """A recording of a storm, a gap and a second boot."""
    with Recorder(path, "0") as recorder:
        for second in range(30):
            recorder.write(sample(second, stats(dup("kvm", second + 1)), HERE))
        recorder.write(gap(31))
        recorder.write(sample(40, stats(dup("kvm", 40)), HERE))
        recorder.write(sample(3, stats(dup("new", 1)), HERE._replace(boot_id="boot-2")))
    return path


# ---- taken away, full, too large --------------------------------------------


@pytest.fixture
def told():
    return []


@pytest.fixture
def sink(path, told):
    return Sink(path, "0", told.append, NoMachine())
