"""A model hub on this machine, with what ours asks of the real one: HEAD, GET and ranges."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import safetensors.torch
import timm
import torch

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeHub:
    """Serves files by path; can break lines, forget ranges and send wrong bytes."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.break_after: int | None = None
        self.knows_ranges = True
        self.wrong = False
        self.requests: list[tuple[str, str, str]] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self):
                hub.answer(self, body=False)

            def do_GET(self):
                hub.answer(self, body=True)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def put_model(self, name: str, file: str = "model.safetensors") -> dict[str, torch.Tensor]:
        """Offers a timm model with random weights under the address that timm has for it."""
        model = timm.create_model(name, pretrained=False)
        state = {key: tensor.contiguous() for key, tensor in model.state_dict().items()}
        data = safetensors.torch.save(state)
        for revision in ("main", COMMIT):
            self.files[f"/timm/{name}/resolve/{revision}/{file}"] = data
        return state

    def gets(self) -> list[str]:
        """Ranges of the files asked for so far, empty for whole ones."""
        return [r for method, path, r in self.requests if method == "GET" and "/resolve/" in path]

    def answer(self, handler: BaseHTTPRequestHandler, *, body: bool) -> None:
        given = handler.headers.get("Range", "")
        self.requests.append((handler.command, handler.path, given))
        data = self.files.get(handler.path)
        if data is None:
            handler.send_response(404)
            handler.send_header("X-Error-Code", "EntryNotFound")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        tag = hashlib.sha256(data).hexdigest()
        if self.wrong and body:
            data = bytes(len(data))
        start = 0
        if given and self.knows_ranges:
            start = int(given.removeprefix("bytes=").removesuffix("-"))
            if start >= len(data):
                handler.send_response(416)
                handler.send_header("Content-Length", "0")
                handler.end_headers()
                return
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            handler.send_response(200)
        handler.send_header("Content-Length", str(len(data) - start))
        handler.send_header("ETag", f'"{tag}"')
        handler.send_header("X-Repo-Commit", COMMIT)
        handler.end_headers()
        if body:
            end, self.break_after = self.break_after, None
            handler.wfile.write(data[start:][:end])
        handler.close_connection = True


def save_model(path: Path, name: str, *, prefix: str = "", wrapper: str = "") -> dict:
    """Saves a whole timm model with random weights as timm and torch do; returns its state."""
    state = timm.create_model(name, pretrained=False).state_dict()
    named = {f"{prefix}{key}": tensor for key, tensor in state.items()}
    torch.save({wrapper: named, "epoch": 3} if wrapper else named, path)
    return state
