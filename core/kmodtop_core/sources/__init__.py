"""Sources: each yields Samples and Gaps, stamped with their time, until it is stopped or ends.

    polled    files that the kernel or another host makes anew: read on a timer
    watched   regular files: watched through their folder, read when they change
    stream    standard input and pipes
    series    samples recorded with their times, played at their own pace
    opening   which of them a name on the command line means

A source blocks its caller, who therefore runs it in a thread of its own.
"""
