"""The model and everything headless; never imports textual or rich.

A source yields samples, the tracker turns each into a frame, a sink shows it:

    sources ──► Sample | Gap ──► Tracker.observe ──► Frame ──► report, TUI, …

One folder for each reason to change, from the top down; imports point down only:

    reports     modelling         text and JSON; scenarios of what is there
    diagnosis   opening           what frames amount to; what a name means
    recording   sources           kept on disk; read from files, hosts, simulations
    tracking simulation machine   what grew; a kernel in small; this machine
    stats                         the kernel's text
    sample                        Sample | Gap: what a source yields, with its time
    errors plain units jsontext speed    ground: nothing below them
"""
