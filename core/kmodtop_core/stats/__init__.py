"""The kernel's text: its exact bytes, and what becomes of them in mails, logs and archives.

values      ModuleStats: eleven counters and the table; STAGES, the one list of the stages
format      labels, limits, and the text that a kernel prints for some values
parse       bytes to blocks: exact texts first, then pasted ones
found       what a reader saw of a text
block       what was found, judged: cuts, sums, missing labels, a missing table
pasted      texts in mails, logs and terminal copies
containers  compressed, encoded and quoted: opened, or named
"""
