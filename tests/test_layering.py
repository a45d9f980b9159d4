"""The house rules that no linter knows, read from the syntax trees."""

import ast
import functools
import io
import pathlib
import re
import sys
import tokenize

import pytest

import minialexnet

PACKAGE = pathlib.Path(minialexnet.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
# Arrows point one way: a module imports only what stands on a line above its own.
# Modules of one line know nothing of each other, but for those of one folder.
ORDER = """
    windows
    engine
    files
    im2col initializers schedules profile
    profiles
    data layers
    table
    network optimizer gradient_check
    sequential large_batches exercises
    cifar_net parallel cuda_convnet
    blocks
    alexnet
    weights
    model
    logits pictures
    evaluate nearest step
    runs
    fine_tune train
    run
    bench
    commands
    cli
    __main__
"""
PLACES = {
    name: place for place, line in enumerate(ORDER.split("\n")) for name in line.split()
}
THIRD_PARTY = {"numpy", "cupy", "cupyx", "cudnn", "mpi4py", "PIL", "matplotlib"}
THIRD_PARTY |= {"tqdm"}


def module_of(path):
    """Return the dotted name inside the package: ``layers.base``, ``backend``."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


@functools.cache
def tree_of(path):
    """Return the syntax tree of a file, which many tests look at."""
    return ast.parse(path.read_text())


@functools.cache
def imports(path):
    """Return the dotted names that a file imports anywhere in it.

    Those of the package begin with ``minialexnet``, however they were written.
    """
    here = ["minialexnet", *module_of(path).split(".")]
    names = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            start = here[: -node.level] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            names |= {f"{base}.{alias.name}" for alias in node.names}
    return names


def own_imports(path):
    """Return what a file imports of the package's modules: ``layers.base.Layer``."""
    inside = {n for n in imports(path) if n.split(".")[0] == "minialexnet"}
    names = {n.partition(".")[2] for n in inside}
    return names - {"", "__doc__", "__version__"}


def top_imports(path):
    return {name.partition(".")[0] for name in imports(path)}


every_file = pytest.mark.parametrize("path", FILES, ids=module_of)
layer_files = pytest.mark.parametrize(
    "path", sorted((PACKAGE / "layers").glob("*.py")), ids=module_of
)


def test_the_reader_of_imports_sees_them_all(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    (tmp_path / "layers").mkdir()
    path = tmp_path / "layers" / "new.py"
    path.write_text(
        "import numpy.linalg as la\nfrom ..engine import Array\n"
        "from . import base\ndef f():\n    from cupy import cuda\n"
    )
    assert top_imports(path) == {"numpy", "cupy", "minialexnet"}
    assert own_imports(path) == {"engine.Array", "layers.base"}


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in FILES
        if p.parent.name == "layers"
        or p.stem in ("im2col", "windows", "philox", "parts")
    ],
    ids=module_of,
)
def test_layers_take_their_array_module_from_the_array(path):
    assert not top_imports(path) & {"numpy", "cupy"}


@every_file
def test_only_the_engine_imports_cupy_and_not_at_the_top(path):
    known = top_imports(path) & {"cupy", "cupyx", "cudnn"}
    assert path.parent.name == "engine" or not known
    top = tree_of(path).body
    names = [
        alias.name
        for node in top
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    assert not {"cupy", "cupyx", "cudnn"} & set(names)


@every_file
def test_arrows_point_one_way(path):
    module = module_of(path)
    if module == "__init__":
        return  # the package's face shows what lies on any line
    folder = module.split(".")[0]
    assert folder in PLACES, f"give {module} a place in ORDER"
    for name in own_imports(path):
        other = name.split(".")[0]
        same_folder = other == folder and "." in module
        assert same_folder or PLACES[other] < PLACES[folder], f"{module} imports {name}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "data").glob("*.py")), ids=module_of)
def test_data_knows_nothing_of_layers(path):
    known = {name.split(".")[0] for name in own_imports(path)}
    assert known <= {"data", "engine", "files"}


def test_gradient_check_needs_only_the_base_of_layers():
    own = set().union(*map(own_imports, (PACKAGE / "gradient_check").glob("*.py")))
    assert {n for n in own if n.startswith("layers")} <= {
        "layers.base.Layer", "layers.base.Shape",
    }  # fmt: skip
    assert {n.split(".")[0] for n in own} <= {"layers", "engine", "gradient_check"}


@every_file
def test_nothing_is_imported_that_is_not_allowed(path):
    allowed = THIRD_PARTY | set(sys.stdlib_module_names) | {"minialexnet"}
    assert top_imports(path) <= allowed


def test_one_file_knows_whether_progress_is_a_bar_or_a_line():
    assert [module_of(p) for p in FILES if "tqdm" in top_imports(p)] == [
        "files.progress"
    ]


def code_lines(source):
    """Return the numbers of the lines that hold code: no comment, no docstring."""
    lines = set()
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING)
    skipped += (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return lines


def test_code_lines_leave_out_words():
    source = (
        '"""Two\nlines."""\n\n# why\nx = 1\n\n\ndef f():\n    """No."""\n    return (\n'
    )
    assert code_lines(source + "        x\n    )\n") == {5, 8, 10, 11, 12}


def most_lines(path):
    """Return how many lines a file may have, docstrings and blank lines included."""
    return 150 if path.parent in (PACKAGE, PACKAGE / "layers") else 200


@every_file
def test_a_file_is_short(path):
    assert len(path.read_text().splitlines()) <= most_lines(path)


@layer_files
def test_a_layers_methods_are_short(path):
    source = path.read_text()
    code = code_lines(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            length = len(code & set(range(node.lineno, node.end_lineno + 1)))
            assert length <= 40, f"{node.name} has {length} lines"


@layer_files
def test_every_layer_shows_an_example(path):
    for node in tree_of(path).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            shown = ">>>" in (ast.get_docstring(node) or "")
            layer = "kind = " in ast.get_source_segment(path.read_text(), node)
            assert shown or not layer or node.name in ("Layer", "Pooling2D")


INDEX = re.findall(r"[a-z_0-9/]+(?:\.py|/)(?=\s|$)", minialexnet.__doc__)


@pytest.mark.parametrize("name", INDEX)
def test_every_file_of_the_index_is_there(name):
    assert (PACKAGE / name).exists()


def test_the_index_names_every_file_and_folder_of_the_top_level():
    own = {path.name for path in PACKAGE.glob("*.py") if path.name[0] != "_"}
    own |= {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert own == {name.partition("/")[0] for name in INDEX}


# What a body between def and return may call of the engine: the array module, and
# Philox, whose lines a lesson prints too.
OF_THE_ENGINE = {"get_array_module", "philox4x32"}
# What stands above bodies: checks, how a convolution's dx is computed, what follows.
ABOVE = {"refuse", "refuse_labels", "refuse_numbers"}
ABOVE |= {"turned", "choice", "base", "followed"}


def bodies(path):
    """Yield forward, backward and every function of a layers' file."""
    tree = tree_of(path)
    methods = [n for c in tree.body if isinstance(c, ast.ClassDef) for n in c.body]
    for node in [*tree.body, *methods]:
        plain = node in tree.body or getattr(node, "name", "") in (
            "forward",
            "backward",
        )
        if isinstance(node, ast.FunctionDef) and plain:
            yield node


@pytest.mark.parametrize(
    "path",
    [p for p in sorted((PACKAGE / "layers").glob("*.py")) if p.stem not in ABOVE],
    ids=module_of,
)
def test_between_def_and_return_stands_the_maths(path):
    machinery = {
        alias.asname or alias.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("engine")
        for alias in node.names
    } - OF_THE_ENGINE
    for function in bodies(path):
        nodes = [n for line in function.body for n in ast.walk(line)]
        called = {
            n.func.id
            for n in nodes
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        assert not called & machinery, function.name
        assert not any(isinstance(n, ast.Raise | ast.Assert) for n in nodes)
