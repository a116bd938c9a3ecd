"""What a name on the command line means. Files are known by their content, not by their names.

kinds     which kind of source it is
watching  a source to be watched
reading   texts to be read now
playing   a boot to be played
"""
