"""From a certificate to its digest and signature (docs/specs/certificate.md sections 2 to 6)."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tulen.certificate.model import Certificate
from tulen.errors import InvalidInputError
from tulen.log import inclusion_path, tree_head
from tulen.values import Country, Digest, Ed25519PublicKey, Quantity, canonical_bytes
from tulen.values.fields import Document, Scalar, Tree, pointer_step

SEED_BYTES: Final = 32
SALT_BYTES: Final = 16
SIGNATURE_BYTES: Final = 64
MAX_CLAIMS: Final = 4096

_LEAF: Final = b"\x00"  # RFC 9162 section 2.1.1: no leaf passes for an inner node
_new_leaf: Final = hashlib.sha256(_LEAF).copy
_ALLOWANCE: Final = b"\x00\x01"  # a claim's second byte is "["
_SIGNED: Final = b"tulen/certificate/v1\x00"
_DECLARATION: Final = b"tulen/declaration/v1\x00"

_SCALARS: Final = frozenset({str, bool, int})

Claim = tuple[str, Scalar]


def claims_of(document: Document) -> list[Claim]:
    """Return the scalars of ``document`` by JSON pointer, in the order of the pointers.

    Raises:
        InvalidInputError: it holds null, a float, an empty container, or too many scalars.
    """
    claims: list[Claim] = []
    _flatten(document, "/", claims)
    if len(claims) > MAX_CLAIMS:
        raise InvalidInputError("", f"{len(claims)} claims", f"exceed {MAX_CLAIMS}")
    claims.sort()
    return claims


def _flatten(value: Tree, prefix: str, claims: list[Claim]) -> None:
    """Append the scalars below ``prefix``. Nesting is bounded by whoever read the document."""
    steps: Iterable[tuple[str, Tree]]
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = zip(map(str, range(len(value))), value, strict=True)
    else:
        raise InvalidInputError(prefix[:-1], value, "is neither text, true, false nor an integer")
    if not value:
        raise InvalidInputError(prefix[:-1], value, "is empty; leave the member out instead")
    for name, item in steps:
        pointer = prefix + (pointer_step(name) if "/" in name or "~" in name else name)
        if type(item) in _SCALARS or isinstance(item, (str, int)):
            claims.append((pointer, item))  # type: ignore[arg-type]  # it is a scalar
        else:
            _flatten(item, f"{pointer}/", claims)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one goods line lets customs draw, as its leaf commits to it.

    Attributes:
        salt: Blinds the leaf until it is drawn against.
        line: Line number, from 1.
        quantity: The quantity certified.
        importing_country: Whose customs may draw.
    """

    salt: bytes
    line: int
    quantity: Quantity
    importing_country: Country

    @property
    def leaf_hash(self) -> bytes:
        """Hash of the 41 bytes that the DrawdownLedger packs too."""
        return hashlib.sha256(
            _ALLOWANCE
            + self.salt
            + self.line.to_bytes(2)
            + self.quantity.unit.packed
            + self.quantity.micro.to_bytes(16)
            + self.importing_country.encode("ascii")
        ).digest()


class Salts:
    """The salts that one seed gives.

    Args:
        seed: 32 random bytes, one seed for each certificate.
    """

    __slots__ = ("keyed",)

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise InvalidInputError("/seed", f"{len(seed)} bytes", f"are not {SEED_BYTES}")
        self.keyed = hashlib.blake2b(key=seed, digest_size=SALT_BYTES)

    def of(self, name: str) -> bytes:
        """Return the salt of a pointer, or of ``allowance/<line>``."""
        salt = self.keyed.copy()
        salt.update(name.encode())
        return salt.digest()


def claim_leaf_hash(salt: bytes, pointer: str, value: Scalar) -> bytes:
    """Return the leaf hash of one claim.

    orjson writes an array of text, booleans and integers as RFC 8785 does; a test shows it.
    """
    return hashlib.sha256(_LEAF + orjson.dumps([salt.hex(), pointer, value])).digest()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A certificate's leaves and their tree head.

    Attributes:
        digest: The tree head: what is signed, logged and anchored.
        claims: The claims, in leaf order.
        allowances: The allowances, whose leaves follow those of the claims.
        leaf_hashes: The hashes of all leaves.
    """

    digest: Digest
    claims: Sequence[Claim]
    allowances: tuple[Allowance, ...]
    leaf_hashes: Sequence[bytes]

    def path(self, index: int) -> tuple[Digest, ...]:
        """Return the inclusion proof of the leaf at ``index``."""
        return tuple(map(Digest, inclusion_path(self.leaf_hashes, index)))


def seal(certificate: Certificate, seed: bytes, document: Document | None = None) -> Sealed:
    """Return the leaves and the digest of ``certificate`` under ``seed``.

    Args:
        certificate: What is sealed.
        seed: 32 random bytes, one seed for each certificate; who has it can open every claim.
        document: Its JSON form, where it has just been read from one: the two are the same.

    Raises:
        InvalidInputError: the seed is not of 32 bytes, or there are too many claims.
    """
    salts = Salts(seed)
    claims = claims_of(certificate.to_document() if document is None else document)
    # The states that hold the seed and the prefix are copied: half the time of making them anew.
    new_salt, new_leaf, dumps = salts.keyed.copy, _new_leaf, orjson.dumps
    leaf_hashes = []
    for pointer, value in claims:
        salt, leaf = new_salt(), new_leaf()
        salt.update(pointer.encode())
        leaf.update(dumps([salt.hexdigest(), pointer, value]))
        leaf_hashes.append(leaf.digest())
    country = certificate.consignment.importing_country
    allowances = tuple(
        Allowance(salts.of(f"allowance/{goods.line}"), goods.line, goods.quantity, country)
        for goods in (line.goods for line in certificate.lines)
    )
    leaf_hashes.extend(allowance.leaf_hash for allowance in allowances)
    return Sealed(Digest(tree_head(leaf_hashes)), claims, allowances, leaf_hashes)


def signing_bytes(digest: Digest) -> bytes:
    """Return what an issuing authority signs with its Ed25519 key."""
    return _SIGNED + digest


def verify_signature(key: Ed25519PublicKey, digest: Digest, signature: bytes) -> bool:
    """Return whether ``signature`` is that of ``key`` over ``digest``."""
    try:
        VerifyKey(key).verify(_SIGNED + digest, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class AllowanceProof:
    """One allowance with the way from its leaf to the digest: what a drawdown presents.

    Attributes:
        allowance: The allowance.
        leaf_index: Index of its leaf in the certificate's tree.
        leaf_count: Number of leaves of that tree.
        path: Inclusion proof of the leaf.
    """

    allowance: Allowance
    leaf_index: int
    leaf_count: int
    path: tuple[Digest, ...]


def allowance_proof(certificate: Certificate, seed: bytes, line: int) -> AllowanceProof:
    """Return what `IDrawdownLedger.draw` needs to know of ``line``.

    Raises:
        InvalidInputError: the certificate has no such line.
    """
    sealed = seal(certificate, seed)
    if not 0 < line <= len(sealed.allowances):
        raise InvalidInputError(
            "/line", line, f"is not a line of the certificate: 1 to {len(sealed.allowances)}"
        )
    index = len(sealed.claims) + line - 1
    return AllowanceProof(
        sealed.allowances[line - 1], index, len(sealed.leaf_hashes), sealed.path(index)
    )


def declaration_reference(salt: bytes, number: str, line: int) -> Digest:
    """Return the name that one line of an import declaration has on chain.

    Args:
        salt: 16 secret bytes that customs keeps; without them the number cannot be guessed.
        number: The declaration's number.
        line: The line of the declaration.
    """
    if len(salt) != SALT_BYTES:
        raise InvalidInputError("/salt", f"{len(salt)} bytes", f"are not {SALT_BYTES}")
    return Digest(
        hashlib.sha256(_DECLARATION + canonical_bytes([salt.hex(), number, line])).digest()
    )
