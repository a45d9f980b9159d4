"""Where the built site lies, and what it should hold."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "site"
FOUND = (str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))
# The theme keeps templates of its own among the static files.
PAGES = sorted(page for page in FOUND if not page.startswith("_static/"))
LESSONS = sorted(path.stem for path in (ROOT / "lessons").glob("lesson_*.py"))
WIDTHS = (1280, 390)  # a desktop's window and a telephone's


class Silent(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *words):
        pass


@contextmanager
def served():
    """Serve the site, and give its address."""
    handler = partial(Silent, directory=SITE)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
