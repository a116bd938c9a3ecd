"""What each verb does, in a paragraph or two: for help and man pages."""

ABOUT: dict[str, tuple[str, ...]] = {
    "watch": (
        "Opens the live view: what was wasted, when, why, by which modules, and who asked for"
        " them. Keys are shown on the screen; ? explains it.",
        "Without a source it shows this machine, and counts loads by tracing where the kernel"
        " keeps no statistics. Run as root it opens what only root may read, then becomes the"
        " user who called sudo. Without a terminal it prints a report.",
    ),
    "replay": (
        "Plays a boot of a recording in the live view, which can go to any moment of it."
        " A bundle and a series of texts are recordings, too.",
    ),
    "record": (
        "Keeps each changed text with its time, and who asked for modules where that can be"
        " told, in one SQLite file that many boots fit into. An existing recording is"
        " continued.",
        "Without -o the file lies in /var/lib/kmodtop for root, and below $XDG_STATE_HOME for"
        " others.",
    ),
    "export": (
        "Writes what recordings hold as JSON lines, CSV, or OpenMetrics with times, from which"
        " promtool makes blocks of Prometheus. A boot that was counted from a trace can be"
        " written as a list of load events for the simulator.",
    ),
    "merge": (
        "Puts the boots of many recordings into one file, each boot once. It can be asked with"
        " SQL.",
    ),
    "report": (
        "Prints what happened, when, and who is likely to blame, with the evidence. A recording"
        " is summed up, boot by boot.",
        "The statistics are found in mails, logs, archives and terminal copies, too.",
    ),
    "follow": ("Prints a line whenever something changes, and sends each at once.",),
    "diff": (
        "Shows what changed from one snapshot to another. Where counters were reset in between"
        " nothing is subtracted; --across-boots puts levels side by side.",
    ),
    "check": (
        "Compares a snapshot, or a boot of a recording, with limits. Each limit is a case with"
        " a name that never varies: max-wasted, max-failures, max-duplicates, max-rate.",
        "It exits with 1 when one is exceeded. Without limits it fails when any load fails between"
        " two readings, or in the last minute of a recording. What is not known is skipped, and"
        " the exit status is 3.",
    ),
    "exporter": (
        "Answers Prometheus at /metrics. The statistics are read when somebody asks, at most"
        " once a second however many ask. This needs the library prometheus-client;"
        " --textfile needs none.",
        "Of several sources each metric has the label instance.",
    ),
    "demo": (
        "Plays a simulated boot in slow motion in the live view: every CPU asks for the same"
        " modules, one request wins, the others waste their copies. e plays it under the next"
        " era of the kernel.",
    ),
    "simulate": (
        "Simulates a boot: of a scenario that comes with kmodtop, of a TOML file, or of what"
        " --from finds. Prints how it ended; the same scenario, era, CPUs and seed give the same"
        " bytes on every machine.",
    ),
    "collect": (
        "Writes one file with all that tells who asked for modules: texts, kernel log lines about"
        " modules, which devices there are, versions. Nothing else of the machine is in it, and it"
        " can be opened wherever a recording can.",
    ),
    "doctor": (
        "Looks at each condition for reading a source, in the order in which one stands on the"
        " other, and says what to do where one does not hold.",
    ),
    "config": (
        "Prints every setting, its value and where that comes from: the default, the system's"
        " file, the user's, the environment. What it prints is a file that it takes.",
        "Files are $XDG_CONFIG_HOME/kmodtop/config.toml, or ~/.config/kmodtop/config.toml, and"
        " /etc/xdg/kmodtop/config.toml ($XDG_CONFIG_DIRS). The command line wins over all of them;"
        " a file that --config names stands alone, and /dev/null does without any.",
        "Settings are theme, bytes, ascii, no-color, low-bandwidth, interval and listen, the table"
        " limits with max-wasted, max-failures, max-duplicates and max-rate, and the table hosts"
        " with groups for --hosts.",
    ),
    "completion": (
        "Prints a completion script. Packages of distributions install it where the shell looks"
        " for it.",
    ),
}
"""Paragraphs of each verb."""
