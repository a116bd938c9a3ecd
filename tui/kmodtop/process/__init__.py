"""kmodtop as a process: what it owes the shell that started it, and the terminal it is lent.

streams   the standard streams: there from the start, nothing raw on them
signals   which of them end a program, and how
stopping  what ends a verb that runs until it is stopped
screen    whether a live view can be shown here
libraries those that come with kmodtop, where a distribution puts some
terminal  the terminal's one owner: taken, written to, given back
ending    every way out of a live view
frugal    what a live view does without
crash     a fault of kmodtop's own, told in one sentence
"""
