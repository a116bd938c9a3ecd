"""Points, as tests compare them: {(name, labels): value}."""

from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as strict_families,
)
from prometheus_client.parser import text_string_to_metric_families as plain_families

from kmodtop_core.metrics.families import BY_NAME, COUNTER, INFO

SUFFIXES = {COUNTER: "_total", INFO: "_info"}


def named(points):
    """Points by what Prometheus calls them; none is there twice."""
    found = [(_name(point.family), tuple(sorted(point.labels))) for point in points]
    assert len(found) == len(set(found))
    return {key: point.value for key, point in zip(found, points, strict=True)}


def _name(family):
    return family + SUFFIXES.get(BY_NAME[family].kind, "")


def of_openmetrics(text):
    """By prometheus-client's strict parser of OpenMetrics."""
    return _found(strict_families(text))


def of_plain(text):
    """By its parser of the text format 0.0.4."""
    return _found(plain_families(text))


def _found(families):
    samples = [sample for family in families for sample in family.samples]
    found = {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}
    assert len(found) == len(samples)
    return found


def times_of(text):
    """{(name, labels): [(Unix seconds, value)]} of OpenMetrics with times; strictly parsed."""
    found = {}
    for family in strict_families(text):
        for one in family.samples:
            key = one.name, tuple(sorted(one.labels.items()))
            found.setdefault(key, []).append((round(float(one.timestamp), 3), one.value))
    return found


def heads(text):
    """The lines that say what a metric is."""
    return [line for line in text.splitlines() if line.startswith("#")]
