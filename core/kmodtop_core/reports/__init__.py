"""Text and JSON of what is known. The JSON keys are contracts.

report      a snapshot
summary     a recording in a few lines
difference  from one snapshot to another
export      a recording as JSON lines or CSV
follow      one line a change
doctor      why a source can or cannot be read, condition by condition
eras        a load under every era, side by side
"""
