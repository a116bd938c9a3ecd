"""Libraries that come with kmodtop, for where those of the system are too old."""

import os
import sys


def use_own() -> None:
    """Those in the folder `libraries` of this package, if it has one, go before others.

    Neither wheels nor sources have it. A package of a distribution may put the live view's
    libraries there, see packaging/debian; nothing but kmodtop sees them.
    """
    own = os.path.join(os.path.dirname(os.path.dirname(__file__)), "libraries")
    if own not in sys.path and os.path.isdir(own):
        sys.path.insert(0, own)
