"""How fast the layers are on this machine, alone and against PyTorch.

Everything is measured in a process of its own, several times in turn with the others,
since two libraries in one process take each other's cores, and since a machine's speed
drifts from minute to minute: ratios within a round hold where seconds do not.

    plan.py           what one round measures, as tasks (task.py)
    rounds.py         the processes, one after the other, and what came of them
    work.py           what is measured with NumPy and CuPy: steps, inference, products
    layer_times.py    ... each layer within a step
    photographs.py    ... reading JPEGs
    against_torch.py  the same with PyTorch, where the user has installed it
    results.py        the records of all rounds
    report.py         ... as a table
    drawings.py       ... as pictures
    scaling.py        training on several ranks of this machine: ranks.py on them, and
                      against_ddp.py the same with PyTorch
"""
