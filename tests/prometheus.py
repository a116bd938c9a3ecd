"""Against a real Prometheus: python tests/prometheus.py [--minutes 10] [--recordings 200].

Storms that are scraped and recorded at the same time, recordings that are back-filled, every query
of samples/prometheus, and the text file through a real node_exporter. Prints what was compared.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))  # also where nothing is installed
sys.path.insert(0, str(Path(__file__).parents[1] / "tui"))

from support import backfilled, scraped
from support.command import kmodtop
from support.farside import free_port
from support.prometheus import (
    FOLDER,
    NODE_EXPORTER,
    Server,
    answering,
    fetched,
    lacking,
    of_dashboard,
    of_rules,
    promtool,
)
from support.running import Running

CHECKS = (
    ("check", "rules", FOLDER / "kmodtop.rules.yml"),
    ("test", "rules", FOLDER / "kmodtop.rules.test.yml"),
    ("check", "config", FOLDER / "prometheus.yml"),
)


def told(what):
    print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of the storm (10)")
    parser.add_argument("--recordings", type=int, default=200, help="to be back-filled (200)")
    args = parser.parse_args()
    if lacking():
        sys.exit(f"not installed: {', '.join(lacking())}; nothing was shown")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checks()
        made = backfilled.make(folder, args.recordings)
        told(f"back-filled: {made}")
        ports = {"kmodtop": free_port(), "kmodtop-missing": free_port()}
        ports["kmodtop-gone"] = free_port()
        with Server(folder, ports) as server:
            for line in backfilled.compare(server, made):
                told(line)
            for line in storm(folder, server, ports, args.minutes):
                told(line)
            now = time.time()
            spans = [(made.begin, made.end, 30.0), (now - 60 * args.minutes - 30, now, 1.0)]
            told(queries(server, spans))
        told(node_exporter(folder))


def checks():
    """promtool finds nothing."""
    for words in CHECKS:
        status, says = promtool(*words)
        assert status == 0 and "FAIL" not in says and "warn" not in says.lower(), says
        told(f"promtool {words[0]} {words[1]}: {' '.join(says.split()[-4:])}")


def storm(folder, server, ports, minutes):
    """A storm that takes some minutes, scraped each second and recorded at the same time."""
    stats = folder / "stats"
    texts = scraped.texts(round(minutes * 60))
    scraped.replace(stats, texts[0])
    listen = {job: f"127.0.0.1:{port}" for job, port in ports.items()}
    missing = str(folder / "missing")
    with (
        Running("exporter", str(stats), "--listen", listen["kmodtop"]),
        Running("exporter", missing, "--listen", listen["kmodtop-missing"]),
        Running("record", str(stats), "-o", str(folder / "storm.db")) as recorder,
    ):
        url = f"http://{listen['kmodtop']}/metrics"
        answering(url)
        begin = time.time()
        for number, text in enumerate(texts):
            time.sleep(max(0.0, begin + number - time.time()))
            scraped.replace(stats, text)
        time.sleep(5)  # a text that stands is scraped more than once
        end = time.time()
        status, says = promtool("check", "metrics", stdin=fetched(url).encode())
        assert (status, says) == (0, ""), says
        yield "promtool check metrics: silent"
        assert recorder.ended() == 143
    yield from scraped.compare(server, folder / "storm.db", begin, end)


def queries(server, spans):
    """Every query of the rules and of the dashboard answers, and at some time with something."""
    found = [*of_rules().items()]
    found += [(title, query) for title, queries in of_dashboard().items() for query in queries]
    empty = []
    for title, query in found:
        if not any(server.range(query, *span) for span in spans):
            empty.append((title, query))
    assert not empty, empty
    return f"{len(found)} queries of rules and dashboard: no error, none without data"


def node_exporter(folder):
    """What it serves of the text file is what is in it."""
    texts = folder / "texts"
    texts.mkdir()
    path, port = texts / "kmodtop.prom", free_port()
    done = kmodtop("exporter", str(folder / "stats"), "--textfile", str(path), "--count", "1")
    assert done.returncode == 0, done.stderr
    status, says = promtool("check", "metrics", stdin=path.read_bytes())
    assert (status, says) == (0, ""), says
    words = [NODE_EXPORTER, "--collector.disable-defaults", "--collector.textfile"]
    words += [f"--collector.textfile.directory={texts}", f"--web.listen-address=127.0.0.1:{port}"]
    with Running(program=words):
        served = answering(f"http://127.0.0.1:{port}/metrics")
    assert "node_textfile_scrape_error 0" in served.splitlines()
    mine, theirs = scraped.points_of(path.read_text()), scraped.points_of(served)
    theirs = {key: value for key, value in theirs.items() if key[0].startswith("kmod")}
    assert mine == theirs
    return f"node_exporter: {len(mine)} points as in the text file, node_textfile_scrape_error 0"


if __name__ == "__main__":
    main()
