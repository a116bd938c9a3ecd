"""One room a verb; each has run(args) -> exit code."""
