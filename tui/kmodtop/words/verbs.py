"""What each verb does, in the order in which help names them, with examples."""

VERBS = {
    "watch": "live view of a stats file (the default)",
    "replay": "the live view over a recording",
    "record": "records a stats file, made for boot",
    "export": "a recording for other programs",
    "merge": "many recordings in one",
    "report": "a snapshot as text or JSON; a recording summed up",
    "follow": "one line a change: for pipes, serial lines, screen readers",
    "diff": "what changed between two snapshots or recordings",
    "check": "fails when a limit is exceeded: for tests and kernel CI",
    "exporter": "metrics for Prometheus, over HTTP or as a text file",
    "demo": "the live view over a simulated boot: no root, no kernel support needed",
    "simulate": "a simulated boot, or a list of load events, without a screen",
    "collect": "one file of evidence, for somebody else to look at",
    "doctor": "why a source can or cannot be read here, cause by cause",
    "config": "each setting and where it comes from",
    "completion": "a completion script for bash, zsh or fish",
}

EXCLUSIVE = {"simulate": ("--realtime", "--slow-motion", "--speed")}
"""Of these a verb takes one at most."""

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "watch": (
        ("kmodtop watch", "this machine, as root"),
        ("kmodtop ssh://root@big-server", "another one; nothing is installed there"),
        ("kmodtop watch --hosts hosts.txt", "many, one a line"),
    ),
    "replay": (
        ("kmodtop replay boot.db", "space pauses, ← and → go through time"),
        ("kmodtop replay boot.db --boot 2 --at 12.5", "stand still in the second boot"),
    ),
    "record": (
        ("kmodtop record -o boot.db --duration 60", "a minute"),
        ("kmodtop record --install-hints", "how each boot records itself"),
    ),
    "export": (
        ("kmodtop export boot.db --format csv -o boot.csv", "a row a text"),
        (
            "kmodtop export *.db --format openmetrics -o boots.txt",
            "for promtool tsdb create-blocks-from openmetrics",
        ),
    ),
    "merge": (("kmodtop merge host-*.db -o all.db", "to be asked with SQL"),),
    "report": (
        ("kmodtop report", "this machine, now"),
        ("kmodtop report boot.db --format html -o boot.html", "a boot, as one page"),
        ("dmesg | kmodtop report -", "whatever a log holds of it"),
    ),
    "follow": (("kmodtop follow --format json | jq .growing", "each change, for other programs"),),
    "diff": (
        ("kmodtop diff before.txt after.txt", "what changed"),
        ("kmodtop diff old.db new.db --across-boots", "two kernels side by side"),
    ),
    "check": (
        ("kmodtop check boot.db --max-wasted 100MiB", "exit 1 when more was wasted"),
        ("kmodtop check --max-failures 0 --format ktap", "for the console of a test machine"),
    ),
    "exporter": (
        ("kmodtop exporter --listen :9922", "http://…:9922/metrics"),
        (
            "kmodtop exporter --textfile /var/lib/prometheus/node-exporter/kmodtop.prom",
            "for node_exporter",
        ),
    ),
    "demo": (("kmodtop demo guest-8 --era early-check", "a guest of 8 CPUs under 6.4"),),
    "simulate": (
        ("kmodtop simulate big-255 --compare", "one boot under each era of the kernel"),
        ("kmodtop simulate --from / --cpus 4x", "this machine with four times the CPUs"),
    ),
    "collect": (("kmodtop collect -o evidence.zip", "then: kmodtop report evidence.zip"),),
    "doctor": (
        ("kmodtop doctor", "this machine"),
        ("kmodtop doctor ssh://big-server", "another one"),
    ),
    "config": (("kmodtop config > config.toml", "a file to begin with"),),
    "completion": (
        (
            "kmodtop completion zsh > _kmodtop",
            'to a folder of $fpath; in bash: eval "$(kmodtop completion bash)"',
        ),
    ),
}
"""Commands, and what each does or is for."""
