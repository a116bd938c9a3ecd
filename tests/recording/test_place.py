"""Where a recording lies, and who may have it."""

import os
import stat

import pytest
from support.command import kmodtop
from support.recordings import HERE, texts
from support.samples import sample, stats

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.folders import state_folder
from kmodtop_core.recording.place import Hold
from kmodtop_core.recording.recorder import Recorder

# ---- the place -------------------------------------------------------------


def test_a_recording_is_its_owners_and_nothing_else_is_left(path):
    before = os.umask(0o022)
    try:
        with Recorder(path, "0"):
            assert stat.S_IMODE(os.stat(f"{path}.lock").st_mode) == 0o600
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(os.path.dirname(path)) == ["boot.db"]
    other = f"{path}2"
    with Recorder(other, "0", mode=0o644):
        pass
    assert stat.S_IMODE(os.stat(other).st_mode) == 0o644


@pytest.mark.parametrize("make", [os.symlink, os.link], ids=["symlink", "hard link"])
def test_a_lock_that_leads_elsewhere_is_not_followed(path, tmp_path, make):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    make(victim, f"{path}.lock")
    with pytest.raises(SourceError, match=r"boot\.db\.lock"):
        Recorder(path, "0")
    assert victim.read_text() == "precious"


def test_one_recorder_at_a_time_and_the_next_after_it(path):
    mine = f"process {os.getpid()} records into it"
    with Recorder(path, "0"), pytest.raises(SourceError, match=mine):
        Recorder(path, "0")
    Hold(path).release()
    assert not os.path.exists(f"{path}.lock")


@pytest.mark.parametrize(
    ("name", "says"),
    [("", "has no name"), ("/dev/null", "is no regular file"), ("{tmp}", "is a directory")],
)
def test_what_can_be_no_recording_is_refused_and_nothing_left_beside_it(name, says, tmp_path):
    done = kmodtop("record", "sim:quiet", "-o", name.format(tmp=tmp_path), "--duration", "0")
    assert done.returncode in (2, 3) and says in done.stderr.decode()
    assert not os.path.exists("/dev/null.lock") and os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", [":memory:", "a?mode=memory#b%20", "file:x"])
def test_odd_names_are_names_of_files(name, tmp_path):
    done = kmodtop("record", "sim:quiet", "-o", name, "--duration", "0.3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert os.listdir(tmp_path) == [name]


def test_two_slashes_name_no_host(tmp_path):
    with Recorder(f"/{tmp_path}/x.db", "0"):
        pass
    assert os.listdir(tmp_path) == ["x.db"]


def test_a_relative_state_folder_is_ignored():
    assert state_folder("/home/me", "rel") == "/home/me/.local/state/kmodtop"
    assert state_folder("/home/me", "/state") == "/state/kmodtop"


def test_a_file_system_without_modes_takes_a_recording_too(path, monkeypatch):
    def forbidden(fd, mode):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", forbidden)
    with Recorder(path, "0") as recorder:
        recorder.write(sample(0, stats(), HERE))
    assert len(texts(path)) == 1
