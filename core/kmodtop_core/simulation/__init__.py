"""A kernel in small, for storms without a machine that has them.

eras         how kernels treat duplicates, one list
bookkeeping  KernelTracker: what the kernel counts, event by event
events       lists of such events, played
scenarios    machines, modules and who asks for them, from TOML files
simulator    N CPUs race through the load path
compare      one load under every era, on a range of CPUs
"""
