"""An account of the chain: secp256k1."""

from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount


class AccountSigner:
    """Signs transactions of one account.

    Args:
        private_key: The 32-byte private key.

    Attributes:
        address: The account, ``0x`` and 40 hexadecimal digits with the EIP-55 checksum.
    """

    __slots__ = ("_account", "address")

    def __init__(self, private_key: bytes) -> None:
        self._account: LocalAccount = Account.from_key(private_key)
        self.address: str = self._account.address

    @property
    def octets(self) -> bytes:
        """The account's address as 20 bytes."""
        return bytes.fromhex(self.address.removeprefix("0x"))

    def sign_transaction(self, transaction: dict[str, Any]) -> tuple[bytes, bytes]:
        """Return the signed bytes of a transaction, and its hash."""
        signed = self._account.sign_transaction(transaction)
        return bytes(signed.raw_transaction), bytes(signed.hash)

    def __repr__(self) -> str:
        """Return the address."""
        return f"AccountSigner({self.address})"
