"""No test reaches beyond this machine, whatever it forgets to replace."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_the_network_is_closed() -> None:
    with socket.socket() as outward, pytest.raises((SocketConnectBlockedError, UserWarning)):
        outward.connect(("192.0.2.1", 443))


def test_this_machine_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
