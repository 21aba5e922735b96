"""Where a connection may lead: to public hosts by TLS, and to private ones that whoever runs this has named.

A name is looked up once per TCP connection, every address it has is judged, and the connection goes to a
judged address: a name that changes its mind in between gains nothing. Certificates are still checked against
the name.
"""

import re
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from crm_adapters.errors import HostRefused

Resolve = Callable[[str, int], Sequence[str]]
"""A host's addresses, best first. Raises OSError."""

MOST_ADDRESSES = 4
"""Tried one after the other, each for the whole time that connecting may take."""
METADATA = frozenset(
    ip_address(text)
    for text in ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16")
)
"""Where Amazon, Google, Alibaba and Azure tell a machine its own secrets (2026)."""
NAT64 = IPv6Network("64:ff9b::/96")
NUMBERS = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)")
"""Hosts that some resolvers read as an IPv4 address, as `2130706433` and `0x7f.1`."""


def resolve_by_system(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class Network:
    private_hosts: frozenset[str] = frozenset()
    """Names or addresses, as they stand in a connection's URL, that may be private and without TLS."""
    proxy: str | None = field(default=None, repr=False)
    """`http://user:password@host:port`, for all hosts but the private ones. It looks names up itself."""
    ca_file: str | None = None
    """PEM certificates to trust beside the well-known ones."""
    resolve: Resolve = resolve_by_system
    hosts: frozenset[str] | None = None
    """The only ones to call, as `*.salesforce.com`; None for whoever calls as the rules of the network let it."""

    def open_session(self) -> requests.Session:
        """Raises HostRefused from its requests."""
        session = requests.Session()
        session.trust_env = False  # a .netrc would replace our authorization
        for scheme in ("http://", "https://"):
            session.mount(scheme, _GuardedAdapter(self))
        return session

    def require_listed(self, host: str) -> None:
        """Raises HostRefused."""
        name = _plain(host)
        listed = self.hosts is None or any(fnmatchcase(name, _plain(pattern)) for pattern in self.hosts)
        if not listed:
            raise HostRefused("the CRM's host is not among those that this connection may call")

    def vet(self, host: str) -> None:
        """Whether a connection may be let call it at all. Raises HostRefused."""
        if self.is_opened(host):
            return
        if _is_number(host):
            raise HostRefused("the host must be a public name; whoever runs this must allow others")
        if self.proxy:
            return
        try:
            found = self.judge(host, 443)
        except OSError:
            found = []
        if not found:
            raise HostRefused("there is no such host")

    def is_opened(self, host: str) -> bool:
        return _plain(host) in {_plain(known) for known in self.private_hosts}

    def judge(self, host: str, port: int) -> list[str]:
        """The addresses to connect to. Raises HostRefused where any of them is out of bounds, OSError where
        there is none."""
        try:
            found = list(dict.fromkeys(self.resolve(host, port)))
        except UnicodeError:
            raise HostRefused("the CRM's address holds a name that cannot exist") from None
        opened = self.is_opened(host)
        for text in found:
            address = _unwrap(ip_address(text.partition("%")[0]))
            if address == _literal(host) and opened:
                continue
            _refuse_danger(address, opened=opened)
        return found[:MOST_ADDRESSES]


def require_host(url: str, patterns: Sequence[str]) -> str:
    """`url`, if it is https on one of the hosts, as `("*.salesforce.com",)`; for addresses that a CRM or a
    person gave us. Raises HostRefused."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if (
        parts.scheme != "https"
        or parts.username
        or not any(fnmatchcase(host, pattern) for pattern in patterns)
    ):
        raise HostRefused(f"the CRM's address must be https on {' or '.join(patterns)}")
    return url


def _refuse_danger(address: IPv4Address | IPv6Address, *, opened: bool) -> None:
    if _is_dangerous(address):
        raise HostRefused("the CRM's host leads to an address that no CRM can have")
    if not (opened or _is_public(address)):
        raise HostRefused("the CRM's host is in a private network; whoever runs this must allow it by name")


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (isinstance(address, IPv6Address) and address.is_site_local)


def _is_dangerous(address: IPv4Address | IPv6Address) -> bool:
    """Neither a public nor a private server's."""
    if address.is_loopback:
        return False
    return (
        address in METADATA
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )


def _unwrap(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _plain(host: str) -> str:
    """One spelling of each name and address."""
    literal = _literal(host)
    return str(literal) if literal else host.strip().strip("[]").rstrip(".").lower()


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return _unwrap(ip_address(host.strip().strip("[]")))
    except ValueError:
        return None


class _Guarded(HTTPConnection):
    """Connects to addresses that were judged; the name stays for TLS and the Host header."""

    network: Network

    def _new_conn(self) -> socket.socket:
        name = self.host
        lost: NewConnectionError | ConnectTimeoutError | None = None
        for address in self._judged():
            self.host = address
            try:
                return super()._new_conn()
            except (NewConnectionError, ConnectTimeoutError) as error:
                lost = error
            finally:
                self.host = name
        raise lost or NewConnectionError(self, "the host has no address")

    def _judged(self) -> list[str]:
        try:
            return self.network.judge(self.host, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from None


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, network: Network) -> None:
        self._network = network
        self._context = _trust(network.ca_file)
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:  # noqa: FBT001, FBT002 - requests' signature
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._network)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002 - requests' signature
        """Certificates are always asked for; those we trust are in the context."""
        conn.cert_reqs = "CERT_REQUIRED"

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, **options)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        host, opened = parts.hostname or "", self._network.is_opened(parts.hostname or "")
        if parts.username or parts.password:
            raise HostRefused("the CRM's address must hold no user and no password")
        self._network.require_listed(host)
        if parts.scheme != "https" and not opened:
            raise HostRefused("the CRM's address must begin with https://")
        if self._network.proxy and not opened:
            _refuse_numbers(host)
            options["proxies"] = {parts.scheme: self._network.proxy}
        return super().send(request, *args, **options)


def _refuse_numbers(host: str) -> None:
    """The proxy looks names up; addresses and this machine's own name must not reach it."""
    if _is_number(host):
        raise HostRefused("the CRM's host must be a public name where a proxy is used")


def _is_number(host: str) -> bool:
    """Or this machine's own name."""
    name = _plain(host)
    return bool(_literal(host) or NUMBERS.fullmatch(name)) or name.rpartition(".")[2] == "localhost"


@cache
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Made once: reading all the certificates takes longer than connecting."""
    context = create_urllib3_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


@lru_cache(maxsize=128)
def _pools(network: Network) -> dict[str, Any]:
    guarded = {"network": network}
    plain = type("_Plain", (_Guarded,), guarded)
    secure = type("_Secure", (_Guarded, HTTPSConnection), guarded)
    return {
        "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("_SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
