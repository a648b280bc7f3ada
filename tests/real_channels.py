"""Real servers on this machine to send to: one that takes, one that refuses, one that hangs, one that answers garbage."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook:
    """An HTTP server that keeps what it is sent, with the time it came. `status` is what it answers."""

    def __init__(self, status=200):
        self.received = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.received.append((time.monotonic(), self.path, json.loads(body)))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def texts(self):
        return [f"{body['title']}. {body['message']}" for _, _, body in self.received]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class RawSocket:
    """A server that takes connections and says `answer`; with None it says nothing and holds on."""

    def __init__(self, answer):
        self._answer = answer
        self._held = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._held.append(connection)
            if self._answer is not None:
                connection.recv(4096)
                connection.sendall(self._answer)
                connection.close()

    def close(self):
        self._listener.close()
        for connection in self._held:
            connection.close()


def refusing_port():
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
