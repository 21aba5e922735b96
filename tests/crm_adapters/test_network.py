"""Where connections may lead, and that they lead to the very address that was judged."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crm_adapters.errors import HostRefused, Unavailable
from crm_adapters.network import METADATA, Network, Resolve, require_host, resolve_by_system
from crm_adapters.testing import Watch
from tests.crm_adapters.client import make_client
from tests.crm_adapters.loopback import answering, reply
from tests.crm_adapters.tls import Authority, serving_tls
from tests.crm_adapters.tunnel import tunnelling

Address = IPv4Address | IPv6Address
NAME = "crm.example"
PRIVATE = [
    "10.0.0.0/8",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
    "::1/128",
]
NEVER = ["0.0.0.0/32", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "fe80::/10", "ff00::/8", "::/128"]


def within(networks: Sequence[str]) -> st.SearchStrategy[Address]:
    return st.sampled_from(networks).flatmap(lambda network: st.ip_addresses(network=network)).map(ip_address)


def disguised(address: IPv4Address) -> list[IPv6Address]:
    """IPv6 addresses that lead to an IPv4 one: mapped, by NAT64, by 6to4."""
    number = int(address)
    return [
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x64FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),
    ]


def known(*addresses: object) -> Resolve:
    return lambda _host, _port: [str(address) for address in addresses]


def judge(*addresses: object, host: str = NAME, opened: str = "") -> list[str]:
    return Network(frozenset({opened} - {""}), resolve=known(*addresses)).judge(host, 443)


class TestAddresses:
    @given(st.ip_addresses(v=4, network="93.184.0.0/16") | st.ip_addresses(v=6, network="2606:2800::/32"))
    def test_public_ones_are_open_to_everybody(self, address: Address) -> None:
        assert judge(address) == [str(address)]

    @given(within(PRIVATE))
    def test_private_ones_only_to_hosts_that_were_allowed(self, address: Address) -> None:
        assume(address not in METADATA)
        with pytest.raises(HostRefused, match="allow it by name"):
            judge(address)
        with pytest.raises(HostRefused):
            judge(address, opened="other.example")
        assert judge(address, opened=NAME) == [str(address)]

    @given(within(NEVER) | st.sampled_from(sorted(METADATA, key=int)))
    @example(ip_address("169.254.169.254"))
    def test_some_to_nobody_by_name(self, address: Address) -> None:
        for opened in ("", NAME):
            with pytest.raises(HostRefused, match="no CRM can have"):
                judge(address, opened=opened)

    @given(within([*PRIVATE, *NEVER]).filter(lambda address: address.version == 4))
    def test_a_disguise_changes_nothing(self, address: IPv4Address) -> None:
        for masked in disguised(address):
            with pytest.raises(HostRefused):
                judge(masked)

    @given(st.ip_addresses(v=4, network="93.184.0.0/16"))
    def test_public_addresses_may_be_translated(self, address: IPv4Address) -> None:
        for masked in disguised(address):
            assert judge(masked)

    @given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
    def test_what_is_taken_is_global(self, address: Address) -> None:
        try:
            judge(address)
        except HostRefused:
            return
        assert address.is_global
        assert not address.is_multicast

    @given(st.lists(st.ip_addresses(network="93.184.0.0/16"), max_size=3), within(PRIVATE), st.integers(0, 3))
    def test_one_bad_address_spoils_the_name(self, good: list[IPv4Address], bad: Address, place: int) -> None:
        with pytest.raises(HostRefused):
            judge(*good[:place], bad, *good[place:])

    def test_an_address_with_a_zone_is_link_local(self) -> None:
        with pytest.raises(HostRefused):
            judge("fe80::1%eth0")

    @pytest.mark.parametrize("host", ["10.1.2.3", "[fd00::7]", "169.254.1.1"])
    def test_an_address_may_be_allowed_itself(self, host: str) -> None:
        address = host.strip("[]")
        assert judge(address, host=address, opened=host) == [address]
        with pytest.raises(HostRefused):
            judge(address, host="10.1.2.4", opened=host if "169" in host else "10.9.9.9")

    @pytest.mark.parametrize(
        ("opened", "host"),
        [("LOCALHOST", "localhost"), ("crm.lan.", "CRM.lan"), ("[::1]", "0:0::1"), (" crm.lan ", "crm.lan")],
    )
    def test_spelling_does_not_matter(self, opened: str, host: str) -> None:
        assert Network(frozenset({opened})).is_opened(host)

    @given(st.ip_addresses(v=4, network="127.0.0.0/8"))
    @example(IPv4Address("127.0.0.1"))
    def test_numbers_are_read_as_the_system_reads_them(self, address: IPv4Address) -> None:
        octets = address.packed
        forms = [
            str(int(address)),
            hex(int(address)),
            f"0{int(address):o}",
            ".".join(f"0{octet:o}" for octet in octets),
        ]
        for form in forms:
            assert resolve_by_system(form, 443) == [str(address)]
            with pytest.raises(HostRefused):
                Network().judge(form, 443)

    def test_a_name_that_cannot_exist_is_refused(self) -> None:
        with pytest.raises(HostRefused):
            Network().judge("x" * 64 + ".example", 443)

    def test_every_network_of_the_lists_is_one(self) -> None:
        assert all(ip_network(network) for network in (*PRIVATE, *NEVER))
        assert ipaddress.IPv6Address("fec0::1").is_global  # what is_global alone would let through
        with pytest.raises(HostRefused):
            judge("fec0::1")


@pytest.fixture
def watch() -> Watch:
    return Watch()


class Names:
    """A name server whose answers change."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class TestConnections:
    def test_go_to_the_judged_address_under_the_old_name(self, watch: Watch) -> None:
        with answering(reply(200)) as server:
            port = server.listener.getsockname()[1]
            names = Names(["127.0.0.1"], ["169.254.169.254"])
            network = Network(frozenset({NAME}), resolve=names)
            make_client(f"http://{NAME}:{port}/api", watch, network=network).read("people")
        assert names.asked == [(NAME, port)]
        assert f"\r\nHost: {NAME}:{port}\r\n".encode() in server.requests[0]

    def test_try_the_next_address(self, watch: Watch) -> None:
        with answering(reply(200)) as server:
            port = server.listener.getsockname()[1]
            network = Network(frozenset({NAME}), resolve=known("::1", "127.0.0.1"))
            assert make_client(f"http://{NAME}:{port}", watch, network=network).read("people")

    @pytest.mark.parametrize("opened", [frozenset[str](), frozenset({"other.example"})])
    def test_to_a_private_host_are_not_opened(self, watch: Watch, opened: frozenset[str]) -> None:
        network = Network(opened, resolve=known("127.0.0.1"))
        with answering(reply(200)) as server:
            port = server.listener.getsockname()[1]
            for write in (False, True):
                client = make_client(f"https://{NAME}:{port}", watch, network=network)
                with pytest.raises(HostRefused, match="private network"):
                    client.write("POST", "notes", json={}) if write else client.read("people")
        assert server.requests == []
        assert watch.slept == []

    def test_a_redirect_is_judged_like_a_first_call(self, watch: Watch) -> None:
        names = Names(["127.0.0.1"], ["169.254.169.254"])
        with answering(reply(302, Location="/latest/meta-data"), reply(200)) as server:
            port = server.listener.getsockname()[1]
            client = make_client(
                f"http://{NAME}:{port}", watch, network=Network(frozenset({NAME}), resolve=names)
            )
            with pytest.raises(HostRefused):
                client.read("people")
        assert len(server.requests) == 1

    def test_without_tls_are_for_allowed_hosts(self, watch: Watch) -> None:
        client = make_client(f"http://{NAME}", watch, network=Network(resolve=known("93.184.216.34")))
        with pytest.raises(HostRefused, match="https"):
            client.read("people")

    def test_with_a_password_in_the_address_would_replace_our_token(self, watch: Watch) -> None:
        with answering(reply(200)) as server:
            url = server.url.replace("//", "//ana:s3cret@")
            with pytest.raises(HostRefused, match="no password") as refused:
                make_client(url, watch).read("people")
        assert server.requests == []
        assert "s3cret" not in repr(refused.value)

    def test_to_a_host_without_address_were_never_made(self, watch: Watch) -> None:
        client = make_client(f"https://{NAME}", watch, network=Network(resolve=known()))
        with pytest.raises(Unavailable):
            client.write("POST", "notes", json={})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


class TestCertificates:
    def network(self, authority: Authority | None) -> Network:
        file = str(authority.file) if authority else None
        return Network(frozenset({NAME}), ca_file=file, resolve=known("127.0.0.1"))

    def test_are_checked_against_the_name_and_may_be_our_own_authoritys(
        self, watch: Watch, authority: Authority
    ) -> None:
        with serving_tls(authority.vouch(NAME)) as server:
            url = f"https://{NAME}:{server.port}"
            make_client(url, watch, network=self.network(authority)).read("people")
        assert server.asked == [(NAME, f"{NAME}:{server.port}")]

    @pytest.mark.parametrize(("host", "trusted"), [(NAME, False), ("other.example", True)])
    def test_of_strangers_or_for_others_are_refused(
        self, watch: Watch, authority: Authority, host: str, trusted: bool
    ) -> None:
        with serving_tls(authority.vouch(host)) as server:
            network = self.network(authority if trusted else None)
            client = make_client(f"https://{NAME}:{server.port}", watch, network=network)
            with pytest.raises(HostRefused, match="certificate"):
                client.write("POST", "notes", json={})
        assert server.asked == []


class TestProxies:
    def network(self, url: str, *opened: str) -> Network:
        proxy = url.replace("http://", "http://me:pr0xy-pass@").removesuffix("/api")
        return Network(frozenset(opened), proxy=proxy)

    def test_are_asked_for_public_hosts(self, watch: Watch) -> None:
        with answering(*[reply(403)] * 3) as proxy:
            network = self.network(proxy.url)
            client = make_client(f"https://{NAME}", watch, network=network)
            with pytest.raises(Unavailable) as failed:
                client.write("POST", "notes", json={})
        assert proxy.requests[0].startswith(f"CONNECT {NAME}:443 ".encode())
        assert b"Proxy-Authorization: Basic " in proxy.requests[0]
        assert "pr0xy-pass" not in f"{failed.value!r} {network!r}"

    def test_lead_to_the_host_itself(self, watch: Watch, authority: Authority) -> None:
        with serving_tls(authority.vouch(NAME)) as server, tunnelling(server.port) as proxy:
            network = Network(proxy=proxy.url, ca_file=str(authority.file))
            make_client(f"https://{NAME}:{server.port}", watch, network=network).read("people")
            strict = Network(proxy=proxy.url)
            with pytest.raises(HostRefused, match="certificate"):
                make_client(f"https://{NAME}:{server.port}", watch, network=strict).read("people")
        assert proxy.asked == [f"{NAME}:{server.port}"] * 2
        assert server.asked == [(NAME, f"{NAME}:{server.port}")]

    def test_are_left_alone_for_allowed_ones(self, watch: Watch) -> None:
        with answering() as proxy, answering(reply(200)) as server:
            client = make_client(server.url, watch, network=self.network(proxy.url, "127.0.0.1"))
            assert client.read("people").status == 200
        assert proxy.requests == []

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "93.184.216.34", "2130706433", "0x7f.1", "[::1]", "localhost"]
    )
    def test_are_not_asked_for_numbers(self, watch: Watch, host: str) -> None:
        with answering() as proxy:
            client = make_client(f"https://{host}", watch, network=self.network(proxy.url))
            with pytest.raises(HostRefused, match="public name"):
                client.read("people")


class TestRequiredHosts:
    PATTERNS = ("*.my.salesforce.com", "login.salesforce.com")

    @pytest.mark.parametrize("url", ["https://acme.my.salesforce.com/x", "https://LOGIN.salesforce.com."])
    def test_the_vendors_own_are_taken(self, url: str) -> None:
        assert require_host(url, self.PATTERNS) == url

    @pytest.mark.parametrize(
        "url",
        [
            "http://acme.my.salesforce.com",
            "https://my.salesforce.com",
            "https://acme.my.salesforce.com.evil.example",
            "https://acme.my.salesforce.com@evil.example",
            "https://me:secret@acme.my.salesforce.com",
            "https://evil.example/acme.my.salesforce.com",
            "https://evil.example#acme.my.salesforce.com",
            "https://169.254.169.254",
            "",
        ],
    )
    def test_others_are_not(self, url: str) -> None:
        with pytest.raises(HostRefused):
            require_host(url, self.PATTERNS)


class TestListedHosts:
    @pytest.mark.parametrize("host", ["api.crm.example", "API.crm.example.", "eu1.crm-data.example"])
    def test_are_called(self, host: str) -> None:
        Network(hosts=frozenset({"api.crm.example", "*.crm-data.example"})).require_listed(host)

    @pytest.mark.parametrize("host", ["crm.example", "api.crm.example.evil.example", "crm-data.example", ""])
    def test_are_the_only_ones(self, host: str) -> None:
        with pytest.raises(HostRefused, match="not among those"):
            Network(hosts=frozenset({"api.crm.example", "*.crm-data.example"})).require_listed(host)

    def test_nothing_is_sent_to_another(self, watch: Watch) -> None:
        network = Network(frozenset({NAME}), hosts=frozenset({"other.example"}), resolve=known("127.0.0.1"))
        client = make_client(f"http://{NAME}", watch, network=network)
        with pytest.raises(HostRefused, match="not among those"):
            client.read("x")

    @pytest.mark.parametrize(
        ("host", "addresses"),
        [
            ("inside.example", ("10.0.0.1",)),
            ("half.example", ("93.184.216.34", "10.0.0.1")),
            ("none.example", ()),
            ("93.184.216.34", ("93.184.216.34",)),
            ("2130706433", ("93.184.216.34",)),
            ("localhost", ("93.184.216.34",)),
        ],
    )
    def test_are_public_names(self, host: str, addresses: tuple[str, ...]) -> None:
        with pytest.raises(HostRefused):
            Network(resolve=known(*addresses)).vet(host)

    def test_may_be_added(self) -> None:
        Network(resolve=known("93.184.216.34")).vet("files.example")
        Network(frozenset({"odoo.lan"}), resolve=known("10.0.0.1")).vet("odoo.lan")
