"""Ed25519 (RFC 8032): certificates and checkpoints."""

from nacl.bindings import crypto_sign, crypto_sign_BYTES, crypto_sign_seed_keypair

from tulen.values import Ed25519PublicKey


class Ed25519Signer:
    """Signs messages with one private key.

    Args:
        private_key: The 32-byte seed of RFC 8032 section 5.1.5.

    Attributes:
        public_key: What verifies the signatures.
    """

    __slots__ = ("_secret", "public_key")

    def __init__(self, private_key: bytes) -> None:
        public, self._secret = crypto_sign_seed_keypair(private_key)
        self.public_key = Ed25519PublicKey(public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature; the same message always gives the same one."""
        return crypto_sign(message, self._secret)[:crypto_sign_BYTES]

    def __repr__(self) -> str:
        """Return the public key."""
        return f"Ed25519Signer({self.public_key})"
