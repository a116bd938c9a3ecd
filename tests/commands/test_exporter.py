"""kmodtop exporter, as people and Prometheus use it."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from support.command import ENV, kmodtop
from support.farside import stand_in
from support.points import of_plain
from support.prometheus import fetched
from support.recordings import until
from support.running import Running
from support.samples import SAMPLES, dup, replace, stats

from kmodtop.cli import main
from kmodtop.commands.exporter import _as_file, _replace
from kmodtop.process.stopping import SignalStop
from kmodtop_core.metrics.points import Point
from kmodtop_core.stats.parse import render

BOTH = SAMPLES / "states/both.txt"
HERE = 'exec sh -c "$command"'


def kvm(times):
    return render(stats(dup("kvm", times)))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(kvm(3))
    return path


# ---- over HTTP --------------------------------------------------------------------------


class Exporter(Running):
    """One that answers; `url` is where."""

    def __init__(self, *words, **env):
        super().__init__("exporter", *words, "--listen", "127.0.0.1:0", **env)
        said = self.said()
        self.url = re.fullmatch(r"kmodtop: answers at (http://.*:\d+/metrics)\n", said)[1]

    def told(self):
        return of_plain(fetched(self.url))


def test_a_file_is_followed_and_a_signal_ends_it(file):
    with Exporter(file) as exporter:
        until(lambda: exporter.told().get(("kmod_loads_total", ())) == 5)
        replace(file, kvm(8))
        kvms = "kmod_duplicate_loads_total", (("module", "kvm"),)
        until(lambda: exporter.told()[kvms] == 8)
        assert exporter.told()["kmodtop_up", ()] == 1
        assert exporter.ended() == 143


def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path):
    with Exporter(tmp_path / "stats") as exporter:
        until(lambda: ("kmodtop_unreadable", (("code", "missing"),)) in exporter.told())
        assert exporter.told()["kmodtop_up", ()] == 0
        (tmp_path / "stats").write_bytes(kvm(3))
        until(lambda: exporter.told()["kmodtop_up", ()] == 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_it_ends_in_time_although_somebody_is_slow(file, number):
    with Exporter(file) as exporter:
        port = int(exporter.url.split(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(b"GET /metr")
            assert exporter.told()
            assert exporter.ended(number) == 128 + number
        assert exporter.process.stderr.read() == b""


def test_many_hosts_over_ssh(tmp_path):
    """Each has its instance; one that is not there says so, and keeps nobody up."""
    for name, times in (("a", 3), ("b", 9)):
        (tmp_path / name).write_bytes(kvm(times))
    script = (
        f'case "$*" in *nowhere*) echo no route >&2; exit 255;; esac; echo $$ >> {tmp_path}/ids'
    )
    script += f"; {HERE}"
    path = stand_in(tmp_path / "bin", script)
    hosts, a, b = tmp_path / "hosts", f"a{tmp_path}/a", f"b{tmp_path}/b"
    hosts.write_text(f"ssh://{a}  # the first\nssh://root@{b}\nnowhere\nssh://nowhere\n")
    with Exporter("--hosts", hosts, PATH=path) as exporter:
        wanted = {("kmodtop_up", (("instance", name),)): up for name, up in ((a, 1), (b, 1))}
        wanted["kmodtop_unreadable", (("code", "no-connection"), ("instance", "nowhere"))] = 1
        wanted |= {
            ("kmod_duplicate_loads_total", (("instance", name), ("module", "kvm"))): times
            for name, times in ((a, 3), (b, 9))
        }
        until(lambda: wanted.items() <= exporter.told().items())
        assert exporter.ended() == 143
    for number in (tmp_path / "ids").read_text().split():
        assert not os.path.exists(f"/proc/{number}"), "an ssh is left"


def test_a_port_that_is_taken_is_told_in_a_sentence(file):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        done = kmodtop("exporter", str(file), "--listen", where)
    assert done.returncode == 2
    told = f"kmodtop: {where}: nobody can listen there (Address already in use); choose another"
    assert done.stderr.decode().startswith(told) and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["sim:quiet"], "is no source that goes on for ever"),
        ([str(SAMPLES / "series/storm-moderate.jsonl")], "is no source that goes on for ever"),
        (["-"], "is no source that goes on for ever"),
        ([str(BOTH), "--count", "1"], "--count is of --textfile"),
        ([str(BOTH), "--textfile", "{tmp}/x.txt"], "node_exporter does not look at"),
        ([str(BOTH), "--textfile", "{tmp}/folder.prom"], "would be replaced by one"),
        (["--hosts", "{tmp}/none"], "names no host"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(words, says, tmp_path, capfd):
    (tmp_path / "folder.prom").mkdir()
    (tmp_path / "none").write_text("# nobody\n")
    assert main(["exporter", *(word.format(tmp=tmp_path) for word in words)]) in (2, 3, 4)
    told = capfd.readouterr().err
    assert says in told and told.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--textfile", "/nonexistent/x.prom", "--count", "1"], "cannot be written"),
        (["--listen", "256.1.1.1:9"], "nobody can listen there"),
        (["--listen", "x", "--interval", "0.1"], "is no address and port"),
    ],
)
def test_what_the_command_line_or_the_machine_does_not_take_is_told_as_well(words, says):
    done = kmodtop("exporter", str(BOTH), *words)
    assert done.returncode in (2, 3) and says in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


WITHOUT = (
    "import sys; sys.modules['prometheus_client'] = None; from kmodtop.cli import main;"
    "sys.exit(main(sys.argv[1:]))"
)


def test_only_http_needs_the_library(file, tmp_path):
    done = kmodtop("exporter", str(file), program=("-c", WITHOUT))
    assert done.returncode == 2 and b"pip install prometheus-client" in done.stderr
    words = ("exporter", str(file), "--textfile", str(tmp_path / "x.prom"), "--count", "1")
    assert kmodtop(*words, program=("-c", WITHOUT)).returncode == 0


# ---- the text file --------------------------------------------------------------------


def test_a_text_file_is_everybodys_to_read_and_the_only_one_that_is_left(file, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    words = f"umask 077; exec {sys.executable} -m kmodtop exporter {file} --count 2 --interval 1"
    words += f" --textfile {folder}/k.prom"
    subprocess.run(["sh", "-c", words], env=ENV, check=True, timeout=30)
    (made,) = folder.iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o644
    assert of_plain(made.read_text())["kmod_duplicate_loads_total", (("module", "kvm"),)] == 3


def test_a_text_file_is_written_until_a_signal_comes(tmp_path):
    made = tmp_path / "k.prom"
    with Running("exporter", tmp_path / "missing", "--textfile", made) as exporter:
        until(made.exists)
        assert of_plain(made.read_text())["kmodtop_up", ()] == 0
        assert exporter.ended() == 143


def test_no_reader_ever_sees_half_of_a_text_file(tmp_path):
    path, over = tmp_path / "k.prom", threading.Event()
    texts = [f"{n} {'x' * (n * 5000)} {n}\n" for n in range(1, 9)]
    _replace(str(path), texts[0])

    def write():
        for number in range(200):
            _replace(str(path), texts[number % len(texts)])
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not over.is_set():
        seen.add(path.read_text())
    writer.join()
    assert seen <= set(texts) and [one.name for one in tmp_path.iterdir()] == ["k.prom"]


def test_on_a_full_disk_the_old_text_stays_and_nothing_beside_it(file, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "k.prom").write_text("old 1\n")
    words = f"ulimit -f 0; exec {sys.executable} -m kmodtop exporter {file} --count 1"
    words += f" --textfile {folder}/k.prom"
    done = subprocess.run(
        ["sh", "-c", words], env=ENV, capture_output=True, check=False, timeout=30
    )
    assert done.returncode == 3 and done.stderr.count(b"\n") == 1
    assert b"k.prom: cannot be written (File too large)" in done.stderr
    assert [one.name for one in folder.iterdir()] == ["k.prom"]
    assert (folder / "k.prom").read_text() == "old 1\n"


def test_what_a_killed_one_has_left_is_no_trap(tmp_path):
    """A pipe or a link that stands where the new text is written first."""
    path = tmp_path / "k.prom"
    (tmp_path / "victim").write_text("dear\n")
    for make in (os.mkfifo, lambda new: os.symlink(tmp_path / "victim", new)):
        make(f"{path}.{os.getpid()}")
        _replace(str(path), "new 1\n")
        assert path.read_text() == "new 1\n"
    assert (tmp_path / "victim").read_text() == "dear\n"


def test_the_first_text_file_too_says_when_its_counters_began(tmp_path):
    class Machine:
        """One of which it is known when it was booted only after it was read."""

        booted = None
        source = SimpleNamespace(label="stats")

        def points(self):
            self.booted = 1_700_000_000.0
            return [Point("kmod_loads", (), 5)]

    path = tmp_path / "kmodtop.prom"
    words = SimpleNamespace(textfile=str(path), created=True, count=1, interval=None)
    _as_file([Machine()], words, SignalStop())
    assert "kmod_loads_created 1700000000\n" in path.read_text()
