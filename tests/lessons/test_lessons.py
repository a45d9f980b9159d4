"""The lessons keep to their form, run, and their exercises' solutions are right."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minialexnet import (
    LARS,
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalization,
    MaxPooling2D,
    MomentumSGD,
    Normal,
    Sequential,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    alexnet,
    check_layer,
    cli,
    log_softmax,
)
from minialexnet import model as models
from minialexnet.data import load
from minialexnet.data.augment import Augmentation
from minialexnet.data.color import color_eigen
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.evaluate import predict, top_errors
from minialexnet.files.recorded import recorded
from minialexnet.files.records import read_lines
from minialexnet.parallel.bytes_sent import bytes_sent
from minialexnet.parallel.two_devices import TwoDevices
from minialexnet.train import Training

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "lessons").glob("lesson_*.py"))
# The headings that every lesson has, in this order, with others between them.
HEADINGS = [
    "The paper",
    "The mathematics",
    "By hand",
    "The gradient check",
    "What the paper reports and what was measured",
    "Summary",
    "Exercises",
]
# Words a minute that are read of a text with formulas and code.
SPEED = 120

every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def prose(path):
    """Return the text of a lesson's prose cells, title first."""
    text = path.read_text()
    cells = re.findall(r"^# %% \[markdown\]\n((?:#.*\n)+)", text, re.MULTILINE)
    uncommented = (re.sub(r"^# ?", "", cell, flags=re.MULTILINE) for cell in cells)
    return "\n".join([ast.get_docstring(ast.parse(text)) or "", *uncommented])


@every_lesson
def test_a_lesson_keeps_to_the_form(path):
    text, words = path.read_text(), prose(path)
    number = int(path.stem.split("_")[1])
    assert text.startswith(f'# %% [markdown]\nr"""\nLesson {number}: ')
    titles = re.findall(r"^(.+)\n-+$", words, re.MULTILINE)
    assert [title for title in titles if title in HEADINGS] == HEADINGS
    assert re.search("section|abstract", part(words, "The paper")), "which section?"
    assert "show_source(" in text
    assert "limit_blas(1)" in text, "as fast on a busy machine"
    exercises = re.findall(r"^\*\*(\d)\. ", words, re.MULTILINE)
    assert exercises == ["1", "2", "3"]
    # What Markdown and reST read alike, and no more: no headings of #, no directives,
    # links or roles, and literals in two backticks.
    plain = re.sub(r"``[^`]+``|\$[^$]+\$", "", words)
    assert not re.search(r"^#+ |^\.\. |\]\(|`", plain, re.MULTILINE)
    assert (ROOT / "lessons" / "solutions" / f"solution_{path.stem[7:]}.py").exists()


def part(words, title):
    """Return the text below a heading, up to the next one."""
    return re.search(rf"^{title}\n-+\n(.*?)(?=^[^\n]+\n--+$|\Z)", words, re.M | re.S)[1]


@every_lesson
def test_a_lesson_begins_with_its_idea_and_a_picture(path):
    text, words = path.read_text(), prose(path)
    first = words.split("\nThe paper\n")[0]
    idea = re.search(r"\*\*(.+?)\*\*", first, re.DOTALL)[1]
    assert 1 <= len(re.findall(r"[.;:] ", idea)) <= 3, "an idea in two sentences"
    before_the_paper = text.split("# The paper\n")[0]
    assert "# The imports.\n" in before_the_paper
    assert "# The drawing.\n" in before_the_paper
    assert "caption(" in before_the_paper, "a picture on the first screen"
    for words_of in ("**After this lesson you can**", "**You need**", "**Time:**"):
        assert words_of in first
    stated = int(re.search(r"about (\d+) minutes to read", first)[1])
    counted = len(words.split()) / SPEED
    assert abs(stated - counted) <= 0.15 * counted + 1, counted


@every_lesson
def test_a_lesson_states_the_seconds_that_were_recorded(path):
    measured = {
        record["lesson"]: record["processor_seconds"]
        for record in read_lines(recorded("lessons.jsonl"))[1:]
    }
    stated = int(re.search(r"(\d+)\s+seconds?\s+to\s+run", prose(path))[1])
    assert abs(stated - measured[path.stem]) <= 0.2 * measured[path.stem] + 1
    assert measured[path.stem] <= 60
    assert sum(measured.values()) <= 4 * 60


def test_the_seconds_are_those_of_a_lesson_that_ran_to_its_end(tmp_path):
    path = ROOT / "lessons" / "site" / "time_lessons.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lesson = tmp_path / "lesson_99_nothing.py"
    lesson.write_text("sum(range(12_000_000))")
    record = module.measure(lesson)
    assert record["lesson"] == "lesson_99_nothing"
    assert record["processor_seconds"] > 0
    lesson.write_text("raise SystemExit(3)")
    with pytest.raises(subprocess.CalledProcessError):
        module.measure(lesson)


@every_lesson
def test_the_front_page_states_a_lesson_s_minutes(path):
    front = (ROOT / "lessons" / "site" / "index.rst").read_text()
    row = rf"   \* - :doc:`lessons/{path.stem}`\n     - .*\n     - (\d+)\n"
    minutes = re.search(r"about (\d+) minutes to read", prose(path))[1]
    assert re.search(row, front)[1] == minutes


@every_lesson
def test_a_lesson_ends_with_three_lines_and_its_neighbours(path):
    words, here = prose(path), LESSONS.index(path)
    summary = part(words, "Summary")
    assert len(re.findall("^- ", summary, re.MULTILINE)) == 3
    linked = re.findall(r"\[\[(lesson_\w+)\]\]", summary)
    neighbours = LESSONS[max(0, here - 1) : here] + LESSONS[here + 1 : here + 2]
    assert sorted(linked) == [path.stem for path in neighbours]
    assert f"[[solution_{path.stem[7:]}]]" in part(words, "Exercises")


@every_lesson
def test_a_lesson_names_only_lessons_that_there_are_and_none_by_its_number(path):
    words = re.sub(r"^Lesson \d+: ", "", prose(path))
    assert not re.search(r"\blessons? \d", words, re.IGNORECASE)
    for name in re.findall(r"\[\[((?:lesson|solution)_\w+)\]\]", words):
        folder = "lessons/solutions" if name.startswith("solution") else "lessons"
        assert (ROOT / folder / f"{name}.py").exists(), name


@every_lesson
def test_a_lesson_links_to_words_of_the_glossary(path):
    glossary = (ROOT / "lessons" / "site" / "glossary.rst").read_text()
    explained = re.findall(r"^   (\w.*)$", glossary, re.MULTILINE)
    words = re.findall(r"\[\[([^][]+)\]\]", prose(path))
    linked = [
        " ".join(w.split()) for w in words if not re.match("lesson_|solution_", w)
    ]
    assert len(linked) >= 3
    assert set(linked) <= set(explained)


@every_lesson
def test_a_lesson_reaches_into_no_private_name(path):
    names = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert {name for name in names if re.match("_[^_]", name)} == set()


@pytest.mark.slow
@every_lesson
def test_a_lesson_runs_and_its_plots_are_labelled(path, tmp_path):
    runner = Path(__file__).parents[1] / "support" / "run_lesson.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", runner, path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "every gradient agrees" in done.stdout


def solutions(name):
    """Return the module lessons/solutions/solution_NAME.py."""
    path = ROOT / "lessons" / "solutions" / f"solution_{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_solutions_of_relu():
    module = solutions("01_relu")
    leaky = module.LeakyReLU()
    check_layer(leaky, np.random.default_rng(0).standard_normal((4, 5)))
    assert leaky.forward(np.array([-2.0, 3.0])).tolist() == [-0.02, 3.0]
    for layer, name, largest in ((Tanh, "tanh", 1), (Sigmoid, "sigmoid", 1 / 4)):
        for fraction in (0.5, 0.01):
            point = module.saturation_point(name, fraction)
            neuron = layer()
            neuron.forward(np.array([[point]]))
            derivative = neuron.backward(np.ones((1, 1)))[0, 0]
            assert point > 0
            assert derivative == pytest.approx(fraction * largest, rel=1e-12)
    z = np.random.default_rng(0).standard_normal((128, 1000))
    # 841 expected, a standard deviation of sqrt(1000 * 0.841 * 0.159) = 11.6.
    assert abs(module.dead(z - 3) - 841) < 4 * 11.6
    assert module.dead(z) == module.dead(z + 1) == 0


def test_solutions_of_convolution():
    module = solutions("02_convolution")
    alexnet = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1)]
    assert module.receptive_field(alexnet) == 163
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 5, 4, 6))
    layer = Convolution2D(5, 3, kernel_size=1).astype(np.float64)
    layer.params["b"] = rng.standard_normal(3)
    W = layer.params["W"][:, :, 0, 0]
    y = module.pointwise(x, W, layer.params["b"])
    np.testing.assert_allclose(y, layer.forward(x), rtol=1e-12)
    for padding in (0, 1):
        layer = Convolution2D(5, 3, 3, padding=padding).astype(np.float64)
        dy = rng.standard_normal(layer.forward(x).shape)
        dx = module.dx_by_convolution(dy, layer.params["W"], padding)
        np.testing.assert_allclose(dx, layer.backward(dy), rtol=1e-9, atol=1e-15)


def test_solutions_of_optimization():
    module = solutions("09_optimization")
    rng = np.random.default_rng(0)
    ours, theirs = ({"W": np.ones((3, 2)), "b": np.ones(2)} for _ in range(2))
    paper = MomentumSGD(ours, 0.1, momentum=0.9, weight_decay=0.01)
    outside = module.RateOutside(theirs, 0.1, momentum=0.9, weight_decay=0.01)
    for _ in range(20):
        gradients = {name: rng.standard_normal(w.shape) for name, w in ours.items()}
        paper.step(gradients)
        outside.step(gradients)
    for name, w in ours.items():
        np.testing.assert_allclose(w, theirs[name], rtol=1e-12)
    before = {name: w.copy() for name, w in theirs.items()}
    outside.learning_rate = 0.01
    outside.step(gradients)
    for name, w in theirs.items():
        u = outside.velocities[name]
        np.testing.assert_allclose(before[name] - w, 0.01 * u, rtol=1e-9)

    for steps in (1, 2, 5, 200):
        w = np.zeros(1)
        sgd = MomentumSGD({"w": w}, 0.1, momentum=0.8, weight_decay=0)
        for step in range(steps):
            sgd.step({"w": np.full(1, float(step == 0))})
        assert module.moved(steps, 0.1, 0.8) == pytest.approx(w[0])
    assert module.moved(1000, 0.01, 0.9) == pytest.approx(-0.1)

    steps = module.half_life(0.01, 0.0005, 0.9)
    assert 13_800 < steps < 13_900
    w, none = np.ones(1), np.zeros(1)
    sgd = MomentumSGD({"w": w}, 0.01, momentum=0.9, weight_decay=0.0005)
    for _ in range(round(steps)):
        sgd.step({"w": none})
    assert w[0] == pytest.approx(0.5, rel=0.02)


def test_solutions_of_initialization():
    module = solutions("10_initialization")
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((1000, 1000))
    labels, loss = rng.integers(1000, size=1000), SoftmaxCrossEntropy()
    measured = float(loss.forward(0.35 * logits, labels))
    # The labels' own logits have mean 0, give or take 0.35 / sqrt(1000) = 0.011.
    own = 0.35 * np.take_along_axis(logits, labels[:, None], axis=1).mean()
    assert module.first_loss(1000, 0.35) == pytest.approx(measured + own, abs=0.002)
    assert module.first_loss(1000, 4) > float(loss.forward(4 * logits, labels)) + 0.5

    for scale in (1 / 50, 50):
        network = alexnet("2012", classes=10, width=1 / 8, input_size=48)
        x = scale * rng.standard_normal((8, 3, 48, 48), np.float32)
        module.fit(network, x)
        for _, layer in network.leaves():
            x = layer.forward(x)
            if "W" in layer.params:
                assert x.std() == pytest.approx(1, rel=1e-3)

    assert module.floor([256] * 10) == pytest.approx(np.log(10))
    assert module.floor([9, 1]) == pytest.approx(0.325, abs=5e-4)
    assert module.floor([7, 0]) == 0
    counts = np.array([1, 2, 5])
    labels = np.repeat([0, 1, 2], counts)
    logits = np.tile(np.log(counts), (8, 1))
    assert float(loss.forward(logits, labels)) == pytest.approx(module.floor(counts))


def test_solutions_of_overlapping_pooling():
    module = solutions("04_overlapping_pooling")
    for up in (False, True):
        assert module.pooled_sides(55, 3, up) == [27, 13, 6]
    assert module.pooled_sides(55, 2, False) == [27, 13, 6]
    assert module.pooled_sides(55, 2, True) == [28, 14, 7]
    for z in (2, 3):
        x = np.random.default_rng(0).standard_normal((2, 3, 7, 6))
        check_layer(module.SharedTies(z, 2), x)
    shared = module.SharedTies(2, 2)
    shared.forward(np.array([[[[0.0, 7], [7, 7]]]]))
    third = pytest.approx(1 / 3)
    dx = shared.backward(np.ones((1, 1, 1, 1)))[0, 0]
    assert dx.ravel().tolist() == [0, third, third, third]
    assert module.winners(2) == 0.25
    assert module.winners(3) == pytest.approx(0.1582, abs=1e-4)
    # 401 * 401 pixels, all but the edge's as on an endless map.
    pool = MaxPooling2D(3, 2)
    y = pool.forward(np.random.default_rng(0).standard_normal((9, 1, 401, 401)))
    measured = (pool.backward(np.ones_like(y)) > 0).mean()
    assert measured == pytest.approx(module.winners(3), abs=0.002)


def test_solutions_of_response_normalization():
    module = solutions("03_response_normalization")
    rng = np.random.default_rng(0)
    a, db = rng.standard_normal(7), rng.standard_normal(7)
    constants = {"k": 1.5, "n": 5, "alpha": 0.5, "beta": 0.75}
    layer = LocalResponseNormalization(**constants)
    layer.forward(a.reshape(1, 7, 1, 1))
    da = layer.backward(db.reshape(1, 7, 1, 1)).ravel()
    matrix = module.jacobian(a, **constants)
    np.testing.assert_allclose(db @ matrix, da, rtol=1e-12)
    assert abs(matrix - matrix.T).max() > 1e-3
    s, c = module.rescale(2, 1e-4, 1, 2e-5, 0.75)
    assert s**2 == pytest.approx(2.5)
    x = 200 * rng.standard_normal((1, 7, 2, 2))
    caffe = LocalResponseNormalization(k=1, alpha=2e-5).forward(s * x)
    paper = LocalResponseNormalization(k=2, alpha=1e-4).forward(x)
    np.testing.assert_allclose(caffe, c * paper, rtol=1e-12)
    assert module.turning_point(2, 1e-4, 0.75) == pytest.approx(200)
    assert module.turning_point(2, 1e-4, 0.5) == np.inf
    lone = LocalResponseNormalization()
    lone.forward(np.full((1, 1, 1, 1), 200.0))
    assert abs(lone.backward(np.ones((1, 1, 1, 1))).item()) < 1e-15


def test_solutions_of_two_devices():
    module = solutions("05_two_devices")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 6, 5, 4))
    grouped = Convolution2D(6, 8, 3, groups=2).astype(np.float64)
    whole = Convolution2D(6, 8, 3).astype(np.float64)
    W = whole.params["W"]
    W[:4, 3:] = W[4:, :3] = 0
    grouped.params["W"] = module.grouped(W)
    np.testing.assert_allclose(grouped.forward(x), whole.forward(x), rtol=1e-12)
    for place in ((3, 3, 0, 2), (4, 2, 1, 1)):
        other = W.copy()
        other[place] = -1
        with pytest.raises(ValueError, match="expected 0"):
            module.grouped(other)
    count = module.bytes_a_picture(alexnet("2012", seed=None), (3, 224, 224))
    assert count == 489_376
    network = alexnet("2012", classes=6, width=1 / 16, input_size=63)
    with TwoDevices(network) as two:
        y = two.forward(np.zeros((1, 3, 63, 63), np.float32))
        two.backward(y)
        crossed = sum(map(sum, two.exchanges().values()))
    assert module.bytes_a_picture(network, (3, 63, 63)) == crossed
    assert module.changed_by_own_tower(96, 5) == [46, 47, 48, 49]
    for C, n in ((12, 5), (8, 3), (6, 1)):
        maps = rng.standard_normal((1, C, 3, 3))
        layers = [LocalResponseNormalization(n=n, alpha=0.5, groups=g) for g in (1, 2)]
        one, two_groups = (layer.forward(maps) for layer in layers)
        changed = np.flatnonzero((one != two_groups).any((0, 2, 3)))
        assert module.changed_by_own_tower(C, n) == changed.tolist()


def test_solutions_of_training(tmp_path):
    module = solutions("11_training")
    rng = np.random.default_rng(0)
    p, labels = rng.random((200, 10)), rng.integers(10, size=200)
    for k in (1, 3, 5):
        assert module.top_k_error(p, labels, k) == top_errors(p, labels, (k,))[0]
    same = np.full((4, 6), 1 / 6)
    assert module.top_k_error(same, np.arange(4), 1) == 0
    assert top_errors(same, np.arange(4), (1,)) == [0.75]

    # The lesson's training on fewer pictures.
    dataset = load("shapes", train=96, test=10)

    def begun():
        model = models.begin(dataset, {"model": "cifar", "seed": 0})
        return Training(model, dataset, MomentumSGD, batch_size=32)

    def weights(forget):
        """Return the weights after epoch 2, from a checkpoint after epoch 1."""
        training = begun()
        training.load(tmp_path / "checkpoint.npz")
        for v in training.optimizer.velocities.values():
            v[...] *= not forget
        training.run_epoch()
        return training.network.parameters()

    training = begun()
    training.run_epoch()
    training.save(tmp_path / "checkpoint.npz", config={})
    training.run_epoch()
    whole = training.network.parameters()
    assert module.other_bits(whole, weights(forget=False)) == []
    assert module.other_bits(whole, weights(forget=True)) == list(whole)
    assert module.other_bits({"x": np.zeros(1)}, {"x": -np.zeros(1)}) == ["x"]

    assert module.pictures_needed(0.5, 2.2361) == 500
    assert module.pictures_needed(0.4, 0.219) == pytest.approx(50_000, rel=0.01)


def test_the_lesson_on_training_names_commands_that_exist():
    text = (ROOT / "lessons" / "lesson_11_training.py").read_text()
    commands = re.search(r'COMMANDS = """\\\n(.*?)"""', text, re.DOTALL)[1]
    lines = commands.replace("\\\\\n    ", "").splitlines()
    asked = [line.split()[1:] for line in lines if line]
    assert len(asked) > 5
    for words in asked:
        assert cli.parser(words).parse_args(words).run


def test_solutions_of_dropout():
    module = solutions("08_dropout")
    x = np.random.default_rng(0).standard_normal((4, 5))
    layer = module.InvertedDropout(0.5, 0)
    check_layer(layer, x, train=True)
    assert (layer.forward(x) == x).all()
    many = module.InvertedDropout(0.25, 1).forward(np.ones((100, 1000)), train=True)
    assert set(np.unique(many)) == {0, 1 / 0.75}
    # A coin's standard deviation is sqrt(1/3), the mean's of 100,000 of them 0.0018.
    assert abs(many.mean() - 1) < 4 * 0.0018

    # The paper's form and the inverted one, for ten steps from the same weights.
    rng = np.random.default_rng(2)
    x, labels = rng.standard_normal((8, 5)).astype(np.float32), rng.integers(0, 3, 8)
    for q in (0.5, 0.25):
        networks = []
        for inverted in (False, True):
            dense = FullyConnected(5, 3, weight=Normal(1.0), seed=3)
            rates = {}
            if inverted:
                dense.params["W"] *= np.float32(q)
                rates = {"W": module.inverted_rate(1.0, q)}
            network = Sequential([Dropout(1 - q, inverted, seed=4), dense])
            sgd = MomentumSGD(
                network.parameters(), 0.1, weight_decay=0, rate_factors=rates
            )
            for _ in range(10):
                loss = SoftmaxCrossEntropy()
                loss.forward(network.forward(x, train=True), labels)
                network.backward(loss.backward())
                sgd.step(network.gradients())
            networks.append(network)
        paper, inverted = (network.forward(x, train=False) for network in networks)
        np.testing.assert_allclose(inverted, paper, rtol=1e-5, atol=1e-6)

    w, x = np.random.default_rng(5).standard_normal((2, 10))
    masks = (np.arange(1024)[:, None] >> np.arange(10)) & 1
    by_masks = (masks @ (w * x)).var()
    assert module.variance(w, x, 0.5) == pytest.approx(by_masks, rel=1e-12)
    assert max(np.arange(1, 10) / 10, key=lambda p: module.variance(w, x, p)) == 0.5


def test_solutions_of_architecture():
    module = solutions("06_architecture")
    kernels, groups = [96, 256, 384, 384, 256], [1, 2, 1, 2, 2]
    assert module.parameters(kernels, groups, 1000) == 60_965_224
    half = [48, 128, 192, 192, 256]
    assert module.parameters(half, [1] * 5, 1000) == 59_798_312
    up, down = module.sides(True), module.sides(False)
    assert len(up) == len(down) == 32
    assert 224 in up
    assert up[-1] == down[0] == 227
    layers, total = module.with_mean_head(1000)
    rows = alexnet("2012", seed=None).table((3, 224, 224)).rows
    counted = {row.name: row.parameters for row in rows if row.name[:4] == "conv"}
    assert dict(layers) == counted | {"fc8": 257_000}
    assert total == 2_591_080


def test_solutions_of_augmentation():
    module = solutions("07_augmentation")
    assert module.versions(256, 256, 224) == 2178
    assert module.versions(5, 5, 3) == 18
    picture = np.arange(3 * 4 * 6, dtype=np.uint8).reshape(1, 3, 4, 6)
    plain = Preprocessing(2, np.zeros(3, np.float32), side=4)
    drawn = Augmentation(crop=True, flip=True)(
        np.repeat(picture, 2000, axis=0), plain, np.random.default_rng(0)
    )
    assert len({crop.tobytes() for crop in drawn}) == module.versions(4, 6, 2) == 30

    rng = np.random.default_rng(1)
    pixels = rng.standard_normal((50, 3)) @ rng.standard_normal((3, 3))
    alpha = rng.standard_normal(3)
    for root, times in ((False, 100**2), (True, 100)):
        shift = module.color_shift(pixels, alpha, root)
        larger = module.color_shift(100 * pixels, alpha, root)
        np.testing.assert_allclose(larger, times * shift, rtol=1e-9)
    two, first = np.array([[0, 3, 4], [0, -3, -4]]), np.array([0.1, 0, 0])
    for root, added in ((False, [0, 1.5, 2]), (True, [0, 0.3, 0.4])):
        shift = abs(module.color_shift(two, first, root))
        np.testing.assert_allclose(shift, added, atol=1e-12)
    values, vectors = color_eigen(np.cov(pixels.T, bias=True))
    augment = Augmentation(False, False, "2012", 1.0, values, vectors)
    length = np.linalg.norm(module.color_shift(pixels, np.eye(3)[0], root=True))
    assert length == pytest.approx(augment.deviations()[0])

    dataset = load("shapes", train=10, test=10)
    to_network = Preprocessing(28, dataset.mean(), (64.0, 64.0, 64.0), side=32)
    network = Sequential([Flatten(), FullyConnected(3 * 28 * 28, 10, seed=0)])
    for which, crops in ((range(10), 10), ([4], 1)):
        found = module.average(network, dataset.test_images, to_network, which)
        expected = predict(network, dataset.test_images, to_network, crops)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_solutions_of_results():
    module = solutions("12_results")
    rng = np.random.default_rng(0)
    one = [[0.5, 0.4, 0.1], [0.6, 0.4, 0.0]]
    other = [[0.1, 0.4, 0.5], [0.3, 0.7, 0.0]]
    votes = module.vote(np.array([one, other]))
    assert votes.tolist() == [[0.5, 0, 0.5], [0.5, 0.5, 0]]
    assert module.vote(np.array([[[0.25, 0.5, 0.5]]])).tolist() == [[0, 1, 0]]
    three = np.array([[[0.6, 0.4]], [[0.6, 0.4]], [[0.1, 0.9]]])
    assert module.vote(three).argmax() == 0
    assert three.mean(axis=0).argmax() == 1
    two = np.array([[[0.9, 0.1]], [[0.5, 0.5]]])
    np.testing.assert_allclose(module.geometric_mean(two), [[0.75, 0.25]])
    x = rng.standard_normal((3, 4, 5))
    p = np.exp(log_softmax(x.reshape(12, 5))).reshape(3, 4, 5)
    softmax = np.exp(log_softmax(x.mean(axis=0)))
    np.testing.assert_allclose(module.geometric_mean(p), softmax)
    assert module.standard_error(0.407, 50_000) == pytest.approx(0.0022, abs=5e-5)
    assert module.standard_error(0.7302, 10_000) == pytest.approx(0.0044, abs=5e-5)


def test_solutions_of_beyond_two_devices():
    module = solutions("14_beyond_two_devices")
    rng = np.random.default_rng(0)
    for n, count in ((1, 3), (2, 4), (4, 4), (5, 13), (3, 2)):
        arrays = list(rng.standard_normal((n, count)))
        before = [array.copy() for array in arrays]
        sums, sent = module.ring(arrays)
        assert len(sums) == n
        for found, array, old in zip(sums, arrays, before, strict=True):
            np.testing.assert_allclose(found, sum(before), rtol=1e-12, atol=1e-14)
            np.testing.assert_array_equal(array, old)
        assert sum(sent) == 2 * (n - 1) * arrays[0].nbytes
        assert count % n or sent == n * [2 * (n - 1) * arrays[0].nbytes // n]

    network, shape = alexnet("paper", seed=None), (3, 224, 224)
    found = module.break_even(network, shape)
    assert found == 3275
    less = [
        sum(map(sum, bytes_sent(network, shape, found - i, 2, "2014").values()))
        > sum(map(sum, bytes_sent(network, shape, found - i, 2, "data").values()))
        for i in (0, 1)
    ]
    assert less == [True, False]

    for decay in (0.0, 0.5):
        w, dw = rng.standard_normal((2, 4, 3))
        ours = w.copy()
        LARS({"W": ours}, 2.0, weight_decay=decay).step({"W": dw})
        np.testing.assert_allclose(module.lars_step(w, dw, 2.0, decay), ours)
    moved = np.linalg.norm(module.lars_step(w, dw, 2.0, 0.0) - w)
    assert moved == pytest.approx(0.002 * np.linalg.norm(w))


def test_solutions_of_what_it_learned():
    module = solutions("13_what_it_learned")
    k, m = np.mgrid[:11, :11]
    for theta in (0, 20, 45, 90, 110, 175):
        angle = np.radians(theta)
        stripes = np.cos(0.8 * (m * np.cos(angle) + k * np.sin(angle)))
        found = module.orientation(np.stack([stripes] * 3))
        assert abs((found - theta + 90) % 180 - 90) < 3, theta
    images = np.full((1, 3, 2, 2), 77, np.uint8)
    np.testing.assert_array_equal(module.grey(images), images)
    images[0, :, 1, 0] = 10, 20, 60
    assert module.grey(images)[0, :, 1, 0].tolist() == [30] * 3
    rng = np.random.default_rng(0)
    q, f = rng.standard_normal((4, 8)), rng.standard_normal((5, 8))
    plain = ((q[:, None] - f) ** 2).sum(axis=2)
    np.testing.assert_allclose(module.squared_distances(q, f), plain, rtol=1e-12)
    far_q, far_f = np.float32(q + 10_000), np.float32(f + 10_000)
    lost = abs(module.squared_distances(far_q, far_f) - plain).max()
    kept = abs(((far_q[:, None] - far_f) ** 2).sum(axis=2) - plain).max()
    assert lost > 10 > 0.1 > kept
