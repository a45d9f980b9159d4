"""Pictures: augmentation and loading."""

from .mutation import in_module

MUTATIONS = [
    *in_module('data.augment', 'data/test_augment.py', {"Augmentation.cut": [
                ("a crop lies one place short", "H - size + 1", "max(1, H - size)"),
                ("a crop lies one place too far", "W - size + 1", "W - size + 2"),
                ("row and column are one draw", "columns = rng.integers(W - size + 1, size=N)", "columns = rows % (W - size + 1)"),
                ("one crop for all", "rows = rng.integers(H - size + 1, size=N)", "rows = np.full(N, rng.integers(H - size + 1))"),
                ("one coin for all", "mirrored = rng.integers(2, size=N) == 1", "mirrored = np.full(N, rng.integers(2) == 1)"),
                ("all are mirrored", "mirrored = rng.integers(2, size=N) == 1", "mirrored = np.ones(N, bool)"),
                ("upside down instead of mirrored", "view[..., :: -1 if mirror else 1]", "view[:, :: -1 if mirror else 1]"),
                ("a crop without crop", "if self.crop:", "if True:"),
                ("a mirror without flip", "if self.flip:", "if True:"),
                ("the noise turned by rows", "(along @ np.asarray(self.eigenvectors).T).astype", "(along @ np.asarray(self.eigenvectors)).astype"),
                ("the noise along one axis", "rng.standard_normal((N, 3))", "rng.standard_normal((N, 1))"),
                ("the noise is uniform", "rng.standard_normal((N, 3))", "rng.uniform(-(3**0.5), 3**0.5, (N, 3))"),
                ("the paper divides too", 'self.color == "2012"', 'self.color != "none"'),
                ("the shrink is always 1.1", "1 + self.sigma", "1.1"),
            ], "Augmentation.deviations": [
                ("the noise without its sigma", "return self.sigma * np.sqrt(values)", "return 0.1 * np.sqrt(values)"),
                ("eigenvalues without roots", "np.sqrt(values)", "values"),
                ("eigenvalues of pixels to 255", "self.sigma * values / 255", "self.sigma * values"),
            ],},),
    *in_module('data.crops', 'data/test_augment.py', {"center": [
                ("a centre off by one", "full - size", "full - size + 1"),
            ], "check_images": [
                ("pictures of any dtype", "images.dtype != np.uint8", "False"),
                ("a picture one pixel too small", "if min(images.shape[2:]) < size:", "if min(images.shape[2:]) < size - 1:"),
            ], "normalized": [
                ("the mean's corner instead of its centre", "np.ascontiguousarray(center(mean, pixels.shape[-1]))", "np.ascontiguousarray(mean[:, : pixels.shape[-1], : pixels.shape[-1]])"),
                ("the mean added", "y -= mean", "y += mean"),
                ("the divisor forgotten", "scaled = bool((scale != 1).any())", "scaled = shrink != 1"),
                ("multiplied instead of divided", "y /= scale", "y *= scale"),
                ("the shrink forgotten", "np.array(divisor, np.float32)[:, None, None] * np.float32(shrink)", "np.array(divisor, np.float32)[:, None, None]"),
                ("BGR forgotten", 'x if order == "RGB" else x[..., ::-1, :, :]', "x"),
                ("the noise forgotten", "y += shifts[part, :, None, None]", "pass"),
                ("one noise for all", "y += shifts[part, :, None, None]", "y += shifts[0, :, None, None]"),
            ], "five": [
                ("corners swapped", "[images[..., :size, :size], images[..., :size, -size:], images[..., -size:, :size], images[..., -size:, -size:], center(images, size)]", "[images[..., :size, :size], images[..., -size:, :size], images[..., :size, -size:], images[..., -size:, -size:], center(images, size)]"),
                ("a corner taken twice", "images[..., -size:, -size:]", "images[..., -size:, :size]"),
            ],},),
    *in_module('data.crops', 'data/test_crops.py', {"Crops.to": [
                ("the noise stays on the processor", "None if self.shifts is None else to_device(self.shifts, device)", "self.shifts"),
                ("the shrink is not sent", "Crops(to_device(self.pixels, device), shifts, self.shrink)", "Crops(to_device(self.pixels, device), shifts)"),
            ],},),
    *in_module('data.preprocessing', 'data/test_crops.py', {"Preprocessing.on_device": [
                ("normalised on the wrong device", "with use_device(device):", "if device:"),
                ("a batch of one's own stays on the processor", "return to_device(x, device)", "return x"),
            ],},),
    *in_module('step', 'data/test_crops.py', {"Steps.preparing": [
                ("float32 is sent to a GPU", 'self.device != "cpu"', "False"),
                ("crops for the processor too", 'self.device != "cpu"', "True"),
            ],},),
    *in_module('data.preprocessing', 'data/test_augment.py', {"Preprocessing.cut": [
                ("mirrors not mirrored", "view[..., ::-1]", "view"),
                ("mirrors among the five", "(view[..., ::-1] for view in views)", "(view[..., ::-1] for view in reversed(views))"),
            ], "Preprocessing.normalize": [
                ("crops of any size", "if one.shape[2:] != (self.size, self.size):", "if False:"),
            ], "Preprocessing.__post_init__": [
                ("a side below the size", "if self.side < self.size:", "if False:"),
                ("a mean smaller than the size", "min(shape[1:]) >= self.size", "max(shape[1:]) >= self.size"),
                ("a mean that is not finite", "if not np.isfinite(self.mean).all():", "if False:"),
            ],},),
    *in_module('data.color', 'data/test_augment.py', {"color_eigen": [
                ("the smallest variance first", "np.maximum(values[::-1], 0), vectors[:, ::-1]", "np.maximum(values, 0), vectors"),
                ("axes out of step with variances", "vectors[:, ::-1]", "vectors"),
                ("the sign left as it comes", "vectors * np.sign(vectors[largest, range(3)])", "vectors"),
                ("variances below zero kept", "np.maximum(values[::-1], 0)", "values[::-1]"),
                ("covariance below zero taken", "if values[0] < -1e-9 * abs(values[2]):", "if False:"),
            ],},),
    *in_module('data.loader', 'data/test_loader.py', {"Loader": [
                ("all batches draw the same", "np.random.default_rng([self.seed, epoch, i])", "np.random.default_rng([self.seed, epoch])"),
                ("all epochs draw the same", "np.random.default_rng([self.seed, epoch, i])", "np.random.default_rng([self.seed, i])"),
                ("the seed is not used", "np.random.default_rng([self.seed, epoch, i])", "np.random.default_rng([0, epoch, i])"),
                ("batches overlap", "i * self.batch_size", "max(0, i * self.batch_size - 1)"),
                ("the order is not followed", "self.prepare(self.images[mine], rng, **place)", "self.prepare(self.images[np.sort(mine)], rng, **place)"),
                ("labels of other pictures", "return x, self.labels[chosen]", "return x, self.labels[: len(x)]"),
                ("nothing is prepared ahead", "if len(ahead) > self.workers:", "if len(ahead) > 0:"),
                ("one more is prepared ahead", "if len(ahead) > self.workers:", "if len(ahead) > self.workers + 1:"),
                ("the newest batch first", "yield ahead.popleft().result()", "yield ahead.pop().result()", (1, 2)),
                ("the last ones are lost", "while ahead:", "while False:"),
                ("a single thread", 'ThreadPoolExecutor(self.workers, "minialexnet-loader")', 'ThreadPoolExecutor(1, "minialexnet-loader")'),
                ("threads are left behind", 'with ThreadPoolExecutor(self.workers, "minialexnet-loader") as threads:', 'if threads := ThreadPoolExecutor(self.workers, "minialexnet-loader"):'),
                ("prepare returns any dtype", 'if getattr(rows, "dtype", None) != dtype:', "if False:"),
                ("prepare returns any number of rows", "if rows.shape[:1] != mine.shape:", "if False:"),
            ], "Loader.batches": [
                ("the last batch is left out", "-(-len(order) // self.batch_size)", "len(order) // self.batch_size"),
                ("a thread with no workers", "self.workers and can_start_threads()", "can_start_threads()"),
                ("threads where none can start", "self.workers and can_start_threads()", "self.workers"),
                ("it begins one batch late", "numbers = range(first, -(-len(order) // self.batch_size))", "numbers = range(first + (first > 0), -(-len(order) // self.batch_size))"),
                ("never on threads", "self.workers and can_start_threads()", "False"),
                ("an index behind the end", "order >= len(self.images)", "order > len(self.images)"),
                ("a negative index", "order < 0", "order < -9"),
            ],},),
]  # fmt: skip
