"""The readers and the writer against the packages that the formats come from.

None of them is needed to read a file; each test is skipped where its package is absent.
"""

import numpy as np
import pytest

from minialexnet import model, weights
from tests.support import weight_files as wf

X = np.random.default_rng(0).normal(0, 50, (2, 3, 227, 227))


def pictures(size):
    return X[:, :, :size, :size].copy()


def logits(path, x):
    """Return what the network in a file computes in double precision."""
    return weights.read(path).network.astype(np.float64).forward(x)


def small_alexnet(torch):
    """Return a network like torchvision.models.alexnet(), but narrower."""
    nn = torch.nn

    class AlexNet(nn.Module):
        def __init__(self):
            super().__init__()
            relu, pool = nn.ReLU(), nn.MaxPool2d(3, 2)
            a, b, c, d, e, h = 1, 2, 3, 2, 2, 32
            self.features = nn.Sequential(
                *(nn.Conv2d(3, a, 11, 4, 2), relu, pool),
                *(nn.Conv2d(a, b, 5, 1, 2), relu, pool, nn.Conv2d(b, c, 3, 1, 1), relu),
                *(nn.Conv2d(c, d, 3, 1, 1), relu, nn.Conv2d(d, e, 3, 1, 1), relu, pool),
            )
            self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
            self.classifier = nn.Sequential(
                *(nn.Dropout(), nn.Linear(e * 36, h), relu),
                *(nn.Dropout(), nn.Linear(h, h), relu, nn.Linear(h, 3)),
            )

        def forward(self, x):
            return self.classifier(self.avgpool(self.features(x)).flatten(1))

    torch.manual_seed(0)
    return AlexNet().eval()


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("protocol", [2, 4])
def test_what_torch_saves_computes_what_torch_computes(tmp_path, zipped, protocol):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    net, path = small_alexnet(torch), tmp_path / "a.pth"
    torch.save(
        net.state_dict(),
        path,
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=zipped,
    )
    with torch.no_grad():
        expected = net.double()(torch.from_numpy(pictures(224))).numpy()
    np.testing.assert_allclose(logits(path, pictures(224)), expected, rtol=1e-10)


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_what_training_saves_with_torch_holds_the_same_network(tmp_path, kind):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    net, path = small_alexnet(torch), tmp_path / "checkpoint.pth.tar"
    settings = {"momentum": 0.9} if kind == "SGD" else {}
    optimizer = getattr(torch.optim, kind)(net.parameters(), 0.01, **settings)
    net(torch.from_numpy(pictures(224)).float()).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 30)
    net.bfloat16()
    state = {"epoch": 3, "arch": "alexnet", "best_acc1": torch.tensor(3.0)}
    state |= {"state_dict": torch.nn.DataParallel(net).state_dict()}
    state |= {"optimizer": optimizer.state_dict(), "scheduler": schedule.state_dict()}
    torch.save(state, path)
    with torch.no_grad():
        expected = net.double()(torch.from_numpy(pictures(224))).numpy()
    np.testing.assert_allclose(logits(path, pictures(224)), expected, rtol=1e-10)


@pytest.mark.parametrize("profile", ["caffe", "caffenet"])
def test_a_caffemodel_computes_what_torch_does_by_its_settings(tmp_path, profile):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    F, arrays = torch.nn.functional, wf.arrays(wf.network(profile))
    layers = wf.caffe_layers(pool_first=profile == "caffenet")
    (tmp_path / "a.caffemodel").write_bytes(wf.caffemodel(arrays, layers))
    x = torch.from_numpy(pictures(227))
    for name, kind, s in layers:
        if name in arrays:
            W, b = (torch.from_numpy(a.astype(np.float64)) for a in arrays[name])
        if kind == "Convolution":
            window = s.get("stride", 1), s.get("pad", 0), 1, s.get("group", 1)
            x = F.conv2d(x, W, b, *window)
        elif kind == "InnerProduct":
            x = F.linear(x.flatten(1), W, b)
        elif kind == "ReLU":
            x = F.relu(x)
        elif kind == "LRN":  # PyTorch divides alpha by n, as Caffe does
            x = F.local_response_norm(x, s["n"], s["alpha"], s["beta"], k=1.0)
        elif kind == "Pooling":
            x = F.max_pool2d(x, s["kernel"], s["stride"], ceil_mode=True)
    got = logits(tmp_path / "a.caffemodel", pictures(227))
    np.testing.assert_allclose(got, x.numpy(), rtol=1e-10)


@pytest.mark.parametrize("torchvision", [False, True])
def test_an_onnx_file_computes_what_its_package_computes(tmp_path, torchvision):
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    from onnx.reference import ReferenceEvaluator

    profile = "torchvision" if torchvision else "caffe"
    arrays = wf.arrays(wf.network(profile, size=224))
    nodes = wf.onnx_nodes(torchvision)[:-1]  # the logits, without Softmax
    shape = np.array([0, -1])
    made, current = [], "data_0"
    tensors = [onnx.numpy_helper.from_array(shape, "shape")]
    for place, (operator, name, settings) in enumerate(nodes):
        inputs = [current]
        inputs += ["shape"] if operator == "Reshape" else []
        if name:
            inputs += [f"{name}.W", f"{name}.b"]
            for key, array in zip(inputs[1:], arrays[name], strict=True):
                tensors.append(onnx.numpy_helper.from_array(array, key))
        current = f"out_{place}"
        made.append(onnx.helper.make_node(operator, inputs, [current], **settings))
    real, size = onnx.TensorProto.FLOAT, [2, 3, 224, 224]
    graph = onnx.helper.make_graph(
        made,
        "alexnet",
        [onnx.helper.make_tensor_value_info("data_0", real, size)],
        [onnx.helper.make_tensor_value_info(current, real, [2, 3])],
        tensors,
    )
    opset = onnx.helper.make_opsetid("", 13)
    proto = onnx.helper.make_model(graph, opset_imports=[opset])
    onnx.checker.check_model(proto)
    onnx.save(proto, tmp_path / "a.onnx")
    x = pictures(224).astype(np.float32)
    (expected,) = ReferenceEvaluator(proto).run(None, {"data_0": x})
    got = logits(tmp_path / "a.onnx", x.astype(np.float64))
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-5)


def test_safetensors_of_the_package_and_for_the_package(tmp_path):
    package = pytest.importorskip("safetensors", reason="safetensors is not installed")
    from safetensors.numpy import load_file, save_file

    net = wf.network("torchvision")
    save_file(wf.state_dict(net), tmp_path / "a.safetensors")
    found = weights.read(tmp_path / "a.safetensors")
    names = ("a", "b", "c")
    ours = model.Model(found.network, found.preprocessing, names, found.description)
    weights.safetensors.save(tmp_path / "b.safetensors", *model.pack(ours))
    arrays = load_file(tmp_path / "b.safetensors")
    for name, w in net.parameters().items():
        assert np.array_equal(arrays[f"w/{name}"], w), name
    with package.safe_open(tmp_path / "b.safetensors", "numpy") as file:
        assert "minialexnet" in file.metadata()
