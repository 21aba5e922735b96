"""Serves a fake on this machine, each request in a thread of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from werkzeug.http import http_date
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from crm_adapters.fakes.server import Fake

POLL_SECONDS = 0.01


class Silent(WSGIRequestHandler):
    """Its log lines would hold whole addresses of requests, and those hold customers' addresses."""

    def log(self, *_: object) -> None:
        """Nothing."""

    def date_time_string(self, _timestamp: float | None = None) -> str:
        """The Date of every answer, by the fake's own clock."""
        fake = self.server.app
        return http_date(fake.now() if isinstance(fake, Fake) else None)


def open_server(fake: Fake, *, port: int = 0, host: str = "127.0.0.1") -> BaseWSGIServer:
    """Not serving yet; `port` 0 takes a free one."""
    return make_server(host, port, fake, threaded=True, request_handler=Silent)


@contextmanager
def serving(fake: Fake, *, port: int = 0) -> Iterator[str]:
    """The address of a fake that answers until the block ends."""
    server = open_server(fake, port=port)
    thread = Thread(target=server.serve_forever, args=(POLL_SECONDS,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        fake.close()
        server.shutdown()
        server.server_close()
        thread.join()
