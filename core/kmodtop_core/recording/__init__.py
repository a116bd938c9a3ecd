"""Recordings: the kernel's raw texts with their times, in one SQLite file. All SQL is here.

store      a connection: here a row becomes a value, and damage is found
damage     what can be wrong with a recording, each said once
file       opened to be read or written, trusted in nothing
schema     the tables: every column, and the ALTERs for files that lack it
reading    boots, texts and gaps in order
ending     its last boot, for those who want no more
growth     text by text, the counters and the rows that changed
evidence   named pieces beside the texts of a boot
index      writes what the texts tell: run, module, growth, storm, warning
upgrade    opens older ones: when those ALTERs run, and the index is made
upkeep     what goes first when it grows too large
place      where it lies, and the lock of the one who writes it
tape       one boot as of any moment: standing, the tracker's state there; past, what was before
player     a tape that is played, and moved about in
rows       writes what was read: boot, sample, gap
recorder   follows a source and keeps all of it
retrying   readings wait while the disk takes none
rescue     what is done when it was taken away while it was written
merge      the boots of many recordings in one
resume     a live view takes over what was recorded of this boot
"""
