"""Files of other hosts: through a real sshd, through busybox, and past hostile far sides."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading

import pytest
from support.command import ENV
from support.farside import SSHD, FarSide, stand_in
from support.samples import SAMPLES, dup, sample, stats
from support.terminal import Terminal

from kmodtop_core.errors import SourceError
from kmodtop_core.sample import Gap, Sample
from kmodtop_core.sources.remote import Remote
from kmodtop_core.sources.ssh import address

BOTH = SAMPLES / "states/both.txt"
HERE = 'exec sh -c "$command"'
SIGN = 't=$(echo "$command" | sed "s/.*kmodtop \\([0-9a-f]*\\) .*/\\1/")'
needs_sshd = pytest.mark.skipif(SSHD is None, reason="no sshd here; apt install openssh-server")


@pytest.fixture
def far(tmp_path):
    side = FarSide(tmp_path)
    yield side
    side.stop()


@pytest.fixture
def through(tmp_path, monkeypatch):
    """Lets ssh be a script."""

    def use(script):
        monkeypatch.setenv("PATH", stand_in(tmp_path / "bin", script))

    return use


def kmodtop(*words):
    """Runs it with the PATH of this moment."""
    env = ENV | {"PATH": os.environ["PATH"]}
    words = [sys.executable, "-m", "kmodtop", *map(str, words)]
    return subprocess.run(words, capture_output=True, env=env, timeout=60, check=False)


def first_items(url, count, **options):
    """The first items of a source that does not ask."""
    stop, found = threading.Event(), []
    for item in Remote(address(url), 0.1, **options).items(stop):
        found.append(item)
        if len(found) == count:
            stop.set()
    return found


@pytest.mark.parametrize(
    ("url", "target", "port", "path"),
    [
        ("ssh://a", "a", None, "/sys/kernel/debug/modules/stats"),
        ("ssh://Root@Big-Host:2222/", "Root@Big-Host", 2222, "/sys/kernel/debug/modules/stats"),
        ("ssh://[fe80::1]:22/tmp/a%20b", "fe80::1", 22, "/tmp/a b"),
        ("ssh://u@[fe80::1%25eth0]/x", "u@fe80::1%eth0", None, "/x"),
        ("ssh://a%40b@host/x", "a@b@host", None, "/x"),
        ("ssh://u@h/tmp/x", "u@h", None, "/tmp/x"),
    ],
)
def test_addresses(url, target, port, path):
    assert address(url)[1:] == (target, port, path)


@pytest.mark.parametrize(
    "url", ["ssh://", "ssh://-oProxyCommand=x", "ssh://u:secret@h", "ssh://h:x/", "ssh://h/a'b"]
)
def test_what_is_no_address(url):
    with pytest.raises(SourceError, match=r"write ssh://\[user@\]host\[:port\]\[/path\]"):
        address(url)


@needs_sshd
def test_a_report_of_another_host_through_a_real_sshd(far, monkeypatch):
    monkeypatch.setenv("PATH", far.path_with_ssh())
    report = json.loads(kmodtop("report", far.url(BOTH), "--format", "json").stdout)
    assert report["kernel"] == "6.12.9-far" and report["cpus"] == 2
    assert report["boot_id"] == "boot-1" and report["uptime_s"] == 1000
    assert report["counters"]["failed_becoming"] == 481
    assert not report["warnings"]


@needs_sshd
def test_a_live_view_of_another_host_its_loss_its_return_and_its_reboot(far, tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(sample(0, stats(dup("kvm", 3))).text)
    words = ("watch", far.url(path), "--interval", "0.2")
    with Terminal(*words, size=(110, 30), PATH=far.path_with_ssh()) as terminal:
        terminal.until(r"far-host · 6\.12\.9-far · 2 CPUs +● live")
        path.write_bytes(sample(0, stats(dup("kvm", 7))).text)
        far.clock(1001)
        terminal.until(r"kvm .* 7 ")
        far.drop()
        terminal.until(r"no new data: .*; kmodtop keeps trying")
        path.write_bytes(sample(0, stats(dup("kvm", 9))).text)
        far.clock(1002)
        terminal.until(r"kvm .* 9 ")
        terminal.until(r"● live")
        path.write_bytes(sample(0, stats(dup("vfat", 1))).text)
        far.boot("boot-2", uptime=5)
        far.drop()
        terminal.until(r"A new boot: the boot id changed")
        terminal.until(r"vfat .* 1 ")
        terminal.press("q")
        assert terminal.ended() == 0


@needs_sshd
def test_nothing_runs_on_the_far_side_after_the_end(far, tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(sample(0, stats(dup("kvm", 3))).text)
    with Terminal("watch", far.url(path), PATH=far.path_with_ssh()) as terminal:
        terminal.until(r"kvm .* 3 ")
        terminal.press("q")
        terminal.ended()
    for _ in range(100):
        if not _runs(f"kmodtop .* {path}"):
            return
        threading.Event().wait(0.05)
    raise AssertionError("the reader still runs")


def _runs(pattern):
    return subprocess.run(["pgrep", "-f", pattern], capture_output=True, check=False).stdout


@pytest.mark.skipif(shutil.which("busybox") is None, reason="no busybox here")
def test_a_far_side_that_has_busybox_only(through, tmp_path):
    tools = tmp_path / "applets"
    tools.mkdir()
    for name in ("sh", "dd", "date", "id"):
        (tools / name).symlink_to(shutil.which("busybox"))
    through(f'PATH={tools} exec {tools}/sh -c "$command"')
    items = first_items(f"ssh://far{BOTH}", 3)
    assert [item.text for item in items] == [BOTH.read_bytes()] * 3


def test_the_text_is_the_same_to_the_byte(through):
    through(HERE)
    for path in sorted((SAMPLES / "limits").glob("*.txt"))[:6]:
        assert first_items(f"ssh://far{path}", 1)[0].text == path.read_bytes()


def test_an_unchanged_text_is_sent_once(through, tmp_path):
    log = tmp_path / "log"
    through(f'sh -c "$command" | tee {log}')
    items = first_items(f"ssh://far{BOTH}", 5)
    assert all(isinstance(item, Sample) for item in items)
    assert log.read_bytes().count(b"Mods ever loaded") == 1
    assert log.read_bytes().count(b" same ") >= 4


def test_what_a_login_shell_says_before_is_passed_over(through):
    through(f"echo Welcome; echo; {HERE}")
    assert first_items(f"ssh://far{BOTH}", 1)[0].text == BOTH.read_bytes()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("yes", "more than any statistics have"),
        ("cat /dev/urandom", "more than any statistics have|does not answer"),
        ("echo no route to host >&2; exit 255", "no route to host"),
        ("printf '\\033]0;owned\\007boom\\n' >&2; exit 255", r"\\x1b\]0;owned\\x07boom"),
        ("exit 1", "the connection was closed"),
        (f'{SIGN}; echo "$t need dd"; sleep 1', "lacks the command dd"),
        (f'{SIGN}; echo "$t hello x y z a b c"', "does not answer as it should"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_far_side_is_told_in_a_sentence(through, script, says):
    through(script)
    done = kmodtop("report", "ssh://far/x")
    assert done.returncode == 3
    text = done.stderr.decode()
    assert re.search(says, text) and text.count("\n") == 1 and "\x1b" not in text


def test_a_far_side_that_lies_about_the_text_is_bounded(through):
    through(f'{SIGN}; echo "$t hello 1 1 1 b k h"; echo "$t count 1 0 0"; echo "$t text 1 0"; yes')
    gap = first_items("ssh://far/x", 1)[0]
    assert isinstance(gap, Gap) and "more than any statistics have" in gap.why.sentence


def test_a_file_that_is_not_there_or_not_allowed(through, tmp_path):
    through(HERE)
    done = kmodtop("report", f"ssh://far{tmp_path}/none")
    assert done.returncode == 3 and b"is not there" in done.stderr
    done = kmodtop("report", "ssh://far")
    assert b"add --sudo" in done.stderr or not os.geteuid()


def test_sudo_only_when_told(through, tmp_path):
    through(f"export PATH={tmp_path}/bin:$PATH; {HERE}")
    (tmp_path / "bin/sudo").write_text('#!/bin/sh\necho "sudo: a password is required" >&2; exit 1')
    (tmp_path / "bin/sudo").chmod(0o755)
    assert kmodtop("report", f"ssh://far{BOTH}").returncode == 0
    done = kmodtop("report", f"ssh://far{BOTH}", "--sudo")
    assert done.returncode == 3 and b"a password is required" in done.stderr


def test_panic_on_warn_over_there_is_heeded(through, tmp_path):
    proc = tmp_path / "proc"
    (proc / "sys/kernel").mkdir(parents=True)
    (proc / "sys/kernel/panic_on_warn").write_text("1\n")
    (proc / "uptime").write_text("5.00 1\n")
    (proc / "stat").write_text("cpu0 1\n")
    (tmp_path / "stats").write_bytes(BOTH.read_bytes())
    (tmp_path / "failed_becoming").write_text("100\n")
    (tmp_path / "failed_load_modules").write_text("12\n")
    through(f"export KMODTOP_PROC={proc}; {HERE}")
    gap = first_items(f"ssh://far{tmp_path}/stats", 1)[0]
    assert isinstance(gap, Gap) and gap.why.code == "panic-on-warn"
    (tmp_path / "failed_becoming").write_text("1\n")
    assert isinstance(first_items(f"ssh://far{tmp_path}/stats", 1)[0], Sample)
    (tmp_path / "failed_becoming").write_text("100\n")
    assert isinstance(first_items(f"ssh://far{tmp_path}/stats", 1, risk_panic=True)[0], Sample)


def test_another_host_is_recorded(through, tmp_path):
    through(HERE)
    done = kmodtop("record", f"ssh://far{BOTH}", "-o", str(tmp_path / "r"), "--duration", "0.5")
    assert done.returncode == 0
    report = json.loads(kmodtop("report", str(tmp_path / "r"), "--format", "json").stdout)
    assert report["counters"]["failed_becoming"] == 481 and report["boot_id"]


def test_ssh_ends_with_the_live_view_that_wanted_it(tmp_path):
    import signal

    from support.terminal import Terminal

    script = f"""
echo $$ > {tmp_path}/pid; exec sleep 600"""
    path = stand_in(tmp_path / "bin", script)
    with Terminal("watch", "ssh://a", "ssh://b", PATH=path) as terminal:
        while not (tmp_path / "pid").exists():
            terminal.read()
        terminal.signal(signal.SIGTERM)
        assert terminal.ended() == 143
    pid, patience = int((tmp_path / "pid").read_text()), threading.Event()
    for _ in range(50):  # whoever has inherited it takes notice of its end
        if not os.path.exists(f"/proc/{pid}"):
            return
        patience.wait(0.1)
    raise AssertionError("ssh is still there")


def test_ssh_ends_with_the_view_also_where_it_is_connected_to_anew(tmp_path):
    from support.terminal import Terminal

    # The first connection answers and is lost; the second is to a host that is silent.
    script = f"""
if [ -e {tmp_path}/once ]; then echo $$ > {tmp_path}/pid; exec sleep 600; fi
touch {tmp_path}/once; exec sh -c "$command" < /dev/null"""
    path = stand_in(tmp_path / "bin", script)
    with Terminal("watch", f"ssh://a{tmp_path}/stats", PATH=path) as terminal:
        while not (tmp_path / "pid").exists():
            terminal.read()
        terminal.until_ready()
        terminal.press("q")
        assert terminal.ended() == 0
    pid = int((tmp_path / "pid").read_text())
    assert not os.path.exists(f"/proc/{pid}")


def test_a_far_side_that_complains_for_ever_is_given_up(tmp_path, monkeypatch):
    path = stand_in(tmp_path / "bin", "exec >&-; while :; do echo noise >&2; sleep 0.1; done")
    monkeypatch.setenv("PATH", path)
    stop = threading.Event()
    items = Remote(address("ssh://a"), 0.1).items(stop)
    gap = next(items)
    assert isinstance(gap, Gap) and "noise" in gap.why.sentence
    stop.set()
    assert list(items) == []


def test_a_file_that_is_there_and_cannot_be_read_is_no_lack_of_rights(through, tmp_path):
    """dd fails on it, as on a device with EIO: root, too, would be told to become root."""
    through(HERE)
    done = kmodtop("report", f"ssh://root@h{tmp_path}")
    assert done.returncode == 3 and b"fails there" in done.stderr
    assert b"only root may" not in done.stderr
