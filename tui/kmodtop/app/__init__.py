"""The Textual app. Nothing else imports textual, and private names of it are used only here.

app       takes items from channels, keys from the reader
base      what all its parts share
painting  the glass shows what the view makes of the frame, once a pass
pages     lists, pages and hosts, as keys and mouse move in them
moments   time and simulated boots, as keys move in them
asking    filters and times, asked for in the prompt
files     what keys write
commands  Textual's palette, over every key of the table
prompt    the input line
glass     the one widget that paints lines; sends only cells that differ
keyboard  bytes of a terminal to keys, clicks and pastes
driver    Textual's driver over the process's terminal: on the loop, without threads
"""
