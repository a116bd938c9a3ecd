"""What cannot be a source, told without being fooled."""

import os
import threading

import pytest
from support.following import text

from kmodtop_core.errors import SourceError
from kmodtop_core.machine.facts import Machine
from kmodtop_core.opening.reading import read_now
from kmodtop_core.opening.watching import open_source
from kmodtop_core.sources.base import MOST_BYTES
from kmodtop_core.sources.bounded import read_to_end


@pytest.mark.parametrize(
    ("path", "says"),
    [("/", "is a directory"), ("/dev/zero", "is a device"), ("/dev/null", "is a device")],
)
def test_what_can_not_be_read_is_refused_with_a_reason(path, says):
    for attempt in (lambda: read_now(path, Machine()), lambda: open_source(path, 1, Machine())):
        with pytest.raises(SourceError, match=says) as error:
            attempt()
        assert error.value.status == 3


def test_a_pipe_without_a_writer_is_not_waited_for_for_ever(fifo):
    with pytest.raises(SourceError, match="nobody writes"):
        read_now(str(fifo), Machine())


def test_a_pipe_with_a_writer_is_read_to_its_end(fifo):
    writer = threading.Thread(target=lambda: fifo.write_bytes(text(3)))
    writer.start()
    (sample,) = read_now(str(fifo), Machine())
    writer.join()
    assert sample.text == text(3)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    for attempt in (read_now, lambda name, m: open_source(name, 1, m)):
        with pytest.raises(SourceError, match="1,073,741,824 bytes"):
            attempt(str(path), Machine())
    assert MOST_BYTES < 1 << 30


def test_a_file_that_is_handed_out_page_by_page_is_read_to_its_end(tmp_path, monkeypatch):
    path, read = tmp_path / "trace", os.read
    path.write_bytes(bytes(range(256)) * 100)
    monkeypatch.setattr(os, "read", lambda fd, size: read(fd, min(size, 4096)))
    assert read_to_end(str(path), Machine()) == path.read_bytes()
    with pytest.raises(SourceError, match="no such file"):
        read_to_end(str(tmp_path / "none"), Machine())
