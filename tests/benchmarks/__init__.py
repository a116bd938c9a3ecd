"""Parts of tests/benchmark.py: what things cost, as ratios against something run beside them.

meter   any terminal program on a pty of its own: CPU, wakeups, bytes, memory, ways in and out
files   a stats text that changes once a second: in a file, and in one that only polling sees
peers   kmodtop beside htop, btop, watch, glances and an empty Textual app, in turns
session a live view without a terminal
parts   each change that made it cheap, by itself: the way of before against the way of now
long    a recording of a million texts
"""
