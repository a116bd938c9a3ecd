"""What frames amount to.

storms  when failures begin to grow, and when that is over
"""
