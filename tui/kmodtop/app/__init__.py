"""The Textual app. Nothing else imports textual, and private names of it are used only here.

app       what it is made of, its beginning and its ways out
screens   a Screen a page, with the keys that mean something there; `page` is what all share
panels    a widget a panel, over the pure panels of view; `planned` places them
showing   the page's screen gets the scene, once a pass of the loop
display   what the compositor wants against what is on the terminal: sends only cells that differ
reading   what sources hand over, and time as it passes
moments   time and simulated boots, as keys move in them
pages     turning to pages and back, other sources, themes, the palette's tasks
files     what keys write
base      what all these share
typing    keys that came together, in order
prompt    the line that asks for something
palette   Textual's list of commands
keyboard  bytes of a terminal to keys, clicks and pastes
driver    Textual's driver over the process's terminal: on the loop, without threads
"""
