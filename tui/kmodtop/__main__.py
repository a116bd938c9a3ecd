"""python -m kmodtop."""

import sys

from .cli import main

sys.exit(main())
