"""The protocol: every measured claim of the paper, from its entry to its verdict.

``entries``    what ``claims.toml`` says, checked, and the sha256 of each entry
``planned``    the runs that the entries ask for, each once, in the order of the entries
``store``      where records and checkpoints lie
``training``   one run, from where it was left to its end
``ending``     what is measured on a network when its training is over
``scheduler``  processes that train the runs, and how long that takes
``measures``   from records to a number for each seed
``verdicts``   from these numbers to a line for each claim
``pictures``   one row a claim, and the arms' learning curves

A verdict comes from a t interval by rule; nothing here is worded by hand.
"""
