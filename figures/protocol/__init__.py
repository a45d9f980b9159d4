"""The protocol: every measured claim of the paper, from its entry to its verdict.

``claim``         a claim: its arms, its base, where its runs end
``entries``       what ``claims.toml`` says, checked, and the sha256 of each entry
``agreed``        the commit of the protocol
``planned``       the runs that the entries ask for, each once, in their order
``store``         where records and checkpoints lie
``training``      one run, from where it was left to its end
``watch``         the end of a run whose goal is a loss
``ending``        what is measured on a network when its training is over
``costs``         about how long the runs take
``scheduler``     processes that train the runs
``differences``   what an arm's number is less the base's
``measures``      errors, epochs and steps from the records, seed by seed
``own_networks``  crops, averages, colours and neighbours of the base's networks
``verdicts``      from these numbers to a line for each claim
``pictures``      one row a claim, and the arms' learning curves
``one_claim``     the picture of one claim, seed by seed
``page``          the table as a page

A verdict comes from a t interval by rule; nothing here is worded by hand.
"""
