"""Panels: each makes Lines of a scene, for a width and a height it is given.

layout     which panel stands where, at any size; `screen` composes them
head       where the data comes from, what kind of time this is; lasting trouble
verdict    the answer: what, when, who, what next
load_path  the four stages of a load, as a sentence or with bars
chart      when: what was wasted over time; made of a `plot` and an `axis`
order      of one text, the modules in the order in which they failed first
table      which: modules by what they wasted; its `columns`, `figures` and `lanes` of time
storms     those of a recording, and its boots
foot       the keys, and a passing message
box        frames round panels, on large screens
findings, module, raw, help, waiting, demo_end, hosts (with host_list)   the other pages
"""
