"""What `tests/gpu_check.py` does on a GPU, step by step, the most telling first.

As far as the minutes go:

    smoke             versions; a step on the GPU and on NumPy; two towers on one GPU
    kernels           every kernel of engine/kernels.cu against its plain body
    sanitizer         only where that failed: the same under compute-sanitizer
    tests             the suite's tests that compute with CuPy
    bench-float32     batch 128: training step, inference, layers; PyTorch too, if there
    bench-tf32        the same, factors of products rounded to TF32 by both
    profile           what im2col, its product and col2im take in each layer
    figure_1          ReLU against tanh on CIFAR-10, three seeds each
    tiny-imagenet     the whole network of the 2012 profile, all 200 classes, 40 epochs
    evaluate-1, -10   what it has learned so far: top-1 and top-5, one crop and ten
    figure_1_sigmoid  Figure 1's third line

The first five take 8 minutes together, the next two 4.5. A step has its own bound of
time, and one that fails stops no other. Each writes what it has found as soon as it has
found it, into one small folder, OUT: the records, named as in figures/results/, with
the GPU, driver and versions in them, and logs/, what every step printed.

The same command goes on where the last one stopped: what has passed at this commit is
not done again, trainings go on from their checkpoints. Outside of git the environment's
MINIALEXNET_COMMIT names the commit. --data takes the folder that the data sets lie in,
or that folder packed by tar; what is found neither there nor in $MINIALEXNET_DATA is
downloaded.
"""
