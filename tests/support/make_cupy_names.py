"""Write cupy_names.txt: the public names and signatures of the installed CuPy.

The strict stand-in (strict_cupy.py) offers these and no others. Run it in an
environment of its own that has the CuPy to be described; no GPU is needed::

    python -m venv /tmp/cupy && /tmp/cupy/bin/pip install cupy-cuda12x==14.2.0
    /tmp/cupy/bin/python tests/support/make_cupy_names.py

One line a name: its kind, its dotted name and, for what can be called, its parameters;
``axis=`` is a parameter with a default.
"""

import inspect
import pathlib
import re
import types

import cupy

OUTPUT = pathlib.Path(__file__).with_name("cupy_names.txt")
MODULES = {
    "cupy": cupy,
    "cupy.lib.stride_tricks": cupy.lib.stride_tricks,
    "cupy.linalg": cupy.linalg,
    "cupy.random": cupy.random,
    "cupy.cuda": cupy.cuda,
}
CLASSES = {
    "cupy.ndarray": cupy.ndarray,
    "cupy.ufunc": cupy.ufunc,
    "cupy.random.Generator": cupy.random.Generator,
    "cupy.cuda.Device": cupy.cuda.Device,
    "cupy.cuda.Stream": cupy.cuda.Stream,
    "cupy.cuda.Event": cupy.cuda.Event,
}

COMMON = {*dir(type("Plain", (), {})), "__slots__"}  # what every class has


def parameters(function):
    """Return the parameters as text."""
    if isinstance(function, cupy.ufunc):
        inputs = [f"x{i + 1}" for i in range(function.nin)]
        outputs = [f"out{i + 1}=" for i in range(function.nout)]
        outputs = ["out="] if function.nout == 1 else outputs
        return ", ".join([*inputs, *outputs, "*", "casting=", "dtype="])
    try:
        described = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return parameters_from_docstring(function)
    names, starred = [], False
    for parameter in described:
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            names.append("*")
        starred |= parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        mark = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}
        default = "=" * (parameter.default is not parameter.empty)
        if parameter.name != "self":
            names.append(mark.get(parameter.kind, "") + parameter.name + default)
    return ", ".join(names)


def parameters_from_docstring(function):
    """Return the parameters that a compiled function names on its first line."""
    text = (function.__doc__ or "").partition("\n")[0]
    listed = re.search(r"\((.*?)\)( ->.*)?$", re.sub(r"'[^']*'|\(\)", "0", text))
    if listed is None:
        return "*args, **kwargs"
    parts = [part.partition("=") for part in listed[1].split(", ") if part]
    names = [name.split()[-1] + equals for name, equals, _ in parts]  # drop C types
    return ", ".join(name for name in names if name != "self")


def kind_of(value):
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, cupy.ufunc):
        return "ufunc"
    if isinstance(value, type):
        return "type"
    return "function" if callable(value) else "value"


def lines():
    for prefix, owner in {**MODULES, **CLASSES}.items():
        for name in sorted(dir(owner)):
            value = getattr(owner, name)
            operator = name.startswith("__") and prefix in CLASSES
            if operator and (name in COMMON or "pyx" in name):
                continue
            if (name.startswith("_") and not operator) or name in ("annotations", "np"):
                continue
            kind = kind_of(value)
            called = kind in ("ufunc", "function") and not operator
            arguments = f"({parameters(value)})" if called else ""
            yield f"{kind} {prefix}.{name}{arguments}"


OUTPUT.write_text(f"# cupy {cupy.__version__}\n" + "\n".join(lines()) + "\n")
