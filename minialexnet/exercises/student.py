"""A student's file, run as a module of its own."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def load(path: Path) -> ModuleType:
    """Return a file as a module, without writing a compiled copy beside it.

    Its neighbours can be imported too, after everything that is installed: a file
    named random.py does not take the place of Python's own.
    """
    folder = str(path.parent.resolve())
    if folder not in sys.path:
        sys.path.append(folder)
    sys.dont_write_bytecode = True
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules.setdefault(path.stem, module)
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    return module


class Code:
    """The names of a student's module, which are asked for by the parts.

    Parameters
    ----------
    names : dict of str to object
    where : str
        In words, for the error when a name is missing.
    """

    def __init__(self, names: dict[str, Any], where: str) -> None:
        self._names, self._where = names, where

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._names:
            raise NameError(f"expected {name} in {self._where}, which has none")
        return self._names[name]
