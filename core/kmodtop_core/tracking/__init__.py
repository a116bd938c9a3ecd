"""From one reading to the next: what grew, how fast, since when.

frame    everything that can be shown at a moment
tracker  observe(Sample | Gap) -> Frame
changes  deltas, wraps, resets
rows     the modules of the table, followed; heat
history  the past in bounded series, and the protocol of all who can tell of it
"""
