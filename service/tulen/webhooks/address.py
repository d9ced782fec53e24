"""Where a webhook may lead: to the public Internet by https, and nowhere inside.

A name is judged by what it resolves to, at the moment of connecting and for the very address that
is connected to: a name that resolves to something else the second time gains nothing.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import ClassVar, Final

from yarl import URL

from tulen.errors import InvalidInputError

MAX_URL_CHARACTERS: Final = 2048

Address = IPv4Address | IPv6Address
Networks = Iterable[IPv4Network | IPv6Network]

_INSIDE: Final = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32"))
"""Inside though no private address says so: protocol assignments (RFC 6890), where Oracle's cloud
answers its machines, and Azure's address for the same."""
_TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""RFC 6052 and 8215: an IPv4 address in the last 32 bits, for a translator to reach."""
_COMPATIBLE: Final = IPv6Network("::/96")
_LOW_32_BITS: Final = (1 << 32) - 1


class ForbiddenAddressError(InvalidInputError):
    """The URL is not one that a webhook may have."""

    code: ClassVar[str] = "forbidden-address"


def check_url(text: object, field: str, allowed: Networks) -> str:
    """Return ``text`` if it may be a webhook's URL, as far as can be said without looking it up.

    Raises:
        ForbiddenAddressError: it is malformed, not https, has a user or a fragment, or names an
            address that is not reached from here.
    """
    allowed = tuple(allowed)
    if not isinstance(text, str) or not 0 < len(text) <= MAX_URL_CHARACTERS:
        raise ForbiddenAddressError(
            field, text, f"is not a URL of up to {MAX_URL_CHARACTERS} characters"
        )
    if not (text.isascii() and text.isprintable()) or " " in text or "\\" in text:
        raise ForbiddenAddressError(field, text, "is not a URL in ASCII")
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError:
        raise ForbiddenAddressError(field, text, "is not a URL") from None
    if host is None or not port:
        raise ForbiddenAddressError(field, text, "is not an absolute https URL")
    if url.user is not None or url.password is not None or "#" in text:
        raise ForbiddenAddressError(field, text, "may have no user, password or fragment")
    address = _literal(host)
    if address is not None and not may_reach(address, allowed):
        raise ForbiddenAddressError(field, text, "leads to an address that is not public")
    if url.scheme == "https":
        return text
    inside = address.is_loopback if address is not None else host == "localhost"
    if url.scheme != "http" or not inside or not _holds_loopback(allowed):
        raise ForbiddenAddressError(field, text, "is not an https URL")
    return text


def may_reach(address: Address, allowed: Networks) -> bool:
    """Return whether a webhook may lead to ``address``: it is public, or in an allowed network."""
    plain = _plain(address)
    if any(plain in network for network in allowed if network.version == plain.version):
        return True
    inside = any(plain in network for network in _INSIDE if network.version == plain.version)
    return plain.is_global and not plain.is_multicast and not inside


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    low = IPv4Address(int(address) & _LOW_32_BITS)
    if any(address in network for network in _TRANSLATED):
        return low
    if address in _COMPATIBLE and int(address) > 1:  # Not the unspecified one, and not ::1.
        return low
    return (
        address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
    )


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _holds_loopback(allowed: Networks) -> bool:
    return any(network.is_loopback for network in allowed)
