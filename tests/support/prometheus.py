"""Prometheus and what goes with it: the programs, a server, and the files in samples/prometheus."""

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path

from support.farside import free_port
from support.samples import SAMPLES

FOLDER = SAMPLES / "prometheus"
PROMTOOL = shutil.which("promtool")
PROMETHEUS = shutil.which("prometheus")
NODE_EXPORTER = shutil.which("node_exporter") or shutil.which("prometheus-node-exporter")
_VARIABLES = {
    "$instance": ".*",
    "$__rate_interval": "1m",
    "$__interval": "15s",
    "$__range": "1h",
}
"""Of the dashboard, as Grafana would fill them in."""


def lacking():
    """Names of the programs that are not installed."""
    found = {"prometheus": PROMETHEUS, "promtool": PROMTOOL, "node_exporter": NODE_EXPORTER}
    return [name for name, path in found.items() if path is None]


def promtool(*words, stdin=b""):
    """What it prints, and its exit status."""
    done = subprocess.run(
        [PROMTOOL, *map(str, words)], input=stdin, capture_output=True, timeout=600, check=False
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def of_dashboard():
    """{the title of a panel: its queries}"""
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    return {
        panel["title"]: [_filled(one["expr"]) for one in panel["targets"]]
        for panel in dashboard["panels"]
    }


def _filled(query):
    for name, value in _VARIABLES.items():
        query = query.replace(name, value)
    return query


def of_rules():
    """{the name of an alert or a recorded series: its expression}, each on a line of its own."""
    text = (FOLDER / "kmodtop.rules.yml").read_text()
    return dict(re.findall(r"- (?:alert|record): (.+)\n +expr: (.+)\n", text))


def fetched(url):
    """What answers there, as text."""
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - http of this machine
        return answer.read().decode()


def answering(url, seconds=30.0):
    """Waits until somebody answers."""
    give_up = time.monotonic() + seconds
    while True:
        try:
            return fetched(url)
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


class Server(AbstractContextManager):
    """A Prometheus with its data in `folder`, which scrapes `targets` ({job: port}) each second."""

    def __init__(self, folder: Path, targets: dict[str, int]):
        self.port = free_port()
        jobs = "".join(
            f"  - job_name: {job}\n    static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
            for job, port in targets.items()
        )
        config = folder / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 5s}\n"
            f"rule_files: [{FOLDER / 'kmodtop.rules.yml'}]\nscrape_configs:\n{jobs}"
        )
        words = [PROMETHEUS, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
        words += ["--storage.tsdb.retention.time=10y", "--log.level=error"]
        words += [f"--web.listen-address=127.0.0.1:{self.port}"]
        self._process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        answering(f"http://127.0.0.1:{self.port}/-/ready")

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)

    def query(self, expression, at):
        """{labels: value} at a time (Unix seconds)."""
        found = self._asked("query", query=expression, time=f"{at:.3f}")["result"]
        return {_labels(one): float(one["value"][1]) for one in found}

    def raw(self, selector, at):
        """{labels: [(Unix seconds, value)]} of a range selector."""
        found = self._asked("query", query=selector, time=f"{at:.3f}")["result"]
        return {_labels(one): _values(one) for one in found}

    def range(self, expression, begin, end, step):
        """{labels: [(Unix seconds, value)]} at each step."""
        words = {"start": f"{begin:.3f}", "end": f"{end:.3f}", "step": f"{step:g}"}
        found = self._asked("query_range", query=expression, **words)["result"]
        return {_labels(one): _values(one) for one in found}

    def _asked(self, what, **words):
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(words)}"
        try:
            return json.loads(fetched(url))["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{words}: {error.read().decode()}") from None


def _labels(one):
    return tuple(sorted(one["metric"].items()))


def _values(one):
    return [(at, float(value)) for at, value in one["values"]]
