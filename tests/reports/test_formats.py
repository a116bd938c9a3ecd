"""Reports as mail, Markdown and HTML: whatever a text holds, it stays within its format."""

import html.parser
import json
import re

import pytest
from support.command import kmodtop
from support.recordings import HERE, record
from support.samples import SAMPLES, dup, sample, stats

from kmodtop_core.reports.drawing import ticks
from kmodtop_core.reports.mail import WIDTH, to_mail
from kmodtop_core.stats.parse import render

SOURCES = [
    "who/a_udev",
    "series/boot-udev-32cpu-noidem.jsonl",
    "published/sr950-448cpu-release-master.txt",
    "hostile/odd-names.txt",
    "states/normal-set.txt",
    "limits/rows-180-twice.txt",
]


def report(source, form, *words):
    done = kmodtop("report", str(source), "--format", form, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize("source", SOURCES)
def test_a_mail_is_ascii_and_narrow_and_nothing_of_it_is_eaten(source):
    text = report(SAMPLES / source, "mail")
    assert text.isascii()
    for line in text.splitlines():
        assert len(line) <= WIDTH, line
        assert not re.match(r"From |>|---|diff |Index: |\.|#|-- ?$|@@|\+\+\+", line), line
        assert line == line.rstrip()


@pytest.mark.parametrize("eaten", ["From here", "--- a/x", "diff --git", ".", "-- ", ">From", "@@"])
def test_a_line_that_would_be_eaten_is_moved(eaten):
    assert to_mail(eaten + "\n").startswith(" ")


def test_a_command_can_be_pasted():
    command = "kprobe_event=p:d,try_add_failed_module,name=+0($arg1):string,comm=$comm"
    assert to_mail(f"    trace_clock=boot {command}\n").splitlines()[-1].strip() == command
    quoted = "sudo dmesg | grep -iE 'module|symbol|signature|version magic' | less"
    assert to_mail(f"    {quoted}\n").strip() == quoted


def test_a_row_of_a_table_keeps_its_columns():
    row = "becoming           214   26.65 MiB   refused before its place was allocated"
    first, second = to_mail(row + "\n").splitlines()
    assert first == "becoming           214   26.65 MiB" and second.strip().startswith("refused")


class Page(html.parser.HTMLParser):
    """What a page holds: tags, attributes, and whether they are closed."""

    VOID = ("meta", "line", "rect", "polygon")

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], {}
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.open.pop() != tag:
            assert tag in ("table", "ul", "tr")

    def handle_data(self, data):
        where = self.open[-1] if self.open else ""
        self.words[where] = self.words.get(where, "") + data


@pytest.mark.parametrize("source", SOURCES)
def test_a_page_loads_nothing_and_runs_nothing(source):
    text = report(SAMPLES / source, "html")
    page = Page(text)
    assert len(text.encode()) < 100_000
    for tag, attrs in page.tags:
        assert tag not in ("script", "img", "link", "iframe", "object", "form", "a")
        assert not any(name.startswith("on") or name in ("src", "href", "style") for name in attrs)
    (policy,) = (a["content"] for t, a in page.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_a_page_of_the_largest_storm_stays_small(tmp_path):
    path = str(tmp_path / "r.db")
    names = [f"a_rather_long_module_name_{n:03}" for n in range(111)]
    counts = dict.fromkeys(names, 0)
    items = [sample(0, stats(), HERE)]
    for n in range(2000):
        counts[names[(7 * n) % 111]] += 1
        rows = [dup(m, c) for m, c in reversed(counts.items()) if c]
        items.append(sample(1 + n / 100 + 30 * (n // 400), stats(*rows), HERE))
    record(path, *items)
    text = report(path, "html")
    assert len(text.encode()) < 100_000 and text.count("<svg") == 5
    assert "1 smaller storm not drawn" in text


NAMES = [
    "<script>alert(1)</script>",
    "a`b|c",
    "](http://x)",
    b"\x1b[31mred".decode("unicode_escape"),
    'x" onload="y',
    "<b>&amp;",
]


@pytest.mark.parametrize("form", ["text", "mail", "markdown", "html"])
def test_hostile_names_stay_names(form, tmp_path):
    path = tmp_path / "stats"
    path.write_bytes(render(stats(*(dup(name, 9) for name in NAMES))))
    text = report(path, form)
    assert "\x1b" not in text
    if form == "html":
        page = Page(text)
        assert not any(tag == "script" or "onload" in attrs for tag, attrs in page.tags)
        assert "<script>alert(1)</script>" in "".join(page.words.values())
    if form == "markdown":
        told = [line for line in text.splitlines() if not line.startswith("    ")]
        assert not any("<script" in line.replace("\\<script", "") for line in told)
        assert not any("](http" in line.replace("\\](http", "").replace("\\]", "") for line in told)


def test_markdown_has_the_answer_first_and_commands_as_code():
    text = report(SAMPLES / "who/a_udev", "markdown")
    assert text.startswith("## • STORM OVER")
    assert (
        "- **who** userspace: udev" in text
        and "`sudo kmodtop record --blame=trace -o FILE`" in text
    )
    assert "| kvm | 19.32 MiB |" in text


def test_a_report_begins_with_the_answer():
    lines = report(SAMPLES / "who/a_udev", "text").splitlines()
    assert lines[0].startswith("• STORM OVER  27.22 MiB wasted")
    assert [line.split()[0] for line in lines[1:4]] == ["what", "when", "who"]
    assert lines[3].endswith("likely ●●○")


def test_json_has_the_answer_beside_what_was_there():
    told = json.loads(report(SAMPLES / "who/a_udev", "json"))
    assert told["schema"] == "kmodtop.report/1" and told["recording"]["storms"]
    (storm,) = told["storms"]
    assert storm["modules"][0] == "serio" and storm["failures"] == 220
    assert (
        told["module_bytes"][0]["module"] == "kvm" and told["module_bytes"][0]["basis"] == "exact"
    )
    assert {f["rule"] for f in told["findings"]} == {"per-cpu", "race"}
    for finding in told["findings"]:
        assert set(finding) >= {
            "rule", "side", "requester", "confidence", "modules", "duplicates", "wasted_bytes",
            "sentence", "evidence", "next",
        }  # fmt: skip
    assert not any(finding["is_estimate"] for finding in told["findings"])
    other = json.loads(report(SAMPLES / "who/g_other", "json"))
    assert any(finding["is_estimate"] for finding in other["findings"])
    assert json.loads(report(SAMPLES / "states/both.txt", "json"))["storms"] == []


def test_a_saved_log_is_more_evidence(tmp_path):
    log = tmp_path / "log"
    log.write_text("[   3.0] vmap allocation for size 9999 failed: use vmalloc=<size>\n")
    text = report(SAMPLES / "states/both.txt", "text", "--kmsg", str(log))
    assert "address space ran out" in text
    gone = kmodtop("report", str(SAMPLES / "states/both.txt"), "--kmsg", str(tmp_path / "gone"))
    assert gone.returncode == 3 and gone.stderr.count(b"\n") == 1


@pytest.mark.parametrize("form", ["text", "json", "mail"])
def test_a_log_is_a_source_of_its_own(form, tmp_path):
    log = tmp_path / "log"
    log.write_text("[  4.5] module: module-autoload: duplicate request for module fs-vfat\n" * 3)
    text = report(log, form)
    assert "3 duplicate requests" in text and "fs-vfat" in text


@pytest.mark.parametrize(
    ("begin", "end", "told"),
    [(0, 80, [0, 10, 20, 30, 40, 50, 60, 70, 80]), (24.2, 33.6, [26, 28, 30, 32]), (5, 5, [5])],
)
def test_an_axis_has_round_moments(begin, end, told):
    assert ticks(begin, end) == told
