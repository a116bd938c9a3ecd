"""kmodtop, or another program, that runs until it is told to end."""

import signal
import subprocess
import sys
from contextlib import AbstractContextManager

from support.command import ENV


class Running(AbstractContextManager):
    """A process; `env` is more of its environment."""

    def __init__(self, *words, program=(sys.executable, "-m", "kmodtop"), **env):
        self.process = subprocess.Popen(
            [*program, *map(str, words)],
            env=ENV | env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def said(self):
        """The next line on stderr."""
        return self.process.stderr.readline().decode()

    def ended(self, number=signal.SIGTERM):
        """Its exit status after that signal."""
        self.process.send_signal(number)
        return self.process.wait(20)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
