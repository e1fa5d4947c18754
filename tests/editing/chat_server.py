"""A chat server in a thread that speaks OpenAI's protocol over HTTP and says what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Chat:
    """What the server answers, in turn (the last again and again), and what it was asked."""

    def __init__(self, *answers: Any, refuses: tuple[str, ...] = ()) -> None:
        self.answers, self.refuses = list(answers), refuses
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.url = ""

    def reply(self, body: dict[str, Any]) -> tuple[int, bytes]:
        """Status and body: for an answer that is text a completion, for one that is a number a status, for bytes these."""
        kind = body.get("response_format", {}).get("type", "plain")
        if kind in self.refuses:
            return 400, json.dumps({"error": {"message": f"response_format {kind} is not supported"}}).encode()
        self.asked.append(body)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, float):
            time.sleep(answer)
            answer = "late"
        if isinstance(answer, int):
            return answer, b'{"error": {"message": "out of order"}}'
        if isinstance(answer, bytes):
            return 200, answer
        message = {"role": "assistant", "content": answer}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return 200, json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}).encode()


@contextmanager
def serving(chat: Chat) -> Iterator[Chat]:
    """The server at `chat.url`, as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            chat.keys.append(self.headers.get("Authorization", ""))
            status, data = chat.reply(body) if self.path == "/v1/chat/completions" else (404, b"{}")
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass  # the client did not wait

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    chat.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
