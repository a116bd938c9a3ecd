"""Files that are read on a timer, without panics."""

from support.following import text
from support.samples import dup, replace, stats

from kmodtop_core.machine.facts import Machine
from kmodtop_core.sample import Sample
from kmodtop_core.sources.polled import PolledFile
from kmodtop_core.stats.parse import render

# ---- polled --------------------------------------------------------------


def test_a_polled_file_is_read_anew_each_time_and_reopened_when_replaced(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    source = PolledFile(str(path), 1.0, Machine())
    assert source.read().text == text(3)
    path.write_bytes(text(4))
    assert source.read().text == text(4)
    replace(path, text(5))
    assert source.read().text == text(5)
    path.unlink()
    assert source.read().why.code == "missing"
    path.write_bytes(text(6))
    assert source.read().text == text(6)
    source.close()


def test_a_polled_file_is_read_at_its_pace(tmp_path, follow):
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    follower = follow(PolledFile(str(path), 0.1, Machine()))
    follower.count(3)
    path.write_bytes(text(4))
    follower.count(4)
    times = [item.at.uptime for _, item, _ in follower.seen]
    assert times == sorted(times)


def panicky(tmp_path, value="1"):
    (tmp_path / "proc/sys/kernel").mkdir(parents=True, exist_ok=True)
    (tmp_path / "proc/sys/kernel/panic_on_warn").write_text(value)
    return Machine(str(tmp_path))


def test_reading_stops_before_it_could_panic_the_machine(tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(render(stats(*(dup(f"m{i}", 1) for i in range(104)))))
    source = PolledFile(str(path), 1.0, panicky(tmp_path))
    assert isinstance(source.read(), Sample)
    path.write_bytes(render(stats(*(dup(f"m{i}", 9) for i in range(105)))))
    assert isinstance(source.read(), Sample)
    refused = source.read()
    assert refused.why.code == "panic-on-warn" and "--risk-panic" in refused.why.sentence
    panicky(tmp_path, "0")
    assert isinstance(source.read(), Sample)
    source.close()


def test_a_table_that_was_cut_may_have_more_rows_than_it_shows(tmp_path):
    path = tmp_path / "stats"
    names = [f"{i:03}".ljust(55, "x") for i in range(150)]
    source = PolledFile(str(path), 1.0, panicky(tmp_path))
    path.write_bytes(render(stats(*(dup(name, 1) for name in names[:100]))))
    assert isinstance(source.read(), Sample)
    path.write_bytes(render(stats(*(dup(name, 1) for name in names))))
    assert isinstance(source.read(), Sample)
    assert "may have 112 rows" in source.read().why.sentence
    source.close()


def test_the_first_reading_asks_the_sibling_files_whether_it_is_safe(tmp_path):
    machine = panicky(tmp_path)
    path = tmp_path / "stats"
    path.write_bytes(text(3))
    # The siblings are looked up below the machine's root.
    siblings = tmp_path / str(tmp_path).lstrip("/")
    siblings.mkdir(parents=True)
    (siblings / "failed_becoming").write_text("200\n")
    source = PolledFile(str(path), 1.0, machine)
    assert source.read().why.code == "panic-on-warn"
    (siblings / "failed_becoming").write_text("20\n")
    assert isinstance(source.read(), Sample)
    assert isinstance(PolledFile(str(path), 1.0, machine, risk_panic=True).read(), Sample)
    source.close()
