"""What the contracts' transactions cost, as a table: docs/gas.md.

Real transactions on the embedded chain, one after another. Every hash, key and proof follows from a
number, so the same contracts give the same figures.
"""

import asyncio
import hashlib
import itertools
import json
import socket
import tempfile
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tulen.certificate.seal import Allowance, AllowanceProof
from tulen.chain import calls, contracts
from tulen.chain.calls import Call, Child, LogPlace
from tulen.chain.deploy import deploy, send_and_wait
from tulen.chain.deployment import Deployment
from tulen.chain.embedded import CHAIN_ID, EmbeddedChain, find_anvil
from tulen.chain.rpc import Chain
from tulen.keys.account import AccountSigner
from tulen.log import Kind, entry_leaf_hash, node_hash
from tulen.values import (
    AgreementCode,
    Country,
    Digest,
    Ed25519PublicKey,
    FormCode,
    PartyCode,
    Quantity,
    UnitCode,
)

ETHER: Final = 10**18
LONG_AGO: Final = 1_500_000_000
BATCH: Final = 50
FULL: Final = 2**24
"""Entries of the largest log for which a budget is given."""
LEAVES: Final = 256
"""Leaves of a certificate of some sixty lines of text."""
LEAF_INDEX: Final = 0xFB
ENTRY_INDEX: Final = 0xABCDEF
CERTIFIED: Final = 25_400_123_456
DRAWN: Final = 1_234_567_891
"""In millionths of a kilogram."""
GAS_OF_ANCHOR: Final = "anchor: 2^24 - 1 entries grow to 2^24 (the longest proof)"
GAS_OF_REVOKE: Final = "revoke"
GAS_OF_REVOKE_EACH: Final = f"revoke, each of {BATCH}"
GAS_OF_DRAW: Final = "draw: the first of a line"
BUDGETS: Final = {
    GAS_OF_ANCHOR: 85_000,
    "anchor: the same while another authority is paused": 85_000,
    GAS_OF_REVOKE: 52_000,
    GAS_OF_REVOKE_EACH: 27_000,
    GAS_OF_DRAW: 120_000,
}
HEAD: Final = """# What the contracts cost

Gas of real transactions on the embedded chain (Anvil, Cancun rules), measured by
`scripts/generate`; `scripts/generate --check` fails where a figure is not what the contracts use
now. Unless said otherwise, the log holds 2^24 entries and a certificate has 256 leaves. The longest
proof between two sizes up to 2^24 begins at 2^24 - 1: every level but one has a sibling on the
left, which is hashed into both roots.

| transaction | gas | budget |
|---|---:|---:|
"""

_GOVERNOR = AccountSigner(hashlib.sha256(b"gas/governor").digest())
_numbers = itertools.count(1)


def some_hash() -> Digest:
    """Return the next of a fixed row of hashes."""
    return Digest(hashlib.sha256(f"gas/{next(_numbers)}".encode()).digest())


def gas_table(root: Path) -> str:
    """Return docs/gas.md.

    Args:
        root: The repository, whose node_modules holds Anvil.
    """
    rows = asyncio.run(measured_gas(root))
    lines = (
        f"| {title} | {gas:,} | {f'{BUDGETS[title]:,}' if title in BUDGETS else ''} |\n"
        for title, gas in rows.items()
    )
    for title, budget in BUDGETS.items():
        if rows[title] > budget:
            raise SystemExit(f"{title}: {rows[title]:,} gas, and {budget:,} were promised")
    return HEAD + "".join(lines)


async def measured_gas(root: Path) -> dict[str, int]:
    """Return what each transaction costs, measured on a chain of its own.

    Args:
        root: The repository, whose node_modules holds Anvil.
    """
    global _numbers  # noqa: PLW0603 - each table begins anew
    _numbers = itertools.count(1)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedChain(
            Path(folder) / "chain", binary=find_anvil(root / "node_modules"), port=port
        ) as chain,
    ):
        chain.fund(_GOVERNOR.address, 1_000 * ETHER)
        _give_each_block_its_second(chain.url)
        return await _measured(chain)


def _give_each_block_its_second(url: str) -> None:
    """Let no two blocks have one time: the registry's histories cost less within one second."""
    asked = {"jsonrpc": "2.0", "id": 1, "method": "anvil_setBlockTimestampInterval", "params": [1]}
    request = urllib.request.Request(  # noqa: S310 - the embedded chain's own address
        url, json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
        if "error" in json.load(answer):
            raise RuntimeError("Anvil does not take anvil_setBlockTimestampInterval")


@dataclass
class Actor:
    """A registered party with one account.

    Attributes:
        code: Its code.
        send: Sends a call from that account and returns the gas it used.
    """

    code: PartyCode
    send: Callable[[Call], Awaitable[int]]


@dataclass
class Bench:
    """The contracts, and what was measured so far."""

    chain: Chain
    embedded: EmbeddedChain
    deployment: Deployment
    rows: dict[str, int] = field(default_factory=dict)

    def sender(self, signer: AccountSigner) -> Callable[[Call], Awaitable[int]]:
        """Return what sends a call from the signer's account, and returns the gas it used."""

        async def send(call: Call) -> int:
            return (await send_and_wait(self.chain, signer, call)).gas_used

        return send

    async def actor(self, code: str, roles: int) -> Actor:
        """Register a party, with everything that one may do."""
        signer = AccountSigner(hashlib.sha256(f"gas/{code}".encode()).digest())
        self.embedded.fund(signer.address, ETHER)
        party, govern = PartyCode(code), self.sender(_GOVERNOR)
        await govern(calls.register_party(self.deployment, party, roles))
        account_roles = calls.account_roles(roles)
        await govern(calls.authorise_account(self.deployment, party, signer.address, account_roles))
        return Actor(party, self.sender(signer))


async def _measured(embedded: EmbeddedChain) -> dict[str, int]:
    async with Chain(embedded.url, CHAIN_ID) as chain:
        bench = Bench(chain, embedded, await deploy(chain, _GOVERNOR, _GOVERNOR.address))
        for country in ("ID", "TH", "VN"):
            appoint = calls.appoint_steward(bench.deployment, Country(country), _GOVERNOR.address)
            await bench.sender(_GOVERNOR)(appoint)
        authority = await bench.actor("VN.A", calls.ISSUING_AUTHORITY)
        other = await bench.actor("VN.B", calls.ISSUING_AUTHORITY)
        customs = await bench.actor("ID.C", calls.CUSTOMS)
        await _anchoring(bench, authority, other)
        await _statuses(bench, other)
        await _drawing(bench, customs)
        await _registering(bench)
        bench.rows |= await _deploying(bench)
        return bench.rows


async def _anchoring(bench: Bench, authority: Actor, other: Actor) -> None:
    async def grow(actor: Actor, old: int, new: int) -> tuple[int, int]:
        before, after, proof = growth(old, new)
        next_checkpoint = calls.anchor(
            bench.deployment,
            predecessor_size=old,
            predecessor_root=before,
            size=new,
            root=after,
            consistency_path=proof,
        )
        return await actor.send(_first(bench, old, before)), await actor.send(next_checkpoint)

    rows = bench.rows
    rows["anchor: the first checkpoint"], rows["anchor: 1,000 entries grow by 1"] = await grow(
        other, 1_000, 1_001
    )
    middle = await bench.actor("VN.D", calls.ISSUING_AUTHORITY)
    title = "anchor: 300,000 entries grow by 10,000"
    _, rows[title] = await grow(middle, 300_000, 310_000)
    _, rows[GAS_OF_ANCHOR] = await grow(authority, FULL - 1, FULL)
    paused = bench.sender(_GOVERNOR)
    await paused(calls.pause_issuing(bench.deployment, other.code))
    again = await bench.actor("VN.E", calls.ISSUING_AUTHORITY)
    title = "anchor: the same while another authority is paused"
    _, rows[title] = await grow(again, FULL - 1, FULL)


async def _statuses(bench: Bench, authority: Actor) -> None:
    rows, deployment = bench.rows, bench.deployment
    one, many = [some_hash()], [some_hash() for _ in range(BATCH)]
    rows["suspend"] = await authority.send(calls.suspend(deployment, one, 7))
    rows["resume"] = await authority.send(calls.resume(deployment, one, 8))
    rows[GAS_OF_REVOKE] = await authority.send(calls.revoke(deployment, [some_hash()], 1))
    total = await authority.send(calls.revoke(deployment, many, 1))
    rows[GAS_OF_REVOKE_EACH] = -(-total // BATCH)
    replaced = calls.replace(deployment, some_hash(), some_hash(), 5)
    rows["replace"] = await authority.send(replaced)


async def _drawing(bench: Bench, customs: Actor) -> None:
    rows, deployment = bench.rows, bench.deployment
    line = await _line(bench, "VN.L")
    declaration = some_hash()
    rows[GAS_OF_DRAW] = await customs.send(line.draw(deployment, declaration))
    rows["draw: another of the line"] = await customs.send(line.draw(deployment, some_hash()))
    rows["draw: the same declaration again"] = await customs.send(
        line.draw(deployment, declaration)
    )
    rows["release"] = await customs.send(calls.release(deployment, line.digest, 1, declaration))
    for count in (1, 8):
        line = await _line(bench, f"VN.L{count}")
        for before, after in itertools.pairwise(
            [*(some_hash() for _ in range(count)), line.digest]
        ):
            await line.authority.send(calls.replace(deployment, before, after, 5))
        title = f"draw: a certificate that ends {count} replacement{'s' * (count > 1)}"
        rows[title] = await customs.send(line.draw(deployment, some_hash()))
    line = await _line(bench, "VN.P")
    abroad = await bench.actor("ID.A", calls.ISSUING_AUTHORITY)
    child, declaration = Child(abroad.code, some_hash(), 1), some_hash()
    rows["reserve for a back-to-back certificate"] = await customs.send(
        calls.reserve(
            deployment, line.proof, line.place, micro=DRAWN, declaration=declaration, child=child
        )
    )
    rows["unreserve"] = await customs.send(
        calls.unreserve(deployment, line.digest, 1, declaration, child)
    )


async def _registering(bench: Bench) -> None:
    rows, deployment, govern = bench.rows, bench.deployment, bench.sender(_GOVERNOR)
    party, key = PartyCode("TH.A"), Ed25519PublicKey(bytes(some_hash()))
    account, country = "0x" + some_hash().hex()[:40], Country("ID")
    agreement, form = AgreementCode("ATIGA"), FormCode("D")
    acts = {
        "register a party": calls.register_party(deployment, party, calls.ISSUING_AUTHORITY),
        "authorise an account": calls.authorise_account(
            deployment, party, account, calls.ANCHOR | calls.STATUS
        ),
        "add a key": calls.add_key(deployment, party, key, since=LONG_AGO),
        "declare a key compromised": calls.compromise_key(deployment, party, key, LONG_AGO),
        "grant a mandate": calls.grant_mandate(deployment, party, agreement, form, since=LONG_AGO),
        "withdraw recognition": calls.withdraw_recognition(deployment, country, party),
        "restore recognition": calls.restore_recognition(deployment, country, party),
        "pause one authority": calls.pause_issuing(deployment, party),
        "pause every authority": calls.pause_issuing(deployment, None),
        "withdraw an account": calls.withdraw_account(deployment, party, account),
    }
    for title, call in acts.items():
        rows[title] = await govern(call)


async def _deploying(bench: Bench) -> dict[str, int]:
    arguments = {
        "AuthorityRegistry": _GOVERNOR.address,
        "CertificateLedger": bench.deployment.registry,
        "DrawdownLedger": bench.deployment.ledger,
    }
    return {
        f"deploy {name}": await bench.sender(_GOVERNOR)(
            Call(None, contracts.contract(name).deployment_data(argument))
        )
        for name, argument in arguments.items()
    }


@dataclass
class Line:
    """A line of a certificate that stands in an authority's log of 2^24 entries."""

    authority: Actor
    proof: AllowanceProof
    digest: Digest
    place: LogPlace

    def draw(self, deployment: Deployment, declaration: Digest) -> Call:
        """Return the call that draws one unit for ``declaration``."""
        return calls.draw(deployment, self.proof, self.place, micro=DRAWN, declaration=declaration)


async def _line(bench: Bench, code: str) -> Line:
    authority = await bench.actor(code, calls.ISSUING_AUTHORITY)
    quantity = Quantity.from_micro(CERTIFIED, UnitCode("KGM"))
    allowance = Allowance(some_hash()[:16], 1, quantity, Country("ID"))
    path = [some_hash() for _ in range(LEAVES.bit_length() - 1)]
    digest = folded(allowance.leaf_hash, LEAF_INDEX, path)
    log_path = [some_hash() for _ in range(FULL.bit_length() - 1)]
    root = folded(entry_leaf_hash(Kind.CERTIFICATE, digest), ENTRY_INDEX, log_path)
    await authority.send(_first(bench, FULL, root))
    proof = AllowanceProof(allowance, LEAF_INDEX, LEAVES, tuple(path))
    return Line(
        authority, proof, digest, LogPlace(authority.code, ENTRY_INDEX, FULL, root, log_path)
    )


def folded(leaf: bytes, index: int, path: Sequence[bytes]) -> Digest:
    """Return the root of a full tree in which the leaf at ``index`` has these siblings."""
    for level, sibling in enumerate(path):
        right = index >> level & 1
        leaf = node_hash(sibling, leaf) if right else node_hash(leaf, sibling)
    return Digest(leaf)


def growth(old: int, new: int) -> tuple[Digest, Digest, list[bytes]]:
    """Return two roots and the consistency proof between trees of these sizes, made of any hashes.

    RFC 9162 section 2.1.4.2, from the proof to the roots.
    """
    full = old & -old
    node, last = (old - 1) // full, (new - 1) // full
    before = after = bytes(some_hash())
    proof = [] if full == old else [before]
    while last:
        sibling = bytes(some_hash())
        proof.append(sibling)
        if node % 2 or node == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not node % 2 and node:
                node, last = node // 2, last // 2
        else:
            after = node_hash(after, sibling)
        node, last = node // 2, last // 2
    return Digest(before), Digest(after), proof


def _first(bench: Bench, size: int, root: Digest) -> Call:
    return calls.anchor(
        bench.deployment,
        predecessor_size=0,
        predecessor_root=None,
        size=size,
        root=root,
        consistency_path=(),
    )
