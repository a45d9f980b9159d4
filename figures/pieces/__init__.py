"""Pieces of single figures that take a page of their own.

``speedup``        Figure 1: how many times as many epochs, in words and drawn
``hidden_layers``  dropout: the network that is trained
``masks``          dropout: the units that are left out, drawn
``first_layer``    response normalisation: a trained conv1, recorded and read
``inhibition``     response normalisation: what is left of activities, and why
``activities``     response normalisation: maps before and after it, drawn
``messages``       scaling: how long messages take between two ranks
``points``         scaling: steps measured on ranks, and what the model foretells
``kernels``        Figure 3: kernels tower by tower, recorded and read
``predictions``    Figure 4: a network trained, and what it says recorded
"""
