"""A server of one file on 127.0.0.1, which can also be a bad one."""

import contextlib
import http.server
import re
import threading


class Server(http.server.HTTPServer):
    """Serves `payload`; the attributes say how well, `ranges` what it was asked for."""

    def __init__(self, payload):
        super().__init__(("127.0.0.1", 0), Handler)
        self.payload = payload
        self.url = f"http://127.0.0.1:{self.server_port}/data.bin"
        self.ranges = []  # the Range header of each request
        self.status = None  # e.g. 503, instead of the file
        self.honours_range = True
        self.says_length = True
        self.breaks_off_after = None  # bytes of each answer
        self.shifts_range = 0  # bytes by which a part begins too late


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, asked = self.server, self.headers["Range"]
        server.ranges.append(asked)
        if server.status is not None:
            self.send_error(server.status)
            return
        start = 0
        if asked is None or not server.honours_range:
            self.send_response(200)
        else:
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) + server.shifts_range
            self.send_response(206)
            size = len(server.payload)
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        body = server.payload[start:]
        if server.says_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.breaks_off_after])

    def log_message(self, *args):
        """Keep the tests' output clean."""


@contextlib.contextmanager
def serve(payload):
    """Serve `payload` while the block runs."""
    with Server(payload) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.005,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
