"""Buttons that open a lesson without an install, in JupyterLite and in Colab."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import minialexnet

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

# OWNER/NAME of the repository on GitHub that publishes this site, from its branch
# gh-pages. All addresses come from it; without it there are no buttons.
REPOSITORY = os.environ.get("SITE_REPOSITORY", "")
OWNER, _, NAME = REPOSITORY.partition("/")
NOTEBOOKS = f"https://{OWNER.lower()}.github.io/{NAME}/notebooks"
COLAB = f"https://colab.research.google.com/github/{REPOSITORY}/blob/gh-pages"
WHEEL = f"minialexnet-{minialexnet.__version__}-py3-none-any.whl"


def add_install(notebook, path):
    """Put a cell before a notebook's first that installs the package's wheel."""
    notebook["cells"].insert(
        0,
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": [f"%pip install -q {NOTEBOOKS}/{WHEEL}"],
        },
    )


def write_notebooks(app, exception):
    """Lay the lessons' notebooks and the wheel that they install into one folder."""
    if exception or not REPOSITORY:
        return
    folder = Path(app.outdir) / "notebooks"
    folder.mkdir(exist_ok=True)
    for path in sorted((HERE / "lessons").glob("lesson_*.ipynb")):
        notebook = json.loads(path.read_text())
        add_install(notebook, path)
        (folder / path.name).write_text(json.dumps(notebook, indent=1))
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)  # of an earlier wheel
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT]
    subprocess.run([sys.executable, *words], check=True)


def write_button(name):
    """Return a button that opens a lesson in Colab, or nothing without an address."""
    if not REPOSITORY:
        return ""
    link = f'<a href="{COLAB}/notebooks/{name}.ipynb">Open this lesson in Colab</a>'
    return f'\n.. raw:: html\n\n   <p class="one-click">{link}</p>\n'
