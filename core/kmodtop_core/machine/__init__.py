"""The machine that kmodtop runs on.

facts       what it says of itself: kernel, boot, options, file systems
access      why a file cannot be read, and what to do
privileges  gives root up
folders     where files of kmodtop lie
"""
