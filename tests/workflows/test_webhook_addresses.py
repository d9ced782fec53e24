"""Where a webhook may lead: nowhere inside, however its address is spelled."""

import socket
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

import pytest
from receiver import LOOPBACK, receiving

from tulen.webhooks import ForbiddenAddressError, check_url, post
from tulen.webhooks.address import may_reach

INSIDE = (
    "0.0.0.0",  # noqa: S104 - refused
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
)
OUTSIDE = ("93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101")
REFUSED = {
    "http": "http://example.org/hook",
    "ftp": "ftp://example.org/hook",
    "no-scheme": "example.org/hook",
    "relative": "/hook",
    "no-host": "https:///hook",
    "user": "https://user@example.org/hook",
    "password": "https://user:pass@example.org/hook",
    "fragment": "https://example.org/hook#part",
    "empty-fragment": "https://example.org/hook#",
    "blank": "https://example.org/ho ok",
    "newline": "https://example.org/hook\r\nHost: inside",
    "backslash": "https://example.org\\@127.0.0.1/hook",
    "unicode": "https://ex\u00e4mple.org/hook",
    "loopback": "https://127.0.0.1/hook",
    "mapped": "https://[::ffff:127.0.0.1]/hook",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "zone": "https://[fe80::1%25eth0]/hook",
    "bad-port": "https://example.org:99999/hook",
    "long": "https://example.org/" + "a" * 2048,
    "number": 7,
    "nothing": None,
    "empty": "",
}
SPELLED: dict[str, str] = {
    "decimal": "2130706433",
    "hexadecimal": "0x7f000001",
    "octal": "0177.0.0.1",
    "short": "127.1",
    "name": "localhost",
    "upper-case": "LOCALHOST",
    "mapped": "[::ffff:127.0.0.1]",
    "plain": "127.0.0.1",
}


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_reached(address: str) -> None:
    assert not may_reach(ip_address(address), ())


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_is_reached(address: str) -> None:
    assert may_reach(ip_address(address), ())


def test_an_allowed_network_is_reached_however_its_addresses_are_spelled() -> None:
    allowed = (IPv4Network("10.1.0.0/16"), IPv6Network("fd00::/8"))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::1"):
        assert may_reach(ip_address(address), allowed)
    for address in ("10.2.0.1", "127.0.0.1", "::1"):
        assert not may_reach(ip_address(address), allowed)


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED.keys())
def test_a_url_that_leads_elsewhere_than_outside_is_refused(url: object) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_url(url, "/url", ())


def test_plain_http_is_for_an_allowed_loopback_alone() -> None:
    for url in ("http://127.0.0.1:9/hook", "http://localhost:9/hook"):
        assert check_url(url, "/url", LOOPBACK) == url
    for url in ("http://example.org/", "http://10.1.0.1/"):
        with pytest.raises(ForbiddenAddressError):
            check_url(url, "/url", (*LOOPBACK, IPv4Network("10.1.0.0/16")))


def test_https_to_a_public_name_is_taken() -> None:
    url = "https://hooks.example.org:8443/a?b=c"
    assert check_url(url, "/url", ()) == url


@pytest.mark.anyio
@pytest.mark.parametrize("host", SPELLED.values(), ids=SPELLED.keys())
async def test_what_leads_to_loopback_is_not_connected_to(host: str) -> None:
    async with receiving() as receiver:
        port = receiver.url.rpartition(":")[2]
        for scheme in ("https", "http"):
            answer = await post(f"{scheme}://{host}:{port}/", {}, b"{}", ())
            assert answer.status is None
            assert answer.error is not None
        assert receiver.got == []
        assert not receiver.connected


@pytest.mark.anyio
async def test_the_same_receiver_is_reached_where_loopback_is_allowed() -> None:
    async with receiving() as receiver:
        answer = await post(f"{receiver.url}/", {}, b"{}", LOOPBACK)
        assert answer.status == 200
        assert receiver.connected


@pytest.mark.anyio
async def test_a_public_name_that_resolves_to_loopback_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name server is not ours, so the one thing replaced is what it says."""
    plain = socket.getaddrinfo

    def lying(host: str, port: int, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 - as the original
        return plain("127.0.0.1" if host == "hooks.example.org" else host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lying)
    async with receiving() as receiver:
        port = receiver.url.rpartition(":")[2]
        url = check_url(f"https://hooks.example.org:{port}/", "/url", ())
        answer = await post(url, {}, b"{}", ())
        assert answer.error is not None
        assert "127.0.0.1 is not public" in answer.error
        assert not receiver.connected


@pytest.mark.anyio
async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with receiving() as receiver:
        receiver.next = [302]
        answer = await post(f"{receiver.url}/", {}, b"{}", LOOPBACK)
        assert (answer.status, len(receiver.got)) == (302, 1)


@pytest.mark.anyio
async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert (await post(f"{receiver.url}/", {}, b"{}", LOOPBACK)).status == 200
        assert not proxy.connected
