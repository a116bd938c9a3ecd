"""Text and JSON of what is known. The JSON keys are contracts.

report      a snapshot
summary     a recording in a few lines
difference  from one snapshot to another
answer      the answer of a diagnosis, as lines and as JSON
log         a kernel log that is all there is
mail        a report that survives mail
markdown    a report for issue trackers
html        a report as one page
comparison  the page of a comparison of eras
web         what pages share: how they begin, their style, text that may stand in them
page        what such a page draws
drawing     the drawings, as SVG
export      a recording as JSON lines or CSV
events      a boot that was counted from a trace, as a list of load events
follow      one line a change
doctor      why a source can or cannot be read, condition by condition
kernels     how to get a kernel that keeps the statistics
check       a boot held against limits
check_formats  the cases of that: text, JSON, JUnit, KTAP, GitHub
eras        a load under every era, side by side
"""
