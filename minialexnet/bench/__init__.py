"""How fast the layers are on this machine, alone and against PyTorch.

Everything is measured in a process of its own, several times in turn with the others,
since two libraries in one process take each other's cores, and since a machine's speed
drifts from minute to minute: ratios within a round hold where seconds do not.

    work.py           what is measured with NumPy and CuPy
    against_torch.py  the same with PyTorch, where the user has installed it
    rounds.py         the processes, one after the other, and what came of them
    report.py         the table and the pictures
"""
