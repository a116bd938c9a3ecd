"""A storm that is scraped and recorded: what Prometheus has of it, against the recording."""

import bisect
from collections import Counter

from prometheus_client.parser import text_string_to_metric_families

from kmodtop import __version__
from kmodtop_core.diagnosis.case import case_of_text
from kmodtop_core.diagnosis.diagnose import diagnose
from kmodtop_core.diagnosis.evidence.pieces import NO_EVIDENCE
from kmodtop_core.metrics.families import BY_NAME, COUNTER, INFO
from kmodtop_core.metrics.points import of_findings, of_frame, of_host
from kmodtop_core.recording.reading import Recording
from kmodtop_core.simulation.scenario_files import load
from kmodtop_core.simulation.simulator import Simulation
from kmodtop_core.sources.simulated import played
from kmodtop_core.tracking.tracker import Tracker

OF_EXPORTER = ("kmodtop_reads_total", "kmodtop_read_seconds_total")
"""What no recording has."""


_BOOTS = (("big-255", 0.6), ("emulated-32", 0.4))
"""Scenarios, and which part of the time each takes."""


def texts(count):
    """About so many texts of a storm, a reboot, and another storm."""
    return [text for name, part in _BOOTS for text in _storm(name, max(2, round(part * count)))]


def _storm(scenario, count):
    """From the first to the last; the number of ticks goes by the speed."""
    whole = len(list(played(Simulation(load(scenario)), 1.0)))
    return [text for _, text in played(Simulation(load(scenario)), whole / count)]


def replace(path, text):
    """No reader sees half of it."""
    new = path.with_suffix(".new")
    new.write_bytes(text)
    new.replace(path)


def named(points):
    """{(name with suffix, labels): value} of points. A label that is empty is none to
    Prometheus."""
    suffixes = {COUNTER: "_total", INFO: "_info"}
    found = {}
    for point in points:
        name = point.family + suffixes.get(BY_NAME[point.family].kind, "")
        labels = tuple(sorted(pair for pair in point.labels if pair[1]))
        found[name, labels] = point.value
    return found


def points_of(text):
    """The same of a text in the format 0.0.4."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def standing(path):
    """[(Unix seconds, {(name, labels): value})] of each text of a recording of one boot."""
    recording, tracker, found = Recording(str(path)), Tracker(), []
    (boot,) = recording.boots()
    for kept in recording.kept(boot):
        frame = tracker.observe(kept.item)
        case = case_of_text(frame.block, kept.item.host, kept.item.at, NO_EVIDENCE)
        points = [*of_frame(frame), *of_findings(diagnose(case).findings)]
        points += of_host(boot.as_host(), __version__, None)
        found.append((kept.item.at.wall, named(points)))
    recording.close()
    return found


def compare(server, path, begin, end):
    """Every sample that was scraped is the value of the text that stood then, or of that before or
    after it, and none is missing; range queries give the same."""
    texts = standing(path)
    series = _of_job(server.raw(f'{{job="kmodtop",__name__=~"kmod.*"}}[{end - begin:.0f}s]', end))
    scrapes = [at for at, _ in series["kmodtop_up", ()]]
    lags = Counter(lag for key in series for lag in _lags(key, series[key], texts))
    missing = [key for at in scrapes for key in _missing(at, series, texts)]
    assert not missing, missing[:5]
    yield (
        f"storm: {len(scrapes)} scrapes, {len(series)} series, {sum(lags.values())} samples;"
        f" of the text that stood then {lags[0]}, of the one before {lags[-1]}, after {lags[1]}"
    )
    yield _range_queries(server, series, scrapes)
    yield _final(server, texts, end)


def _of_job(found):
    """By (name, labels), without those that Prometheus adds."""
    added = ("__name__", "job", "instance")
    series = {}
    for labels, values in found.items():
        rest = tuple(pair for pair in labels if pair[0] not in added)
        name = dict(labels)["__name__"]
        if name not in OF_EXPORTER:
            series[name, rest] = values
    return series


def _near(at, texts):
    """(lag, points) of the text that stood at that time, of the one before, of the one after."""
    index = bisect.bisect_right([begun for begun, _ in texts], at) - 1
    return [(lag, texts[index + lag][1]) for lag in (0, -1, 1) if 0 <= index + lag < len(texts)]


def _lags(key, values, texts):
    for at, value in values:
        found = [lag for lag, points in _near(at, texts) if points.get(key) == value]
        assert found, (key, at, value, [points.get(key) for _, points in _near(at, texts)])
        yield found[0]


def _missing(at, series, texts):
    """What all three texts have, and no scrape at that time."""
    wanted = set.intersection(*(set(points) for _, points in _near(at, texts)))
    return [key for key in wanted if not _has(series.get(key, ()), at)]


def _has(values, at):
    index = bisect.bisect_left(values, (at, float("-inf")))
    return index < len(values) and values[index][0] == at


def _range_queries(server, series, scrapes):
    """At the times of the scrapes each gives what was scraped then."""
    begin, end, same = scrapes[0], scrapes[-1], 0
    names = sorted({name for name, _ in series})
    for name in names:
        found = _of_job(server.range(f'{name}{{job="kmodtop"}}', begin, end, 1.0))
        for key, values in found.items():
            raw = series[key]
            times = [at for at, _ in raw]
            for at, value in values:
                index = bisect.bisect_right(times, at + 0.0005) - 1
                assert value == raw[index][1], (key, at)
                same += 1
    return f"storm: range queries of {len(names)} metrics, {same} values, all as scraped"


def _final(server, texts, end):
    last = texts[-1][1]
    found = _of_job({
        labels: [(end, value)]
        for labels, value in server.query('{job="kmodtop",__name__=~"kmod.*"}', end).items()
    })  # fmt: skip
    assert {key: values[0][1] for key, values in found.items()} == last
    wasted = sum(value for (name, _), value in last.items() if name.startswith("kmod_load_wasted"))
    query = 'sum(kmod_load_wasted_bytes_total{job="kmodtop"})'
    assert list(server.query(query, end).values()) == [wasted]
    return f"storm: {len(last)} final values equal, {wasted:,.0f} bytes wasted"
