"""What goes on behind the screen of a live view, for each of its sources. No textual.

feed         a source's one reader, in a thread of its own
channel      one source with all that is known of it
time_travel  where in time the reader is
answers      what diagnosis says of the moment that is shown
tee          records beside the live view
saving       files that a key writes
"""
