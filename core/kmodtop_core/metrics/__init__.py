"""Metrics: one set for all ways out, in the terms of the kernel's counters.

families    the table of all: name, type, unit, help
points      what a reading comes to
exposition  as text: OpenMetrics, or the format of node_exporter's text files
backfill    what recordings come to, with the time of each point
"""
