"""What runs the layers: arrays, devices, memory, the GPU's kernels."""

from .mutation import MODULE, in_module, in_text, only

MUTATIONS = [
    *in_module('engine.transfer', 'engine/test_devices.py', {"to_device": [
                ("a copy between devices does not wait", "meet(*streams)", "pass", (1, 2)),
                ("nothing waits for a copy between devices", "meet(*streams)", "pass", (2, 2)),
                ("a view is copied between devices", "if not array.flags.c_contiguous:", "if False:"),
            ], "to_numpy": [
                ("fetched by the wrong device's stream", "with use_device_of(array):", "with nullcontext():"),
            ],},),
*in_module('engine.streams', 'engine/test_devices.py', {"meet": [
                ("an event of the wrong device", "with use_device(stream.device):", "with nullcontext():", (1, 2)),
                ("the wrong device's default stream waits", "with use_device(stream.device):", "with nullcontext():", (2, 2)),
            ],},),
    *in_module('engine.memory', 'engine/test_memory.py', {"empty": [
                ("a view does not hold its memory", "np.asarray(_Lent(_kept.take(size), _kept))", "np.array(_Lent(_kept.take(size), _kept).memory, copy=False)"),
            ], MODULE: [
                ("growing sizes pile up", "self.lent + spare > 1.5 * self.most_lent", "self.lent + spare > 150 * self.most_lent"),
                ("nothing is kept", "self.lent + spare > 1.5 * self.most_lent", "self.lent + spare > 0.5 * self.most_lent"),
                ("what is in use is counted no more", "self.lent += len(memory)", "pass"),
                ("what is given back counts as in use", "self.lent -= len(memory)", "pass"),
                ("memory may be too small", "if size <= held < 2 * size and self.free[held]:", "if held < 2 * size and self.free[held]:"),
                ("memory may be many times too large", "if size <= held < 2 * size and self.free[held]:", "if size <= held and self.free[held]:"),
                ("the largest is taken", "for held in sorted(self.free):", "for held in sorted(self.free, reverse=True):"),
                ("memory is looked at, not taken", "memory = self.free[held].pop()", "memory = self.free[held][-1]"),
                ("small arrays too", "size >= LARGE", "size > 0"),
                ("kept unasked", "xp is np and _kept.asked and size >= LARGE", "xp is np and True and size >= LARGE"),
                ("never given back", "self.kept.give(self.memory)", "pass"),
            ], "empty_like": [
                ("another layout", "y.transpose(sorted(range(x.ndim), key=outer_first.__getitem__))", "y.reshape(x.shape)"),
                ("the layout turned the wrong way", "y.transpose(sorted(range(x.ndim), key=outer_first.__getitem__))", "y.transpose(outer_first)"),
                ("the dtype of x all the same", "x.dtype if dtype is None else dtype", "x.dtype"),
            ],},),
    *in_module('engine.philox', 'engine/test_philox.py layers/test_dropout.py', {"philox4x32": [
                ("nine rounds", "range(10)", "range(9)"),
                ("the key does not advance", "k0 + 0x9E3779B9", "k0 + 0"),
            ],},),
    *in_module('engine.parts', 'layers/test_pooling.py layers/test_lrn.py layers/test_convolution.py test_optimizer.py', {"batches": [
                ("the last part is left out", "range(0, N, step)", "range(0, N - step, step)"),
            ],},),
    *in_module('engine.twin', 'engine/test_kernels.py', {"runs_kernels": [
                ("kernels for arrays of two types", "dtype in OPTIONS and not others", "dtype in OPTIONS"),
            ], "plain": [
                ("plain stays for ever", "_in_use = before", "_in_use = False"),
            ],},),
    *in_module('engine.window_kernels', 'engine/test_kernels.py', {"rows_of_windows": [
                ("any layout is taken for channels last", "if C > 1 and x.strides[1] != x.dtype.itemsize:", "if False:"),
                ("packs of any number of channels", "all(step % at_once == 0 for step in (C, width, *strides))", "True"),
            ],},),
    *in_module('engine.products', 'engine/test_products.py', {"filled": [
                ("rows are filled up for float32 too", "not tf32_allowed()", "False"),
                ("rows of float64 are filled up", 'like.dtype.name != "float32"', "False"),
                ("a multiple too far", "-(-columns // AT_ONCE) * AT_ONCE", "(columns // AT_ONCE + 1) * AT_ONCE"),
            ], "kernel_gradient": [
                ("dW has the columns that fill up", "[dW[:, :columns] for dW in gradients]", "gradients"),
                ("rows are filled up in forward alone", "filled(columns, x) == columns", "True"),
            ], "convolve": [
                ("a convolution says nothing to the ReLU", "noted(_outputs(x, W, b, windows, groups))", "_outputs(x, W, b, windows, groups)"),
            ], "fully_connected": [
                ("a product says nothing to the ReLU", "noted(y)", "y"),
            ],},),
    *in_module('engine.rectified', 'engine/test_products.py', {"with_relu": [
                ("the next layers are rectified too", "_follows.reset(token)", "pass"),
            ], "is_rectified": [
                ("every array is taken for rectified", "_done.get() is not x", "_done.get() is None"),
                ("no array is taken for rectified", "_done.get() is not x", "True"),
            ],},),
    *in_module('layers.followed', 'engine/test_products.py', {"followed_by": [
                ("any layer is rectified", "forward in BIASED", "True"),
                ("any layer is taken for a ReLU", "after is ReLU.forward", "after is not None"),
                ("a class with another forward is rectified", 'getattr(layer.forward, "__func__", None)', 'next((own for own in BIASED if own in [vars(c).get("forward") for c in type(layer).__mro__]), None)'),
            ],},),
    *in_module('engine.cudnn', 'engine/test_cudnn.py', {"convolve": [
                ("cuDNN adds no bias", "add_bias(product, b, in_order)", "in_order[...] = product"),
            ], "image_gradient": [
                ("dx has the frame's pixels", "if image == x.shape[2:]:", "if True:"),
            ], MODULE: [
                ("windows over an edge see no frame", "rows <= H + 2 * PH and columns <= W + 2 * PW", "True"),
                ("cuDNN unasked", "_asked.get()", "True"),
                ("float64 for float32", 'x.dtype.name == "float32"', "True"),
            ],},),
    *in_module('engine.cudnn_graph', 'engine/test_cudnn.py', {MODULE: [
                ("TF32 unasked", "[] if tf32 else [notes.TENSOR_CORE, notes.DOWN_CONVERT_INPUTS]", "[]"),
                ("sums in an order of their own", "[notes.NONDETERMINISTIC, *rounded]", "rounded"),
                ("all on the default stream", "xp.cuda.get_current_stream().ptr", "0"),
                ("too little room", "max(1, graph.get_workspace_size())", "1"),
            ],},),
    *in_module('engine.kernels', 'engine/test_kernels.py', {"response_normalization": [
                ("kernels for neighbours across space", "over.axes != (2,)", "False"),
            ], "momentum_step": [
                ("a gradient is read in another order than the memory's", "dw = get_array_module(w).ascontiguousarray(dw)", "pass"),
            ], "dropout_mask": [
                ("the seed's upper half is lost", "seed >> 32", "0"),
            ], "channel_sum": [
                ("the last row is not added up", 'flat("add_rows", totals, x, totals, x.size, totals.size)', 'flat("add_rows", totals, x, totals, x.size - C, totals.size)'),
            ],},),
    *in_text(
        'engine/kernels.cu',
        'engine/test_kernels.py',
        [
            ("ReLU's gradient at zero is one", "y[i] > 0 ? dy[i] : 0", "y[i] >= 0 ? dy[i] : 0"),
            ("ReLU hides what is no number", "y[i] = x[i] < 0 ? 0 : x[i]", "y[i] = x[i] > 0 ? x[i] : 0"),
            ("a launch's last block writes outside", "if (i < size)\n        y[i] = x[i] < 0", "if (i <= size)\n        y[i] = x[i] < 0"),
            ("a thread takes one number of a row only", "i += gridDim.y * blockDim.x)", "i += size)"),
            ("LRN's groups see each other", "int map = i % maps;\n        real sum = 0;\n        for (int j = -before; j <= after; j++)\n            if (map + j >= 0 && map + j < maps)\n", "int map = i % maps;\n        real sum = 0;\n        for (int j = -before; j <= after; j++)\n            if (map + j >= 0)\n"),
            ("LRN's backward divides by no d", "* y[other] / d[other]", "* y[other]"),
            ("the last of the tied wins", "place < kh * KW + kw", "place < 0"),
            ("padding wins a maximum", "!seen || value > largest", "value > largest"),
            ("all that is tied wins", "largest))\n            return true", "largest))\n            return false"),
            ("a window too early", "before / stride + 1", "before / stride"),
            ("a window past the last", "last < windows ? last : windows - 1", "last"),
            ("the average counts what is outside", "return end - (start > 0 ? start : 0)", "return kernel"),
            ("im2col takes the channels for neighbours of the picture", "w * to_pixel + (i", "w * C + (i"),
            ("im2col reads outside", "inside ? column[", "true ? column["),
            ("col2im turns the kernel", "(kh * KW + kw) * C + c];", "(kw * KH + kh) * C + c];"),
            ("places past an int", "max_pooling(const real *x, real *y, WINDOWS)\n{\n    long long n", "max_pooling(const real *x, real *y, WINDOWS)\n{\n    int n"),
            ("a lane adds another's rows", "i += lanes_size)", "i += lanes_size + 1)"),
            ("nine rounds", "round < 10", "round < 9"),
            ("the mask's last units are left out", "first_unit + units + 3) / 4", "first_unit + units) / 4"),
            ("decay outside the step", "(real)decay * w[i]", "(real)decay"),
        ],
    ),
    *in_text(
        "engine/kernels.cu",
        "engine/test_products.py",
        [
            ("what fills a row up is left as it was", "window[i] = number();", ";"),
            ("a bias of another map", "sum = x[row * F + f] + bias[f]", "sum = x[row * F + f] + bias[0]"),
            ("a group's maps beside one another's", "y[row * step + f]", "y[row * F + f]"),
            ("every bias is rectified", "rectify && sum < 0", "sum < 0"),
            ("no bias is rectified", "rectify && sum < 0", "false"),
            ("what is no number becomes 0", "rectify && sum < 0 ? 0 : sum", "rectify && !(sum > 0) ? 0 : sum"),
            ("a bias past the last row", "if (row >= rows)", "if (row > rows)"),
        ],
    ),
    *in_module("engine.groups", "layers/test_convolution.py", {"kernels_by_group": [
                ("dW of the last part only", "sums[own_f.start] += found", "sums[own_f.start] = found"),
            ], "images_by_group": [
                ("dx of the first group in all", "images[part, ..., own_c] = found.transpose(0, 2, 3, 1)", "images[part] = 0; images[part, ..., own_c] = found.transpose(0, 2, 3, 1)"),
            ], "outputs_by_group": [
                ("all groups see the first one's bias", "b[own_f]", "b[: own_f.stop - own_f.start]"),
            ], MODULE: [
                ("groups swapped", "slice(g * F, (g + 1) * F)", "slice((groups - 1 - g) * F, (groups - g) * F)"),
            ],},),
    *in_module('engine.arrays', only('layers/test_contract.py', 'arrays_of_two_modules_are_refused', 'what_is_no_array_is_refused'), {MODULE: [
                ("arrays of two modules", "if len(modules) != 1:", "if False:"),
                ("lists are arrays", 'module is None or not hasattr(module, "ndarray") or not hasattr(array, "dtype")', "False"),
            ],},),
    *in_module('engine.blas', 'engine/test_blas.py', {"limit_blas": [
                ("nothing is said", 'warnings.warn(f"NumPy\'s BLAS ({name}) cannot be told to compute on {threads} thread(s): start Python with OMP_NUM_THREADS={threads} and VECLIB_MAXIMUM_THREADS={threads} in the environment", RuntimeWarning, stacklevel=2)', "pass"),
                ("what the environment says is not heard", "os.environ.get(name) == str(threads)", "False"),
                ("whoever does not listen is believed", "if controls[1]() == threads:", "if True:"),
            ], "blas_on": [
                ("it stays so", "limit_blas(before or 1)", "pass"),
            ],},),
    *in_module('engine.threads', 'test_bare_platform.py', {MODULE: [
                ("threads where none can start", "ThreadPoolExecutor(count) if can_start_threads() else _Caller()", "ThreadPoolExecutor(count)"),
            ],},),
    *in_module('engine.devices', 'commands/test_predict.py', {"check_device": [
                ("any name", 'kind != "cuda" or not index.isdigit()', "False"),
            ],},),
    *in_module('engine.devices', 'engine/test_devices.py', {"check_device": [
                ("a device that is not there", "int(index) >= found", "False"),
            ], "seconds_of": [
                ("seconds are milliseconds", "cupy.cuda.get_elapsed_time(first, last) / 1e3", "cupy.cuda.get_elapsed_time(first, last)"),
            ],},),
]  # fmt: skip
