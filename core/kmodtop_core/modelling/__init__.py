"""Scenarios of what is there: a machine, or what one has shown.

modelled    what both give: a scenario, and notes on where its figures are from
of_machine  a machine's devices, aliases and module files
of_case     a text or a recording: widths from counts, sizes from bytes, order from first failures
fitted      init functions, such that a text's counts come out
usual       what is usual where a machine does not tell
"""
