"""Rules of blame: what a case has to say, each finding with its evidence and its confidence.

No finding without evidence; how far each may go is bounded by what it is made of: the law
of aliases can make something likely, counts alone possible, and neither can make it certain.

all         every rule, and what they find together, worst first
requesters  what was told while it happened
devices     by the devices that lead to a module: the law of aliases
counts      by counts alone, where nothing is known of devices
few         races, init functions that refuse, failures that are no duplicates
kernel_log  what the kernel log tells
simulated   a simulated boot, where it is known
words       what their sentences have in common
"""
