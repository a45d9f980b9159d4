r"""Networks from the 2012 code's own layer files.

The code that trained the paper's networks reads two INI files. One describes the
layers, a section each, in the order in which they are computed; the other what training
does to them. Two layers of config 145, the paper's network::

    [conv3a]                        [conv3a]
    type=conv                       epsW=0.01,0.01
    inputs=pool2a,pool2b            epsB=0.02
    channels=128,128                momW=0.9,0.9
    filters=192,192                 momB=0.9
    filterSize=3,3                  wc=0.0005,0.0005
    padding=1,1
    stride=1,1                      [rnorm1a]
    initW=0.03,0.03                 scale=0.0001
    neuron=relu                     pow=0.75
    gpu=0                           minDiv=2

    [rnorm1a]
    type=cmrnorm
    inputs=conv1a
    channels=48
    size=5

Nothing else says "two towers": conv3a and conv3b both name pool2a and pool2b as inputs,
with a block of weights for each, and conv4a sees conv3a only.

These are the keys, made from `minialexnet.cuda_convnet.keys.KEYS`. A key with "=" may
be left out and then has the value shown; "numbers" in the plural are a comma list with
a value for each input. Of the normalisations ("norms") cmrnorm is across maps; rnorm
and cnorm are within a map, of squares and of squares about the mean. Each divides by
(minDiv + scale / n * sum of squares)^pow, n the number of squares in a whole window.
cost.logreg has two inputs, the labels and the softmax.

=================  ==============  =========================  ==========================
of type            layers file     value                      what it is
=================  ==============  =========================  ==========================
all                type            data, conv, fc, pool,
                                   cmrnorm, rnorm, cnorm,
                                   hs, softmax, cost.logreg
all but data       inputs          names                      of layers above this one
all but data       gpu             whole number >= 0          else its first input's
layers             neuron=none     relu, tanh, tanh[1,1],     applied to the output
                                   logistic, ident, none
data               dataIdx         whole number >= 0          pictures or labels
conv, pool, norms  channels        whole numbers >= 1         maps of the input
conv               filters         whole numbers >= 1         kernels of each group
conv               filterSize      whole numbers >= 1         pixels of a kernel's side
conv               padding=0       whole numbers >= 0         pixels on each side
conv               stride=1        whole numbers >= 1         sizes are rounded up
conv               groups=1        whole numbers >= 1         of maps and kernels
conv               sharedBiases=1  1 only                     a bias for each kernel
conv               randSparse=0    0 only                     groups drawn at random
conv               partialSum=0    whole number >= 0          speed only, ignored
conv               sumWidth=0      whole number >= 0          speed only, ignored
fc                 outputs         whole number >= 1          units
conv, fc           initW=0.01      numbers >= 0               deviation at the start
conv, fc           initB=0         number                     value at the start
pool               pool            max, avg
pool               sizeX           whole number >= 1          pixels of a window's side
pool               stride          whole number >= 1          from window to window
pool               start=0         whole number >= 1 - sizeX  first window's first pixel
pool               outputsX=0      whole number >= 0          windows a row, 0: all
norms              size            whole number >= 1          of a window; or sizeX
norms              scale           number >= 0                factor, either file
norms              pow             number >= 0                exponent, either file
norms              minDiv=1        number >= 0                summand, either file
norms              blocked=0       0 only                     windows side by side
hs                 keep            number >= 0                share of units kept, <= 1
=================  ==============  =========================  ==========================

=================  ==============  =========================  ==========================
of type            params file     value                      what it is
=================  ==============  =========================  ==========================
conv, fc           epsW            numbers >= 0               weights' learning rate
conv, fc           epsB            number >= 0                biases' learning rate
conv, fc           momW            numbers >= 0, < 1          weights' momentum
conv, fc           momB            number >= 0, < 1           biases' momentum
conv, fc           wc=0            numbers >= 0               weights' decay
conv, fc           wball=0         0 only
hs                 enable=1        1 only
cost.logreg        coeff=1         1 only
cost.logreg        topk=1          whole number >= 1          ignored
=================  ==============  =========================  ==========================

Whatever would make another network and is not here, a type, a key or a value, is
refused. The 2012 code's demands on sizes (filters in sixteens) are not made.
"""

from .build import build, load
from .cfg import CfgError
from .files import description, network_files, params_beside
from .layers import MAX_PARAMETERS
from .network import Learning, Network

__all__ = [
    "MAX_PARAMETERS",
    "CfgError",
    "Learning",
    "Network",
    "build",
    "description",
    "load",
    "network_files",
    "params_beside",
]
