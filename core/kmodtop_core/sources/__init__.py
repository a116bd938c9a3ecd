"""Sources: each yields Samples and Gaps, stamped with their time, until it is stopped or ends.

    base         what all have in common: the protocol
    turns        a source goes on whatever happens to it; some can share a thread
    pacing       how long to wait between readings, longer while a recorded file is quiet
    bounded      reading without being fooled
    polled       files that the kernel generates: read on a timer; panic_guard keeps that safe
    watched      regular files: read when they change; watching: when that is to be looked for
    stream       standard input and pipes
    series       samples recorded with their times, played at their own pace
    bundle       evidence from some machine: a folder, or the file that collect makes
    simulated    a simulated boot in slow motion
    remote       a file on another host, and why it cannot be read there
    ssh          the connection to it, and the lines of shell that run there
    traced       the statistics of a kernel that has none, counted from a trace
    blamed       a source beside which it is heard who asks
    initramfs    what was kept before the root file system was there

A source blocks its caller, who therefore runs it in a thread of its own. Which of them a name
means is decided in opening.
"""
