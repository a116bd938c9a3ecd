"""A kernel in small, for storms without a machine that has them.

eras            how kernels treat duplicates, one list
bookkeeping     KernelTracker: what the kernel counts, event by event
events          lists of such events, played
machines        how long each step takes, by the kind of machine
scenarios       machines, modules and who asks for them
scenario_files  the same as TOML files, read
scenario_writing  and written
clock           simulated time, locks, cores
tasks           who walks the load path, and what for
module_list     the kernel's list of modules: names taken, waiting, waking
load_path       the kernel's path of loading a module, step by step
userspace       who asks: udev, the kernel's autoloader, services, stress-ng
simulator       N CPUs race through all of it
compare         one load under every era, on a range of CPUs, packed and not
"""
