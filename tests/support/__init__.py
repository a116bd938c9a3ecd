"""What tests share; no test module imports another.

samples    the samples, and builders of what a source yields
command    kmodtop as a command
terminal   kmodtop on a pty, its screen by pyte
live       the app over a scripted source
farside    other hosts, by a stand-in for ssh or by sshd
mutations  texts and recordings turned over, as a command too
"""
