"""Metrics over HTTP."""
# ruff: noqa: S310 - the addresses are ours

import http.client
import socket
import urllib.error
import urllib.request

import pytest
from support.points import heads, named, of_openmetrics, of_plain
from support.prometheus import fetched
from support.recordings import until
from support.samples import SAMPLES

from kmodtop.commands import serving
from kmodtop.commands.serving import serve
from kmodtop.values import Address
from kmodtop_core.metrics.exposition import to_openmetrics, to_text
from kmodtop_core.metrics.points import Point, of_block, of_host, of_reads, of_state, of_warnings
from kmodtop_core.sample import Host
from kmodtop_core.stats.parse import parse

BLOCK = parse((SAMPLES / "states/both.txt").read_bytes())[-1]
HOSTILE = parse((SAMPLES / "hostile/odd-names.txt").read_bytes())[-1]
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def points(block):
    host = Host("big", '6.4 "x"\\', 4, "b")
    told = [*of_block(block), *of_warnings(block.warnings), *of_state(None)]
    return [*told, *of_host(host, "0.1", 1.5), *of_reads(3, 0.25)]


@pytest.fixture
def served():
    """Serves points, until the test is over."""
    ends = []

    def begin(found, created=None, labels=("here",)):
        answer = found if callable(found) else lambda: (list(found), created)
        address, end = serve(Address("127.0.0.1", 0), answer, labels)
        ends.append(end)
        return address

    yield begin
    for end in ends:
        end()


def asked(address, accept="text/plain", query=""):
    request = urllib.request.Request(f"{address}metrics{query}", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode(), answer.headers["Content-Type"]


@pytest.mark.parametrize("block", [BLOCK, HOSTILE], ids=["ordinary", "hostile"])
@pytest.mark.parametrize("created", [None, 1.5])
def test_what_is_answered_is_what_our_own_text_says(served, block, created):
    found = points(block)
    address = served(found, created)
    text, kind = asked(address, OPENMETRICS)
    mine = "".join(to_openmetrics(found, created))
    assert kind.startswith("application/openmetrics-text")
    assert of_openmetrics(text) == of_openmetrics(mine)
    assert sorted(heads(text)) == sorted(heads(mine))
    text, kind = asked(address)
    assert kind.startswith("text/plain; version=0.0.4")
    assert of_plain(text) == of_plain("".join(to_text(found, created)))
    assert created is not None or of_plain(text) == named(found)


def test_some_of_it_can_be_asked_for(served):
    text, _ = asked(served(points(BLOCK)), query="?name[]=kmodtop_up&name[]=kmod_loads_total")
    assert {name for name, _ in of_plain(text)} == {"kmodtop_up", "kmod_loads_total"}


def test_a_page_leads_to_the_metrics_and_tells_of_the_sources_harmlessly(served):
    page = fetched(served([], labels=["<b>\x1b[2J", "ssh://a"]))
    assert 'href="/metrics"' in page and "&lt;b&gt;\\x1b[2J" in page and "ssh://a" in page
    assert "\x1b" not in page and "<b>" not in page


@pytest.mark.parametrize("path", ["metric", "metrics/", "../etc/passwd", "metrics%00"])
def test_there_is_nothing_else(served, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetched(served([]) + path)
    assert refused.value.code == 404
    refused.value.close()


def test_nothing_can_be_posted(served):
    address = served(points(BLOCK))
    request = urllib.request.Request(f"{address}metrics", data=b"x", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 405
    refused.value.close()


def connection(address):
    return socket.create_connection(("127.0.0.1", int(address.split(":")[2].strip("/"))), 10)


def test_who_is_slow_holds_up_nobody_else(served):
    address = served(points(BLOCK))
    slow = [connection(address) for _ in range(20)]
    for number, one in enumerate(slow):
        one.sendall(b"GET /metrics HTTP/1.0\r\nHost: x\r\n"[: number + 1])
    assert of_plain(asked(address)[0]) == named(points(BLOCK))
    for one in slow:
        one.close()


def test_who_takes_too_long_is_hung_up_on(served, monkeypatch):
    monkeypatch.setattr(serving._Handler, "timeout", 0.05)
    with connection(served(points(BLOCK))) as slow:
        slow.sendall(b"GET /metr")
        assert slow.recv(100) == b""


def test_who_does_not_listen_to_the_end_is_no_news(served, monkeypatch, capfd):
    monkeypatch.setattr(serving._Handler, "timeout", 0.05)
    many = [
        Point("kmod_duplicate_loads", (("module", "x" * 99 + str(n)),), n) for n in range(60000)
    ]
    ended = []
    monkeypatch.setattr(
        serving._Server, "shutdown_request", lambda self, one: (one.close(), ended.append(one))
    )
    with connection(served(many)) as deaf:
        deaf.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        until(lambda: ended)
    assert capfd.readouterr() == ("", "")


def test_a_fault_of_ours_is_one_sentence_and_an_answer(served, monkeypatch, capfd, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    address = served(lambda: 1 / 0)
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetched(f"{address}metrics")
    assert refused.value.code == 500
    refused.value.close()
    told = capfd.readouterr().err
    assert "a fault of kmodtop itself (ZeroDivisionError" in told and told.count("\n") == 1
    assert fetched(address).startswith("<!")


def test_it_listens_on_ipv6(served):
    try:
        address, end = serve(Address("::1", 0), lambda: ([], None), [])
    except Exception:
        pytest.skip("no IPv6 here")
    assert address.startswith("http://[::1]:")
    fetched(address)
    end()


def test_a_kept_connection_or_a_raw_one_gets_its_answer(served):
    address = served(points(BLOCK))
    host = address.removeprefix("http://").strip("/")
    one = http.client.HTTPConnection(host, timeout=10)
    for _ in range(2):
        one.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        answer = one.getresponse()
        assert answer.status == 200 and answer.read()[:2] == b"\x1f\x8b"
    one.close()
