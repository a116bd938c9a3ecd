"""The program: python -m kmodtop, and the script kmodtop."""

import gc
import os
import signal
import sys


def main() -> int:
    """Runs it. Ctrl-C ends silently from the first import on."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(128 + number))
    # What cannot be raised any more, as a loop that was never begun is taken down, is no news.
    sys.unraisablehook = lambda _: None
    # Starting makes no garbage, and looking for it costs a report 2 per cent.
    gc.set_threshold(10_000)
    from .cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
