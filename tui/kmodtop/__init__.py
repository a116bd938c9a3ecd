"""The command line and the Textual app of kmodtop."""

__version__ = "0.1.0"
