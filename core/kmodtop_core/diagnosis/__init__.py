"""What frames amount to. Rules of blame belong here: none is built yet.

storms  when failures begin to grow, and when that is over
"""
