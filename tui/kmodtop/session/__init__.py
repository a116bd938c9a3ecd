"""What goes on behind the screen of a live view, for each of its sources. No textual.

feed         a source's one reader, in a thread of its own
rounds       several sources in one thread
channel      one source with all that is known of it
time_travel  where in time the reader is
whole        all of a recording, for its chart
answers      what diagnosis says of the moment that is shown
checking     what kmodtop doctor says of a source that cannot be read
tee          records beside the live view
saving       files that a key writes
"""
