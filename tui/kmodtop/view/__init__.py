"""What is on the screen, as plain values: composed and tested without textual or a terminal.

view          the reader's choices, and the situation in which they are made
moves         what a key makes of a view: View -> View; app/ calls them
keys          every key, once: footer, help, palette and bindings come from it
panels/       frames to lines
lines         Line, Span: text with the names of its styles
ansi          lines as a terminal takes them
theme         what styles and signs look like
scene         all that a picture is made of
rows          the modules in their order, and what each wasted
grid          the columns of time of a chart and its lanes
first_screen  painted before textual is imported
farewell      what is said on the shell's screen afterwards
"""
