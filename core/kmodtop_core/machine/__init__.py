"""The machine that kmodtop runs on.

facts       what it says of itself: kernel, boot, options, file systems
as_root     how a person starts this program as root
access      why a local file cannot be read: a sentence an errno
privileges  gives root up
folders     where files of kmodtop lie
config_files  where settings are kept
aliases       what a device's MODALIAS loads
modprobe      what keeps modules out, and who unpacks them
module_files  how long the modules' images are
module_layout  what modules take when they are loaded
gather        evidence of this machine, as named pieces
"""
