"""A server on this machine that answers from a script, to see what a client really sends."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

SILENCE = b""
"""Take the request and never answer."""


@dataclass(slots=True)
class Loopback:
    listener: socket.socket
    script: list[bytes]
    requests: list[bytes] = field(default_factory=list)
    open: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/api"

    def serve(self) -> None:
        for answer in self.script:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(connection)
            self.requests.append(read_request(connection))
            if answer:
                connection.sendall(answer)
                connection.close()


def read_request(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as stream:
        lines = [stream.readline()]
        while lines[-1] not in {b"\r\n", b""}:
            lines.append(stream.readline())
        lengths = [line for line in lines if line.lower().startswith(b"content-length:")]
        body = stream.read(int(lengths[0].split(b":")[1])) if lengths else b""
    return b"".join(lines) + body


@contextmanager
def answering(*script: bytes) -> Iterator[Loopback]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Loopback(listener, list(script))
        thread = Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in server.open:
                connection.close()


def reply(status: int, body: bytes = b"{}", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
