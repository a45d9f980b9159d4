"""What a build says while it runs: a line for each lesson, and for each stage after."""

from pathlib import Path


def say(words):
    """Print at once, where Sphinx itself is quiet."""
    print(words, flush=True)


def say_lesson(gallery_conf, path):
    """Name a lesson before it runs."""
    say(f"running {Path(path).stem} ...")


def setup(app):
    """Register what is above."""
    app.connect(
        "env-before-read-docs",
        lambda app, env, names: say(f"reading {len(names)} pages ..."),
    )
    app.connect("env-updated", lambda app, env: say("writing them ..."))
