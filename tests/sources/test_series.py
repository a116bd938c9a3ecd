"""Samples with their times."""

import threading

import pytest
from support.samples import SAMPLES

from kmodtop_core.errors import SourceError
from kmodtop_core.sources.series import Series, read_series


def test_a_series_is_played_at_its_own_pace_and_faster():
    path = SAMPLES / "series/storm-moderate.jsonl"
    series = read_series(path.read_bytes(), str(path))
    items = list(Series(series, "x", speed=1000).items(threading.Event()))
    assert len(items) == len(series) == 171
    assert items[0].host.cpus == 8 and items[0].host.kernel == "6.12.107-klab"


@pytest.mark.parametrize(
    "data",
    [
        b'{"series": "x"}\n',
        b'{"series": "x"}\n{"text": "no time"}\n',
        b'{"series": "x"}\n[1]\n',
        b'{"series": "x"}\nnonsense\n',
        b'{"series": "x"}\n{"boottime_s": NaN, "text": ""}\n',
        b'{"series": "x"}\n{"boottime_s": 1e300, "text": ""}\n',
    ],
)
def test_a_broken_series_names_the_line(data):
    with pytest.raises(SourceError, match=r"line \d|no samples"):
        read_series(data, "x")
