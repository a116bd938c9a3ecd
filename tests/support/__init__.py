"""What tests share; no test module imports another.

samples     the samples, and builders of what a source yields
command     kmodtop as a command
terminal    kmodtop on a pty, its screen by pyte; shells: below a program's screen a shell's
composed    screens without a terminal
live        the app over a scripted source
following   a source in a thread of its own
recordings  recordings, and what is done to them
scenarios   simulated boots
farside     other hosts, by a stand-in for ssh or by sshd
rough       a terminal treated roughly; session: for minutes
mutations   texts and recordings turned over, as a command too: noticing, turned_texts,
            checked_texts, odd_recordings, turned_recordings, hostile_sql, checked_recordings
schemas     what is printed as JSON, held against its schema
"""
