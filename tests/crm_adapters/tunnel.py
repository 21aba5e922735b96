"""A proxy on this machine: whatever host it is asked for, it connects to one port."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

from tests.crm_adapters.loopback import read_request


@dataclass(slots=True)
class Proxy:
    listener: socket.socket
    url: str
    port: int
    asked: list[str] = field(default_factory=list)

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self._tunnel(connection)

    def _tunnel(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self.port)) as far:
            self.asked.append(read_request(near).split()[1].decode())
            near.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = Thread(target=_pass_on, args=(far, near))
            back.start()
            _pass_on(near, far)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Until the source has no more to say; the target is then told so."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def tunnelling(port: int) -> Iterator[Proxy]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy(listener, f"http://127.0.0.1:{listener.getsockname()[1]}", port)
        thread = Thread(target=proxy.serve)
        thread.start()
        try:
            yield proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
