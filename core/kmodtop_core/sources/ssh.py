"""One connection to another host by the system's ssh(1), and what runs on the far side."""

import os
import secrets
import select
import shlex
import subprocess
import time
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ..errors import Exit, SourceError, Trouble
from ..machine.facts import STATS_PATH
from ..plain import harmless
from .base import Stop

_MOST_REPLY = 1 << 20
"""Bytes of one reply; a stats text has 8,191 at most, whatever a far side claims."""

PATIENCE_S = 10.0
"""Seconds that a far side may take for a reply."""

_READER = (
    "LC_ALL=C; export LC_ALL; exec 2>/dev/null; t=$1; f=$2; d=${f%/*}; o=; n=0;"
    " p=${KMODTOP_PROC:-/proc};"
    ' command -v dd >/dev/null || { echo "$t need dd"; exit 1; };'
    " while read -r w x; do case $w in cpu[0-9]*) n=$((n+1));; esac; done < $p/stat;"
    " read -r b < $p/sys/kernel/random/boot_id; read -r k < $p/sys/kernel/osrelease;"
    " read -r h < $p/sys/kernel/hostname; read -r u x < $p/uptime;"
    ' echo "$t hello $u $(date +%s) $n ${b:--} ${k:--} ${h:--}";'
    " while read -r c; do"
    " w=0; read -r u x < $p/uptime; read -r w < $p/sys/kernel/panic_on_warn;"
    " case $c in"
    " count) a=0; g=0; read -r a < $d/failed_becoming; read -r g < $d/failed_load_modules;"
    ' echo "$t count $u $w $((a+g))";;'
    ' *) if [ -r "$f" ] && s=$(dd if="$f" bs=65536 count=1 && echo x); then'
    ' if [ "$s" = "$o" ]; then echo "$t same $u $w";'
    ' else o=$s; echo "$t text $u $w"; printf %s "${s%x}"; echo; echo "$t end"; fi;'
    ' elif [ -r "$f" ]; then o=; echo "$t no $u $w error";'
    ' elif [ -e "$f" ]; then o=; echo "$t no $u $w there";'
    ' else o=; echo "$t no $u $w gone"; fi;;'
    " esac; done"
)
"""For sh -c: no quote, backslash or exclamation mark, so that any login shell hands it on.
dd reads the file by one read(2), as small reads would tear the text (fs/seq_file.c does not
buffer it: read_file_mod_stats generates the text for each)."""


class Address(NamedTuple):
    """ssh://[user@]host[:port][/path]; `url` as it was written."""

    url: str
    target: str
    port: int | None
    path: str

    def words(self) -> list[str]:
        """What follows ssh and its options to reach the host."""
        return [*(("-p", str(self.port)) if self.port else ()), self.target]

    def command(self, sudo: bool = False) -> str:
        """What somebody can type to try the same by hand."""
        return shlex.join(
            ["ssh", *self.words(), *(("sudo", "-n") if sudo else ()), "cat", self.path]
        )


def address(url: str) -> Address:
    """Raises SourceError for what is no such address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unusable(url, "its host or port cannot be read") from None
    if port == 0:
        raise _unusable(url, "port 0 is none")
    if parts.password is not None or parts.query or parts.fragment:
        raise _unusable(url, "it has more than user, host, port and path")
    path = unquote(parts.path) if parts.path not in ("", "/") else STATS_PATH
    if any(char in "'\\!" or ord(char) < 32 for char in path):
        raise _unusable(url, "its path has quotes, which no login shell would hand on")
    # As it was written: urlsplit makes the host small, an alias in ssh's config may not be.
    written, _, place = parts.netloc.rpartition("@")
    user, host = unquote(written), _host_of(place)
    if not host or host.startswith("-") or user.startswith("-") or not (host + user).isprintable():
        raise _unusable(url, "it names no host")
    return Address(url, f"{user}@{host}" if user else host, port, path)


def _host_of(place: str) -> str:
    """The host, without brackets and port; percent signs mean what they do in an address
    (RFC 3986), and set a zone apart in brackets (RFC 6874)."""
    if place.startswith("["):
        return unquote(place[1:].partition("]")[0])
    return unquote(place.partition(":")[0])


def _unusable(url: str, problem: str) -> SourceError:
    fix = "write ssh://[user@]host[:port][/path]"
    return SourceError(Trouble("bad-address", problem, fix, url), Exit.USAGE)


class Lost(Exception):  # noqa: N818 - said as the field says it
    """The connection is gone; the message tells why."""


class _Reply(NamedTuple):
    """A word, the far side's figures, and a text where there is one."""

    word: str
    figures: list[str]
    text: bytes = b""


class Link:
    """One connection. `asking`: ssh may ask the terminal for passwords."""

    def __init__(self, where: Address, sudo: bool, asking: bool) -> None:
        self._token = secrets.token_hex(8)
        self._buffer = b""
        self._passed_over = 0
        self._panics: bool | None = None
        self.uptime = "0"
        words = ["ssh", "-T", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=2"]
        words += ["-o", "ConnectTimeout=15"]
        words += [] if asking else ["-o", "BatchMode=yes"]
        shell = "exec sudo -n sh -c" if sudo else "exec sh -c"
        command = f"{shell} '{_READER}' kmodtop {self._token} '{where.path}'"
        self._process: subprocess.Popen[bytes]
        try:
            self._process = subprocess.Popen(
                [*words, *where.words(), command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=not asking,
            )
        except OSError as error:
            raise Lost(f"ssh cannot be started ({error.strerror})") from None
        assert self._process.stdout
        assert self._process.stderr
        self._out, self._err = self._process.stdout.fileno(), self._process.stderr.fileno()
        self._errors, self._open = b"", [self._out, self._err]
        for fd in self._open:
            os.set_blocking(fd, False)

    def panics_on_warn(self, stop: Stop | None) -> bool:
        """Whether a warning panics the far side, as it was told last."""
        if self._panics is None:
            self.ask("count", stop)
        return bool(self._panics)

    def ask(self, word: str, stop: Stop | None) -> _Reply:
        """Sends a request; waits for the reply. Raises Lost."""
        assert self._process.stdin
        try:
            self._process.stdin.write(f"{word}\n".encode())
            self._process.stdin.flush()
        except OSError:
            raise Lost(self._reason()) from None
        reply = self.reply(stop, PATIENCE_S)
        if reply.word not in ("count", "same", "text", "no") or len(reply.figures) < 2:
            raise Lost("the far side does not answer as it should")
        self.uptime = reply.figures[0]
        self._panics = reply.figures[1] != "0"
        return reply

    def reply(self, stop: Stop | None, patience: float | None) -> _Reply:
        """What the far side says next; other output before it is passed over. Raises Lost."""
        give_up = None if patience is None else time.monotonic() + patience
        sign = self._token.encode() + b" "
        while True:
            found = self._parse(sign)
            if found is not None:
                return found
            if max(len(self._buffer), self._passed_over) > _MOST_REPLY:
                raise Lost("the far side sends more than any statistics have")
            if stop is not None and stop.is_set():
                raise Lost("it is time to end")
            if give_up is not None and time.monotonic() > give_up:
                raise Lost(f"no answer within {patience:g} s")
            ready, _, _ = select.select(self._open, [], [], 0.2)
            if self._err in ready:
                self._take_errors()
            if self._out in ready:
                chunk = os.read(self._out, 1 << 16)
                if not chunk:
                    raise Lost(self._reason())
                self._buffer += chunk

    def _parse(self, sign: bytes) -> _Reply | None:
        """The next whole reply of the buffer."""
        at = self._buffer.find(sign)
        if at < 0:
            self._passed_over += len(self._buffer[:-1000])
            self._buffer = self._buffer[-1000:]
            return None
        line, newline, rest = self._buffer[at + len(sign) :].partition(b"\n")
        if not newline:
            return None
        words = line[:1000].decode("utf-8", "replace").split(" ")
        if words[0] != "text":
            self._buffer = rest
            return _Reply(words[0], words[1:])
        end = rest.find(b"\n" + sign + b"end\n")
        if end < 0:
            return None
        text, self._buffer = rest[:end], rest[end + len(sign) + 5 :]
        return _Reply("text", words[1:], text)

    def _take_errors(self) -> None:
        chunk = os.read(self._err, 4096)
        self._errors = (self._errors + chunk)[-4096:]
        if not chunk:
            self._open.remove(self._err)

    def _reason(self) -> str:
        """What ssh said last."""
        until = time.monotonic() + 1.0  # it may go on for ever
        while (
            self._err in self._open
            and time.monotonic() < until
            and select.select([self._err], [], [], 0.2)[0]
        ):
            self._take_errors()
        lines = self._errors.decode("utf-8", "replace").strip().splitlines()
        told = harmless(lines[-1].strip().rstrip(".")[:200]) if lines else ""
        return told or "the connection was closed"

    def close(self) -> None:
        """Ends ssh, and with its input the reader on the far side."""
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            try:
                if stream:
                    stream.close()
            except OSError:
                pass  # what could not be sent is not missed
        self._process.terminate()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def figure(text: str) -> float:
    """Raises Lost: a far side that tells other things is none."""
    try:
        value = float(text)
    except ValueError:
        raise Lost("the far side does not answer as it should") from None
    if not 0 <= value < 1e12:
        raise Lost("the far side reports impossible times")
    return value


def known(text: str) -> str | None:
    """What the far side says of itself; None where it cannot tell."""
    return text[:100] if text not in ("", "-") else None
