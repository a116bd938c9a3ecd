"""The Textual app. Nothing else imports textual, and private names of it are used only here.

app      takes items from channels, keys from the reader, and repaints the glass
actions  what keys and mouse do
prompt   the input line
glass    the one widget that paints lines; sends only cells that differ
driver   Textual's driver over the process's terminal: on the loop, without threads
"""
