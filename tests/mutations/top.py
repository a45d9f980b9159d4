"""The top level of the package: the network, its training, its files."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module('windows', 'test_im2col.py layers/test_convolution.py layers/test_pooling.py', {"output_size": [
                ("floor counts one too many", "return 1 + room // stride", "return 2 + room // stride"),
                ("ceil counts as floor", "-(-room // stride)", "room // stride"),
                ("ceil counts fewer than floor", "max(1 + room // stride, count - begins_past_the_edge)", "count - begins_past_the_edge"),
                ("ceil keeps a window past the edge", "count - begins_past_the_edge", "count"),
                ("padding on one side only", "room = size + 2 * padding - kernel", "room = size + padding - kernel"),
            ], MODULE: [
                ("a tap's last output is left out", "outputs - 1", "outputs - 2"),
                ("a tap begins one output late", "first = max(0, -(offset // stride))", "first = max(0, 1 - (offset // stride))"),
                ("a tap sees the wrong pixel", "start = first * stride + offset", "start = first * stride"),
            ], "Windows.taps": [
                ("taps swap height and width of the stride", "_tap(image[1], output[1], kw - PW, SW)", "_tap(image[1], output[1], kw - PW, SH)"),
            ],},),
*in_module('im2col', 'test_im2col.py layers/test_convolution.py layers/test_pooling.py', {"im2col": [
                ("im2col forgets the padding", "image[:, PH : PH + H, PW : PW + W]", "image[:, :H, :W]"),
                ("im2col swaps the strides", "(n, h * SH, w * SW, h, w, c)", "(n, h * SW, w * SH, h, w, c)"),
                ("im2col swaps kernel rows and columns", "(n, h * SH, w * SW, h, w, c)", "(n, h * SH, w * SW, w, h, c)"),
            ], "col2im": [
                ("col2im overwrites instead of adding", "dx[:, *pixels] += col[:, *out, kh, kw]", "dx[:, *pixels] = col[:, *out, kh, kw]"),
                ("col2im turns the kernel", "col[:, *out, kh, kw]", "col[:, *out, KH - 1 - kh, KW - 1 - kw]"),
            ],},),
    *in_module('pictures.predictions', 'pictures/test_predictions.py', {"draw_predictions": [
                ("no frame marks another class", "prediction.truth not in (None, name)", "False"),
                ("each neighbour is framed as of another class", "prediction.truth not in (None, name)", "True"),
            ], MODULE: [
                ("words stand over their bars", "-i - 0.34", "-i + 0.1"),
            ]}),
    *in_module('pictures.curves', 'pictures/test_curves.py', {MODULE: [
                ("one run's measures have one colour", "_style(place if alone else number, len(points))", "_style(number, len(points))"),
            ]}),
    *in_module('pictures.architecture', 'pictures/test_architecture.py', {"draw_architecture": [
                ("the GPUs' labels are exchanged", "2 * place", "-2 * place"),
            ]}),
    *in_module('pictures.film', 'pictures/test_film.py', {"Film.__init__": [
                ("a film is shown twice", "plt.close(figure)", "None"),
                ("a film warns where it is not shown", "figure.canvas.draw()", "None"),
            ], "Film": [
                ("a film's slider has no name", """page.replace('type="range"', 'type="range" aria-label="Frame"')""", "page"),
                ("a film asks another host", 're.sub(r"<link[^>]*>", "", self.animation.to_jshtml(default_mode="once"))', 'self.animation.to_jshtml(default_mode="once")'),
                ("a film's first frame stands there without JavaScript", """re.findall(r'frames\\[\\d+\\] = "([^"]+)"', page)[-1]""", """re.findall(r'frames\\[\\d+\\] = "([^"]+)"', page)[0]"""),
            ],},),
    *in_module('initializers', 'test_initializers.py', {"draw": [
                ("shapes take memory", "np.broadcast_to(nothing, s)", "np.zeros(min(s), np.float32)"),
            ],},),
    *in_module('sequential', 'test_sequential.py', {"Sequential.backward": [
                ("backward runs forwards", "for name, layer in reversed(self.layers.items()):", "for name, layer in self.layers.items():"),
            ], "Sequential.forward": [
                ("training is not passed on", "x = layer.forward(x, train)", "x = layer.forward(x)"),
            ],},),
    *in_module('optimizer', 'test_optimizer.py', {"momentum_step": [
                ("momentum with the wrong sign", "v *= momentum", "v *= -momentum"),
                ("the gradient climbs", "v -= rate * dw", "v += rate * dw"),
                ("decay with the wrong sign", "v -= decay * w", "v += decay * w"),
                ("weights move by the gradient alone", "w += v", "w -= rate * dw"),
            ], "MomentumSGD.step": [
                ("decay outside the rate", "decay * rate", "decay"),
                ("decay on biases", "decay = self.weight_decay * self._decays[name]", "decay = self.weight_decay"),
                ],
"MomentumSGD.rate_of": [
                ("biases at the same rate", "self.learning_rate * self._rates[name]", "self.learning_rate"),
            ], "MomentumSGD.__init__": [
                ("one momentum for all", "self._of_each(momenta or {}, momentum)", "self._of_each({}, momentum)"),
            ],},),
    *in_module('large_batches', 'test_large_batches.py', {"WarmUpRate.rate": [
                ("the warm-up stands still in an epoch", "self.epoch + done", "self.epoch"),
                ("the rate grows for ever", "min(1.0, (self.epoch + done) / self.warm_up)", "(self.epoch + done) / self.warm_up"),
            ], "LARS.rate_of": [
                ("the decay is not in the length", "slope + decay * length", "slope"),
                ("a length of 0 stops a bias", "quotient = 1.0", "quotient = 0.0"),
                ("biases decay", "self.weight_decay * self._decays[name]", "self.weight_decay"),
            ],},),
*in_module('schedules', 'test_optimizer.py', {"PlateauRate.update": [
                ("plateau waits for ever", "self.waited += 1", "self.waited += 0"),
                ("plateau drops without end", "self.waited >= self.patience and self.dropped < self.drops", "self.waited >= self.patience"),
            ], "EpochListRate.rate": [
                ("the list drops an epoch late", "self.epoch >= epoch", "self.epoch > epoch"),
            ], "EpochListRate.__post_init__": [
                ("any epochs", "list(self.epochs) != sorted({*self.epochs})", "False"),
            ],},),
    *in_module('model.packing', 'weights/test_convert.py model/test_model.py', {"unpack": [
                ("sizes are believed", "empty.must_fit(weights, empty.states())", "pass"),
            ],},),
    *in_module('model.__init__', 'weights/test_convert.py model/test_model.py', {"load": [
                ("safetensors are checkpoints", 'safetensors if path.suffix == ".safetensors" else checkpoint', "checkpoint"),
            ], "file_of": [
                ("a folder without a run passes", "not file.exists()", "False"),
            ],},),
]  # fmt: skip
