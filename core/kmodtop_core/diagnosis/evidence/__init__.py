"""Evidence beside the texts: read from named pieces, the files of a bundle.

pieces      which pieces there are, and all of them as one value
devices     how many devices lead to a module: the law of aliases
cpu_driven  modules with an alias for CPUs, by their source
usual_sizes  usual lengths of modules, where nothing else is known
kernel_log  lines of the kernel log that tell of modules
"""
