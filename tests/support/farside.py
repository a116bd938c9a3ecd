"""Far sides for tests: a real sshd on loopback where there is one, else a stand-in for ssh."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress

SSHD = shutil.which("sshd") or shutil.which("/usr/sbin/sshd")


class FarSide:
    """An sshd of this user, with a key of its own, and a `proc` that a test may change."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.proc = folder / "proc"
        (self.proc / "sys/kernel/random").mkdir(parents=True)
        self.boot("boot-1", uptime=1000)
        for key in ("host", "mine"):
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
            subprocess.run(words, check=True)
        shutil.copy(folder / "mine.pub", folder / "authorized")
        (folder / "sshd.conf").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\n"
            f"AuthorizedKeysFile {folder}/authorized\nPidFile none\nUsePAM no\n"
            f"StrictModes no\nSetEnv KMODTOP_PROC={self.proc}\n"
        )
        (folder / "ssh.conf").write_text(
            f"Host far\n HostName 127.0.0.1\n IdentityFile {folder}/mine\n"
            " IdentitiesOnly yes\n StrictHostKeyChecking no\n"
            f" UserKnownHostsFile {folder}/known\n LogLevel ERROR\n"
        )
        (folder / "bin").mkdir()
        ssh = folder / "bin/ssh"
        ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh.conf "$@"\n')
        ssh.chmod(0o755)
        self.daemon = None
        self.start()

    def boot(self, boot_id, uptime):
        """Another boot, going by what the far side tells."""
        kernel = self.proc / "sys/kernel"
        (kernel / "random/boot_id").write_text(f"{boot_id}\n")
        (kernel / "osrelease").write_text("6.12.9-far\n")
        (kernel / "hostname").write_text("far-host\n")
        (kernel / "panic_on_warn").write_text("0\n")
        (self.proc / "stat").write_text("cpu 1 2 3\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\n")
        self.clock(uptime)

    def clock(self, uptime):
        """What the far side takes for its uptime."""
        (self.proc / "uptime").write_text(f"{uptime:.2f} 1.00\n")

    def start(self):
        """Listens."""
        os.makedirs("/run/sshd", exist_ok=True)  # sshd wants it when it is root's
        words = [SSHD, "-D", "-e", "-f", str(self.folder / "sshd.conf")]
        self.daemon = subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True)
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("sshd does not listen")

    def drop(self):
        """Cuts every connection, as a network does; goes on listening."""
        for pid in _below(self.daemon.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, 9)

    def stop(self):
        """Ends it all."""
        self.drop()
        self.daemon.kill()
        self.daemon.wait()

    def url(self, path):
        """The address of a file."""
        return f"ssh://far:{self.port}{path}"

    def path_with_ssh(self):
        """PATH in which ssh finds the far side."""
        return f"{self.folder}/bin:{os.environ['PATH']}"


def stand_in(folder, script):
    """PATH in which ssh is that shell script; its last word is what would run far away."""
    folder.mkdir(exist_ok=True)
    ssh = folder / "ssh"
    ssh.write_text(f"#!/bin/sh\nfor command; do :; done\n{script}\n")
    ssh.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def _below(pid):
    """The processes below that one."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, check=False).stdout
    for child in map(int, found.split()):
        yield from _below(child)
        yield child


def free_port():
    """One at which nobody listens just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
