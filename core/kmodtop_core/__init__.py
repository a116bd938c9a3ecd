"""The model and everything headless; never imports textual or rich.

A source yields samples, the tracker turns each into a frame, a sink shows it:

    sources ──► Sample | Gap ──► Tracker.observe ──► Frame ──► report, TUI, …

Rooms, innermost first:

    stats       ModuleStats: the kernel's eleven counters and its table
    statsfile   bytes of the stats file ⇄ ModuleStats, and what was odd
    paste       finds such texts in mails, logs and terminal copies
    sample      Sample | Gap: what a source yields, with its time
    history     bounded series at several resolutions
    tracker     what grew, how fast, since when; resets and wraps
    sources     files (polled or watched), standard input, series
    report      a snapshot as text or JSON
    machine     what this machine says of itself
    why         why a file can't be read
    kernel      KernelTracker: the kernel's bookkeeping, event by event
    simulator   N CPUs that race through the load path; scenarios, compare
    recording   the store of raw texts
"""
