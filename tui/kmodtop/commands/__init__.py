"""Verbs: a file each, whose `run` takes the words of the command line; and what they share.

live           opens the live view: first screen, then the app
opening        the source that a verb watches: which way this machine has
elsewhere      opens another source while the live view runs
spanning       a report of what happens from now on
hosts          the sources that --hosts names
evidence       what a report is given beside its source
summing        what report needs beyond a text: boots, logs, richer formats
scraping       sources that are read when somebody asks
serving        metrics over HTTP
exposing       a report as metrics
modelling      which scenario a simulation is to be of
simulated_boot  a simulated boot, run, written and printed
output         where a verb's text goes
progress       how far something long has come
narration      what a verb without a screen says on stderr
privileges     opens what needs root, then gives root up
install_hints  how a boot records itself
"""
