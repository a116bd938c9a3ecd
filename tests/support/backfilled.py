"""Many recordings, back-filled into a Prometheus, against SQL over all of them merged."""

import sqlite3
import time
import uuid
from random import Random
from typing import NamedTuple

from kmodtop_core.recording.recorder import Recorder
from kmodtop_core.sample import Host, Instant, Sample
from kmodtop_core.simulation.scenario_files import load
from kmodtop_core.simulation.simulator import Simulation
from support.command import ENV, kmodtop
from support.prometheus import promtool
from support.recordings import database
from support.running import Running
from support.samples import SAMPLES, gap

_SCENARIOS = ("guest-8", "emulated-32", "autoload-mounts", "laptop-8", "quiet", "compressed")
_HOSTS = 20
_APART_S = 3 * 3600.0
_ODD = ("limits/rows-once-180.txt", "kread/kread-huge.txt", "kread/kread-special.txt")
"""Of a machine of its own: a table that the kernel cut, counters that are no bytes."""

_LAST = """
SELECT b.host, b.boot_id, s.wall - s.uptime, max(s.uptime, s.until), s.*
FROM boot b JOIN sample s ON s.id =
    (SELECT id FROM sample WHERE boot = b.id ORDER BY uptime DESC, id DESC LIMIT 1)
WHERE b.host LIKE 'host-%' ORDER BY b.id
"""
_MODULES = """
SELECT b.boot_id, CAST(m.name AS TEXT), max(g.count)
FROM growth g JOIN module m ON m.id = g.module JOIN run r ON r.id = m.run
JOIN boot b ON b.id = r.boot WHERE b.host LIKE 'host-%' GROUP BY b.boot_id, m.name
"""
_STAGES = {
    "kread": ("failed_kreads", "invalid_kread_bytes"),
    "decompress": ("failed_decompress", "invalid_decompress_bytes"),
    "becoming": ("failed_becoming", "invalid_becoming_bytes"),
    "load": ("failed_load_modules", "invalid_mod_bytes"),
}


class Made(NamedTuple):
    """What was back-filled, from when until when (Unix seconds)."""

    merged: str
    recordings: int
    lines: int
    begin: float
    end: float
    took_s: float

    def __str__(self):
        return (
            f"{self.recordings} recordings, {self.lines:,} lines of OpenMetrics,"
            f" written and back-filled in {self.took_s:.0f} s"
        )


def make(folder, count):
    """Boots of some machines, one recording each, exported at once, as blocks in `folder`."""
    begin = (time.time() - 3 * 86400) // 7200 * 7200
    paths, chance = [], Random(7)
    for number in range(count):
        paths.append(str(folder / f"boot-{number:03}.db"))
        turn, host = divmod(number, _HOSTS)
        at = begin + turn * _APART_S + host * 60.0 + chance.random() * 60
        _record(paths[-1], f"host-{host:02}", at, number)
    paths.append(str(folder / "odd.db"))
    _odd(paths[-1], begin)
    began = time.monotonic()
    text, merged = folder / "all.om", str(folder / "merged.db")
    words = ("export", *paths, "--format", "openmetrics", "-o", text)
    with Running(*words, **ENV) as export:
        assert export.process.wait(300) == 0
    status, says = promtool("tsdb", "create-blocks-from", "openmetrics", text, folder / "data")
    assert status == 0, says
    took = time.monotonic() - began
    assert kmodtop("merge", *paths, "-o", merged).returncode == 0
    with text.open() as file:
        lines = sum(1 for _ in file)
    end = begin + _APART_S * (1 + count // _HOSTS) + 3600
    return Made(merged, len(paths), lines, begin, end, took)


def _record(path, name, booted, number):
    """A boot of a minute and more, then some minutes in which nothing moves."""
    chance = Random(number)
    scenario = load(_SCENARIOS[number % len(_SCENARIOS)])
    simulation = Simulation(scenario, "early-check", seed=number + 1)
    host = Host(name, "6.4.12", simulation.cpus, str(uuid.UUID(int=chance.getrandbits(128))))
    whole = Simulation(scenario, "early-check", seed=number + 1)
    whole.run()
    uptime = 2 + chance.random()
    with Recorder(path, "0") as recorder:
        while simulation.some(max(1, whole.events // 20)):
            uptime += chance.random() * 4
            recorder.write(_sample(uptime, booted, simulation, host))
        for seconds in (1, 400 + 400 * chance.random()):
            recorder.write(_sample(uptime + seconds, booted, simulation, host))


def _sample(uptime, booted, simulation, host):
    return Sample(Instant(uptime, booted + uptime), simulation.kernel.text(), host)


def _odd(path, booted):
    host = Host("odd", "6.4.0", 4, "odd")
    texts = [(SAMPLES / name).read_bytes() for name in _ODD]
    with Recorder(path, "0") as recorder:
        for number, text in enumerate(texts):
            at = 100.0 + 400 * number
            recorder.write(Sample(Instant(at, booted + at), text, host))
            recorder.write(Sample(Instant(at + 90, booted + at + 90), text, host))
            recorder.write(gap(at + 91))
            recorder.write(gap(at + 290))


def compare(server, made):
    """Prometheus and SQL agree."""
    with database(made.merged) as db:
        db.row_factory = sqlite3.Row
        boots = [dict(row) | {"booted": row[2], "ended": row[3]} for row in db.execute(_LAST)]
        modules = {}
        for boot, module, times in db.execute(_MODULES).fetchall():
            modules.setdefault(boot, {})[module] = times
    db.close()
    yield _each_boot(server, boots, modules)
    yield _all_boots(server, boots, modules, made)


def _each_boot(server, boots, modules):
    """increase() over each boot is what it counted."""
    same = 0
    for boot in boots:
        begin = round(boot["booted"] * 1000)
        end = begin + round(boot["ended"] * 1000)
        which = f'{{instance="{boot["host"]}"}}[{end - begin}ms]'
        of_modules = modules.get(boot["boot_id"], {})
        failures = {stage: boot[column] for stage, (column, _) in _STAGES.items()}
        wasted = {stage: boot[column] for stage, (_, column) in _STAGES.items()}
        for query, label, wanted in (
            ("kmod_load_failures_total", "stage", failures),
            ("kmod_load_wasted_bytes_total", "stage", wasted),
            ("kmod_loads_total", "", {None: boot["modcount"]}),
            ("kmod_duplicate_loads_total", "module", of_modules),
        ):
            found = server.query(f"increase({query}{which})", end / 1000)
            assert {dict(key).get(label): value for key, value in found.items()} == wanted, (
                query, boot["host"], boot["boot_id"], found, wanted
            )  # fmt: skip
            same += len(wanted)
        _top(server, which, end / 1000, of_modules)
    return f"back-filled: increase() over each of {len(boots)} boots, {same} values as SQL has them"


def _top(server, which, at, of_modules):
    found = server.query(f"topk(3, increase(kmod_duplicate_loads_total{which}))", at)
    assert sorted(found.values()) == sorted(of_modules.values())[-3:]


def _all_boots(server, boots, modules, made):
    """Sums and the topmost modules over the last boot of each machine."""
    last = {boot["host"]: boot for boot in boots}
    end, seconds = made.end, f"{made.end - made.begin:.0f}s"
    wasted = sum(boot[column] for boot in last.values() for _, column in _STAGES.values())
    which = f'{{instance=~"host-.*"}}[{seconds}]'
    query = f"sum(last_over_time(kmod_load_wasted_bytes_total{which}))"
    assert list(server.query(query, end).values()) == [wasted]
    counts = {}
    for boot in boots:  # a module's last boot on each machine
        for module, times in modules.get(boot["boot_id"], {}).items():
            counts.setdefault(module, {})[boot["host"]] = times
    sums = sorted((sum(of.values()) for of in counts.values()), reverse=True)
    query = f"topk(10, sum by (module) (last_over_time(kmod_duplicate_loads_total{which})))"
    assert sorted(server.query(query, end).values(), reverse=True) == sums[:10]
    return f"back-filled: sum() {wasted:,} bytes and topk(10, …) of all machines as SQL has them"
