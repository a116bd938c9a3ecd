"""What frames and evidence amount to: what happened, when, who is likely to blame.

diagnose      a case to its answer
boot          a boot of a recording as a case, as of any moment
case          all that is known of a boot at a moment
rules/        each rule of blame, with what bounds its confidence
finding       the values: findings, storms, verdict, answer
verdict       the answer in four lines
patterns      what a module's count looks like
module_bytes  which module wasted how much, and how that is known
ledger        what texts in order say of lengths
equations     exact elimination, for it
advice        what to do next, as commands
traced_bytes  the same where each failure was traced
askers        who asked for what, from what was told while it happened
storms        when failures begin to grow, and when that is over
evidence/     what is known beside the texts
"""
