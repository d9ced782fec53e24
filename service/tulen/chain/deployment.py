"""Where one set of contracts stands, and whether it is the one this package was written for."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

from tulen.chain import contracts
from tulen.chain.contracts import Contract
from tulen.chain.rpc import AnyChain, octets
from tulen.errors import InvalidInputError, RuleViolationError
from tulen.values import Digest

FORMAT: Final = "tulen/deployment/v1"

_ADDRESS: Final = re.compile("0x[0-9a-f]{40}")
_MEMBERS: Final = ("chain_id", "registry", "ledger", "drawdowns", "genesis_hash", "block")


class WrongDeploymentError(RuleViolationError):
    """The contracts at the configured addresses are not those of this package."""

    code: ClassVar[str] = "wrong-deployment"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One registry and the two ledgers that rely on it.

    Attributes:
        chain_id: EIP-155 chain id.
        registry: Address of the AuthorityRegistry: ``0x`` and 40 lower-case hexadecimal digits.
        ledger: Address of the CertificateLedger.
        drawdowns: Address of the DrawdownLedger.
        genesis_hash: Hash of the chain's first block; two chains may share an id.
        block: Number of the block that the first of them was created in: events begin there.

    Raises:
        InvalidInputError: a member is not of that form.
    """

    chain_id: int
    registry: str
    ledger: str
    drawdowns: str
    genesis_hash: Digest
    block: int

    def __post_init__(self) -> None:
        """Refuse what cannot be addresses or numbers."""
        for field in ("registry", "ledger", "drawdowns"):
            address = getattr(self, field)
            if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
                raise InvalidInputError(
                    f"/{field}", address, "is not 0x and 40 lower-case hexadecimal digits"
                )
        for field, least in (("chain_id", 1), ("block", 0)):
            number = getattr(self, field)
            if type(number) is not int or number < least:
                raise InvalidInputError(f"/{field}", number, f"is not a number from {least} on")

    @property
    def addresses(self) -> tuple[str, str, str]:
        """The three addresses whose events concern us."""
        return self.registry, self.ledger, self.drawdowns

    def to_document(self) -> dict[str, Any]:
        """Return the JSON document that `from_document` reads."""
        values = {member: getattr(self, member) for member in _MEMBERS}
        return {"format": FORMAT, **values, "genesis_hash": str(self.genesis_hash)}

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Return the deployment that a parsed JSON document describes.

        Raises:
            InvalidInputError: a member is missing, unknown or malformed.
        """
        if not isinstance(document, Mapping):
            raise InvalidInputError("", document, "is not an object")
        if document.get("format") != FORMAT:
            raise InvalidInputError("/format", document.get("format"), f"is not {FORMAT}")
        for member in document.keys() - {"format", *_MEMBERS}:
            raise InvalidInputError(f"/{member}", document[member], "is not a member known here")
        for member in _MEMBERS:
            if member not in document:
                raise InvalidInputError(f"/{member}", "", "is missing")
        values = {member: document[member] for member in _MEMBERS}
        values["genesis_hash"] = Digest.from_hex(document["genesis_hash"], "/genesis_hash")
        return cls(**values)


async def check_deployment(chain: AnyChain, deployment: Deployment) -> None:
    """Return if the chain holds exactly this package's contracts at the deployment's addresses.

    The shipped creation code is run as a call, with the constructor arguments that the deployed
    contracts report, and must give the very code that stands there, immutables included.

    Raises:
        WrongDeploymentError: another chain id or genesis, or other code at an address.
        UnavailableError: the node does not answer.
    """
    if deployment.chain_id != chain.chain_id:
        raise WrongDeploymentError(
            f"the contracts stand on chain {deployment.chain_id}, and the node is meant to serve "
            f"chain {chain.chain_id}; correct one of the two settings"
        )
    genesis = await genesis_hash(chain)
    if genesis != deployment.genesis_hash:
        raise WrongDeploymentError(
            f"the node's chain begins with block {genesis}, not {deployment.genesis_hash}: it is "
            f"another chain under the id {chain.chain_id}"
        )
    await _require_code(chain, contracts.registry(), deployment.registry, None)
    governor = await view(chain, contracts.registry(), deployment.registry, "governor")
    await asyncio.gather(
        _require_code(chain, contracts.registry(), deployment.registry, governor[0]),
        _require_code(chain, contracts.ledger(), deployment.ledger, deployment.registry),
        _require_code(chain, contracts.drawdowns(), deployment.drawdowns, deployment.ledger),
    )


async def genesis_hash(chain: AnyChain) -> Digest:
    """Return the hash of the chain's first block."""
    block = await chain.request("eth_getBlockByNumber", "0x0", False)
    return Digest(octets(block and block.get("hash"), 32))


async def view(
    chain: AnyChain,
    contract: Contract,
    address: str,
    function: str,
    *arguments: object,
    block: str = "latest",
) -> tuple[Any, ...]:
    """Return what a view function answers, at the latest block or another.

    Raises:
        UnavailableError: the node does not answer, or not in the interface's form.
    """
    entry = contract.functions[function]
    data = "0x" + entry.encode(*arguments).hex()
    answer = await chain.request("eth_call", {"to": address, "data": data}, block)
    return entry.decode_outputs(octets(answer))


async def _require_code(
    chain: AnyChain, contract: Contract, address: str, argument: object
) -> None:
    """Check that ``address`` holds ``contract``; without the constructor argument, anything."""
    if argument is None:
        if not octets(await chain.request("eth_getCode", address, "latest")):
            raise WrongDeploymentError(f"no contract stands at {address} ({contract.name})")
        return
    creation = "0x" + contract.deployment_data(argument).hex()
    deployed, shipped = await asyncio.gather(
        chain.request("eth_getCode", address, "latest"),
        chain.request("eth_call", {"data": creation}, "latest"),
    )
    if octets(deployed) != octets(shipped):
        raise WrongDeploymentError(
            f"the code at {address} is not this version's {contract.name}: "
            f"{len(octets(deployed))} bytes instead of {len(octets(shipped))}, or other ones"
        )
