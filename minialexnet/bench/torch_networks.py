"""The paper's network and the four-layer one, in PyTorch, layer by layer.

The paper's has two groups, ReLU and the same sizes: 227 pixels without rounding up make
the 55 outputs of 224 with it. "stock" has nn.LocalResponseNorm, which is slow; "custom"
has the normalisation as an autograd Function written for the purpose, so that PyTorch
is not measured at less than it can do.
"""

from typing import Any

from .task import Task


def network_modules(torch: Any, task: Task) -> dict[str, Any]:
    """Return the modules of a task's network by name, in their order."""
    return _cifar_net(torch) if task.case == "cifar" else _alexnet(torch, task)


def _normalization(torch: Any, variant: str) -> Any:
    """Return the module of the paper's normalisation; alpha is divided by n there."""
    if variant == "stock":
        return torch.nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0)

    def window_sum(a: Any) -> Any:
        channels = a.shape[1]
        padded = torch.nn.functional.pad(a, (0, 0, 0, 0, 2, 2))
        total = padded[:, :channels].clone()
        for shift in range(1, 5):
            total += padded[:, shift : shift + channels]
        return total

    class Normalize(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            d = window_sum(x * x).mul_(1e-4).add_(2.0)
            scale = d.pow(-0.75)
            ctx.save_for_backward(x, d, scale)
            return x * scale

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            x, d, scale = ctx.saved_tensors
            g = dy * scale
            return g - 1.5e-4 * x * window_sum(g * x / d)

    class LocalResponseNorm(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return Normalize.apply(x)

    return LocalResponseNorm()


def _alexnet(torch: Any, task: Task) -> dict[str, Any]:
    nn, sizes = torch.nn, (96, 256, 384, 384, 256)
    kernels = [2 * round(size * task.width / 2) for size in sizes]
    hidden = 2 * round(4096 * task.width / 2)
    modules: dict[str, Any] = {}
    channels = 3
    for i, count in enumerate(kernels, 1):
        size, padding = (11, 5, 3, 3, 3)[i - 1], (0, 2, 1, 1, 1)[i - 1]
        options = {"stride": 4} if i == 1 else {"padding": padding}
        groups = 2 if i in (2, 4, 5) else 1
        modules[f"conv{i}"] = nn.Conv2d(channels, count, size, groups=groups, **options)
        modules[f"relu{i}"] = nn.ReLU()
        if i < 3:
            modules[f"lrn{i}"] = _normalization(torch, task.variant)
        if i in (1, 2, 5):
            modules[f"pool{i}"] = nn.MaxPool2d(3, 2)
        channels = count
    modules["flatten"] = nn.Flatten()
    features = 36 * channels
    for i, units in ((6, hidden), (7, hidden), (8, 1000)):
        modules[f"fc{i}"] = nn.Linear(features, units)
        if i < 8:
            modules[f"relu{i}"], modules[f"dropout{i}"] = nn.ReLU(), nn.Dropout()
        features = units
    return modules


def _cifar_net(torch: Any) -> dict[str, Any]:
    nn = torch.nn

    def average() -> Any:
        return nn.AvgPool2d(3, 2, ceil_mode=True, count_include_pad=False)

    return {
        "conv1": nn.Conv2d(3, 32, 5, padding=2),
        "pool1": nn.MaxPool2d(3, 2, ceil_mode=True),
        "relu1": nn.ReLU(),
        "conv2": nn.Conv2d(32, 32, 5, padding=2),
        "relu2": nn.ReLU(),
        "pool2": average(),
        "conv3": nn.Conv2d(32, 64, 5, padding=2),
        "relu3": nn.ReLU(),
        "pool3": average(),
        "flatten1": nn.Flatten(),
        "fc1": nn.Linear(1024, 10),
    }
