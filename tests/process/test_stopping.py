"""What ends a verb that runs until it is stopped."""

import subprocess
import sys

import pytest
from support.command import ENV

_ELSEWHERE = """
import os, select, signal, sys, threading, time
from kmodtop.process.stopping import SignalStop

asleep, real = threading.Event(), select.select
def sleeping(*words):
    asleep.set()
    return real(*words)

def kill():
    asleep.wait()
    time.sleep(0.1)  # by now it sleeps
    os.kill(os.getpid(), int(sys.argv[1]))

stop = SignalStop()
threading.Thread(target=kill).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {int(sys.argv[1])})
select.select = sleeping
began = time.monotonic()
ended = stop.wait(20)
sys.exit(stop.code if ended and time.monotonic() - began < 10 else 1)
"""
"""The thread that waits is not the one that the signal comes to."""

_OTHERS = """
import os, signal, sys, time
from kmodtop.process.stopping import SignalStop

signal.signal(signal.SIGUSR1, lambda *_: None)
stop = SignalStop()
os.kill(os.getpid(), signal.SIGUSR1)
began, used = time.monotonic(), time.process_time()
while time.monotonic() - began < 0.5:
    assert not stop.wait(0.5)
sys.exit(time.process_time() - used > 0.2)
"""


def ran(script, *words):
    words = [sys.executable, "-c", script, *map(str, words)]
    return subprocess.run(words, env=ENV, timeout=30, check=False).returncode


@pytest.mark.parametrize("number", [1, 2, 15])
def test_a_signal_that_another_thread_gets_wakes_it_at_once(number):
    assert ran(_ELSEWHERE, number) == 128 + number


def test_other_signals_neither_end_it_nor_keep_it_awake():
    assert ran(_OTHERS) == 0
