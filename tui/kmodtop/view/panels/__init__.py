"""Panels: each makes Lines of a frame and a view, for a width and a height it is given.

layout    which panel stands where, at any size
head      where the data comes from, how fresh it is; trouble; the foot with the keys
verdict   the answer: what, when, who; and the page of its findings
load_path  what is wasted, and the four stages of the load path
trend     the chart of wasted bytes
table     duplicate modules, by columns; their order is SORTS in view
pages     one module, the raw text, the help
"""
