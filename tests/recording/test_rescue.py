"""What is done when a recording was taken away while it was written."""

import os

from support.recordings import HOST, record
from support.samples import dup, sample, stats

from kmodtop_core.recording import rescue
from kmodtop_core.recording.file import open_to_read


def test_what_is_too_much_for_memory_is_not_rescued(path, monkeypatch):
    record(path, sample(0, stats(dup("kvm", 1)), HOST))
    store = open_to_read(path)
    copy = rescue.rescued(store)
    assert copy is not None and copy.one("i", "SELECT count(*) FROM sample") == 1
    monkeypatch.setattr(rescue, "_MOST_RESCUED", 100)
    assert rescue.rescued(store) is None
    store.close()


def test_what_is_left_beside_goes_and_the_file_only_where_it_was_emptied(tmp_path):
    path = str(tmp_path / "r.db")
    for how, left in (("moved", ["r.db"]), ("deleted", ["r.db"]), ("emptied", [])):
        for ending in ("", "-wal", "-shm"):
            (tmp_path / f"r.db{ending}").write_bytes(b"x")
        rescue.clear_away(path, how)
        assert os.listdir(tmp_path) == left, how
