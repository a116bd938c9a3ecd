"""Tracing: what the kernel tells of each load while it happens, where it is asked to.

lines      lines of a trace, as the kernel prints them, to values
loads      events to loads: which module, which stage, how many bytes, by which pid
processes  which process a pid was: its command, its parent, its unit
requesters  who is named for a call of a process
requests   who asked: each load to its requester
probes     which probes tell what, as the kernel takes their definitions
tracefs    a group of probes and an instance of its own, of which nothing is left behind
leftovers  what kmodtops that are gone have left there
lookups    processes as /proc shows them, looked up early
bounds     bounds of what is remembered
forks      forks that lead to a request
ear        a trace, and who its processes are, as events of a source
opens      who opens which module's file: fanotify
"""
