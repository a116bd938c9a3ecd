"""Least privilege: after the start a process that was root's is the calling user's."""

import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest
from support.command import ENV, kmodtop
from support.samples import ROOT, SAMPLES, dup, sample, stats
from support.terminal import Terminal

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.privileges import wanted

BOTH = SAMPLES / "states/both.txt"
NOBODY = pwd.getpwnam("nobody")
VERSION = [str(part).encode() for part in sys.version_info[:2]]
SUDO = {"SUDO_UID": str(NOBODY.pw_uid), "SUDO_GID": str(NOBODY.pw_gid), "SUDO_USER": "nobody"}
_LOWERED = """
import sys
from kmodtop.commands.privileges import lower
from kmodtop_core.machine.facts import Machine
from kmodtop_core.sources.watched import WatchedFile
lower(WatchedFile(sys.argv[1], 1.0, Machine()), None)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give root up")


def common_python():
    """(interpreter, more of PYTHONPATH) that others than root can use; None if there is none."""
    site = sysconfig.get_paths()["purelib"]
    version = "import sys; print(*sys.version_info[:2])"
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            words = [python, "-c", version]
            told = subprocess.run(words, capture_output=True, user=NOBODY.pw_uid, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        if told.stdout.split() == VERSION and open_to_all(site):
            return python, site
    return None


def open_to_all(path):
    """Whether others than root get there."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in (Path(path), *Path(path).parents))


PYTHON = common_python() if os.geteuid() == 0 and open_to_all(ROOT) else None
reachable = pytest.mark.skipif(PYTHON is None, reason="nobody cannot reach Python or this folder")


def terminal_of(*words, **env):
    """A terminal on which a Python runs that all can use."""
    path = f"{ENV['PYTHONPATH']}:{PYTHON[1]}"
    return Terminal(*words, python=PYTHON[0], size=(120, 30), PYTHONPATH=path, **SUDO | env)


def status(pid):
    """Ids and capability sets of a process (proc(5))."""
    text = Path(f"/proc/{pid}/status").read_text()
    return dict(re.findall(r"^(Uid|Gid|Groups|Cap\w+|NoNewPrivs):\s*(.*?)\s*$", text, re.M))


def test_whom_to_become():
    assert wanted(None, {}) is None
    assert wanted(None, SUDO).name == "nobody"
    assert wanted("root", SUDO).uid == 0
    assert wanted(None, {"PKEXEC_UID": str(NOBODY.pw_uid)}).name == "nobody"
    assert wanted(None, {"DOAS_USER": "nobody"}).uid == NOBODY.pw_uid
    with pytest.raises(SourceError, match="there is no such user"):
        wanted("no-such-user", {})


@as_root
@reachable
def test_under_sudo_the_live_view_is_the_calling_users(tmp_path):
    with terminal_of("watch", BOTH) as terminal:
        terminal.until(r"as nobody")
        terminal.until_ready()
        found = status(terminal.process.pid)
        assert found["Uid"].split() == [str(NOBODY.pw_uid)] * 4
        assert found["Gid"].split() == [str(NOBODY.pw_gid)] * 4
        assert "0" not in found["Groups"].split()
        assert all(int(found[name], 16) == 0 for name in ("CapPrm", "CapEff", "CapAmb"))
        assert found["NoNewPrivs"] == "1"
        terminal.press("q")
        assert terminal.ended() == 0


@as_root
@reachable
def test_a_file_of_roots_is_still_read_after_root_is_given_up(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(sample(0, stats(dup("kvm", 3))).text)
    path.chmod(0o600)
    tmp_path.chmod(0o700)
    code = (
        "import sys; from kmodtop_core.sources.polled import PolledFile\n"
        "from kmodtop_core.machine.facts import Machine\n"
        "from kmodtop_core.machine.privileges import give_up\n"
        "source = PolledFile(sys.argv[1], 1.0, Machine()); source.hold()\n"
        "late = PolledFile(sys.argv[1] + 'x', 1.0, Machine()); late.hold()\n"
        "print(give_up()); print(source.read().text.decode()); print(late.read().why.sentence)\n"
        "try: open(sys.argv[1])\n"
        "except PermissionError: print('refused')\n"
    )
    done = subprocess.run(
        [PYTHON[0], "-c", code, str(path)],
        capture_output=True,
        env=ENV | SUDO,
        check=True,
        timeout=30,
    )
    told = done.stdout.decode()
    assert told.startswith("as nobody\n") and "Mods ever loaded" in told
    assert told.endswith("refused\n") and "start kmodtop again, as it has given up root" in told


@as_root
@reachable
def test_files_that_are_written_are_the_calling_users():
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    path = folder / "r"
    with terminal_of("watch", BOTH, "--record", path) as terminal:
        terminal.until(r"REC ")
        terminal.press("q")
        assert terminal.ended() == 0
    assert path.stat().st_uid == NOBODY.pw_uid
    shutil.rmtree(folder)


@as_root
@reachable
def test_a_file_that_the_calling_user_may_not_read_is_refused(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(BOTH.read_bytes())
    path.chmod(0o600)
    with terminal_of("watch", path) as terminal:
        assert terminal.ended() == 3
        assert b"--as root" in terminal.raw
    with terminal_of("watch", path, "--as", "root") as terminal:
        terminal.until(r"as root")


@as_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv here")
@pytest.mark.parametrize("capability", ["", ",+dac_read_search"], ids=["without", "with"])
def test_what_only_root_may_read_is_read_with_the_capability_and_told_of_without(capability):
    sets = [f"--{name}=-all{capability}" for name in ("bounding-set", "inh-caps", "ambient-caps")]
    words = ["setpriv", f"--reuid={NOBODY.pw_uid}", "--clear-groups", *sets]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - the folder is not what keeps it from being read
        path = shutil.copy(BOTH, folder)
        os.chmod(path, 0o400)
        words += [PYTHON[0] if PYTHON else sys.executable, "-c", _LOWERED, path]
        done = subprocess.run(words, capture_output=True, env=ENV, timeout=30, check=False)
    if not capability and b"SourceError" not in done.stderr:
        pytest.skip("nobody can run this Python")
    told = b"permission denied, as only root may read it; start with sudo"
    assert (done.returncode == 0) == bool(capability) == (told not in done.stderr), done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root can")
def test_others_can_not_become_another_user():
    done = kmodtop("follow", str(BOTH), "--as", "root")
    assert done.returncode == 2 and b"use sudo -u" in done.stderr


def test_an_unknown_user_is_told():
    done = kmodtop("follow", str(BOTH), "--as", "no-such-user", "--count", "1")
    assert done.returncode == 2 and b"no such user" in done.stderr
