"""Train networks that differ in one thing, each from several seeds, and compare them.

What the scripts of `figures` share. An arm is one of the networks compared: a name, and
the fields of a run's config that it changes. A run is an arm from a seed; runs with the
same seed see the same batches and, where their layers have the same shapes, begin with
the same weights, so arms are compared seed by seed.

``arms``        what an arm and a run are
``training``    one run, from where it was left to its end
``workers``     processes that train runs side by side
``results``     what is recorded in OUT/results.jsonl, and read from there again
``experiment``  all of these together: every arm from every seed
``sweep``       the best of several learning rates, arm by arm
``numbers``     means, intervals and ratios
``paired``      differences seed by seed: tests, a bootstrap, the verdict by rule
``words``       how a sentence says them
``drawing``     curves over seeds, and what was trained on what
``frame``       the command line of a script, and how its errors are said

A script describes its arms and leaves the rest to the frame::

    def measure(options):
        compare(options, base_of(options, learning_rate=0.003), ARMS)

    return command("dropout", options, measure, sentence, draw)

Each run trains in a process of its own, with its checkpoint under OUT/runs. After
Ctrl-C, kill -9 or a power cut, --resume goes on with the epochs that are not finished.
"""
