"""What a name on the command line means. Files are known by their content, not by their names.

kinds     which kind of source it is
choosing  the kernel's own statistics, or counting by tracing
watching  a source to be watched
reading   texts to be read now
playing   a boot to be played
"""
