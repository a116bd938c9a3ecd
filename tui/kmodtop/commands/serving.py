"""Metrics over HTTP, by prometheus-client: /metrics, and a page that leads there."""

import errno
import io
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TextIO
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from kmodtop_core.errors import Exit, SourceError, Trouble
from kmodtop_core.metrics.families import COUNTER, FAMILIES, Family
from kmodtop_core.metrics.points import Point, grouped
from kmodtop_core.plain import harmless
from kmodtop_core.reports.web import begin_page, end_page, safe

from .. import __version__
from ..process import crash
from ..process.streams import say
from ..values import Address

_PATIENCE_S = 10.0
"""Seconds that somebody may take to ask."""

Readings = Callable[[], tuple[list[Point], float | None]]
"""Points as of now, and when their counters began (Unix seconds) where that is wanted."""


class _Asked(Collector):
    """What prometheus-client collects from."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Metric]:
        """Families in their order."""
        points, created = self._readings()
        for family, found in grouped(points):
            metric = _empty(family)
            for point in found:
                labels = dict(point.labels)
                metric.add_sample(family.sample, labels, point.value)
                if family.kind == COUNTER and created is not None:
                    metric.add_sample(f"{family.name}_created", labels, created)
            yield metric

    def describe(self) -> list[Metric]:
        """What there may be: ?name[]= asks for some of it."""
        return [_empty(family) for family in FAMILIES]


def _empty(family: Family) -> Metric:
    return Metric(family.name, family.help, family.kind, family.unit)


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    """Somebody who is slow holds up nobody else."""

    daemon_threads = True
    request_queue_size = 32

    def server_bind(self) -> None:
        """Without asking a name server who this is, as http.server does."""
        if self.address_family == socket.AF_INET6 and self.server_address[0] == "::":
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # ipv6(7)
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who has gone away is no news."""


class _Handler(WSGIRequestHandler):
    timeout = _PATIENCE_S

    def log_message(self, *args: Any) -> None:
        """Who asks is not said."""

    def get_stderr(self) -> TextIO:
        """Nor that somebody did not listen to the end."""
        return io.StringIO()


def serve(
    address: Address, readings: Readings, labels: Sequence[str]
) -> tuple[str, Callable[[], None]]:
    """Answers from now on, in a thread; returns the page's address, and what ends it.

    `labels`: of the sources. Raises SourceError where nobody can listen there.
    """
    registry = CollectorRegistry()
    registry.register(_Asked(readings))
    try:
        server = _listening(address)
    except (OSError, OverflowError) as error:
        raise _deaf(address, error) from None
    server.set_app(_app(make_wsgi_app(registry), labels))
    threading.Thread(target=server.serve_forever, args=(0.2,), daemon=True).start()
    host = server.server_name if address.host else socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{server.server_port}/", lambda: _end(server)


def _end(server: _Server) -> None:
    server.shutdown()
    server.server_close()


def _listening(address: Address) -> _Server:
    host = address.host or ("::" if socket.has_dualstack_ipv6() else "0.0.0.0")  # noqa: S104 - asked for
    found = socket.getaddrinfo(host, address.port, type=socket.SOCK_STREAM)
    family, _, _, _, where = found[0]

    class Server(_Server):
        address_family = family

    return Server((str(where[0]), int(where[1])), _Handler)


def _deaf(address: Address, error: Exception) -> SourceError:
    number = getattr(error, "errno", None)
    taken = number in (errno.EADDRINUSE, errno.EACCES)
    fix = "choose another port by --listen" if taken else "choose another address by --listen"
    what = f"nobody can listen there ({getattr(error, 'strerror', None) or error})"
    where = f"{address.host}:{address.port}"
    return SourceError(Trouble("listen", what, fix, where), Exit.USAGE)


def _app(metrics: Any, labels: Sequence[str]) -> Any:
    page = "\n".join(_page(labels)).encode()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return _metrics(metrics, environ, start_response)
        is_page = path in ("", "/")
        kind = "text/html" if is_page else "text/plain"
        headers = [("Content-Type", f"{kind}; charset=utf-8")]
        start_response("200 OK" if is_page else "404 Not Found", headers)
        return [page] if is_page else [b"there is /metrics, and nothing else\n"]

    return answer


def _metrics(metrics: Any, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    try:
        found: Iterable[bytes] = metrics(environ, start_response)
    except Exception as error:
        say(crash.told(error))
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
        return [b"a fault of kmodtop itself, which its log tells\n"]
    return found


def _page(labels: Sequence[str]) -> Iterator[str]:
    yield from begin_page("kmodtop exporter")
    yield "<h1>kmodtop exporter</h1>"
    yield '<p><a href="/metrics">/metrics</a>, in OpenMetrics or the text format 0.0.4.</p>'
    yield from (f"<p>{safe(harmless(label))}</p>" for label in labels)
    yield end_page(__version__)
