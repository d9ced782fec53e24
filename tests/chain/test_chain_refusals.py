import pytest
from eth_abi.abi import encode

from anvil_fixtures import ATIGA, GOVERNOR, STEWARD, Party, Send, World, new_party
from tulen.certificate.seal import Allowance, AllowanceProof
from tulen.chain import calls, contracts
from tulen.chain.deploy import send_and_wait
from tulen.chain.refusals import (
    _KNOWN,
    AccountNotPermittedError,
    AlreadyRegisteredError,
    BadTransitionError,
    ContractRefusalError,
    DeclarationTakenError,
    DeclarationUnknownError,
    InconsistentCheckpointError,
    IssuingPausedError,
    NotGoodError,
    NotRecognisedError,
    OverdrawnError,
    ProofRefusedError,
    ReservationUsedError,
    StaleCheckpointError,
    UnitDiffersError,
    refusal,
)
from tulen.chain.rpc import Chain
from tulen.chain.sender import preflight
from tulen.log import Kind, entry_leaf_hash, node_hash
from tulen.values import Country, Digest, Quantity, UnitCode, decimal_from
from tulen.verify.facts import State

pytestmark = pytest.mark.anyio

KGM = UnitCode("KGM")


class Line:
    """The one line of a certificate that is the one entry of its authority's log."""

    def __init__(
        self, world: World, authority: Party, certified: str = "1000", unit: str = "KGM"
    ) -> None:
        self.deployment = world.deployment
        self.authority = authority.code
        allowance = Allowance(
            authority.key[:16],
            1,
            Quantity(decimal_from(certified, "quantity"), UnitCode(unit)),
            Country("ID"),
        )
        self.digest = Digest(allowance.leaf_hash)
        self.proof = AllowanceProof(allowance, 0, 1, ())
        self.root = Digest(entry_leaf_hash(Kind.CERTIFICATE, self.digest))

    @property
    def place(self) -> calls.LogPlace:
        return calls.LogPlace(self.authority, 0, 1, self.root, ())

    def reserve(self, kilograms: int, declaration: Digest, child: calls.Child) -> calls.Call:
        return calls.reserve(
            self.deployment,
            self.proof,
            self.place,
            micro=kilograms * 10**6,
            declaration=declaration,
            child=child,
        )

    @property
    def anchor(self) -> calls.Call:
        return calls.anchor(
            self.deployment,
            predecessor_size=0,
            predecessor_root=None,
            size=1,
            root=self.root,
            consistency_path=(),
        )

    def draw(self, kilograms: int, declaration: Digest) -> calls.Call:
        return calls.draw(
            self.deployment,
            self.proof,
            self.place,
            micro=kilograms * 10**6,
            declaration=declaration,
        )


def declaration(number: int) -> Digest:
    return Digest(number.to_bytes(32))


@pytest.fixture
async def line(world: World, authority: Party, send: Send) -> Line:
    line = Line(world, authority)
    await send(authority, line.anchor)
    return line


async def test_the_thousand_and_first_kilogram_is_refused_with_what_is_left(
    chain: Chain, line: Line, customs: Party, send: Send
) -> None:
    await send(customs, line.draw(600, declaration(1)))
    await send(customs, line.draw(400, declaration(2)))
    with pytest.raises(OverdrawnError) as caught:
        await preflight(chain, customs.account.address, line.draw(1, declaration(3)), KGM)
    assert str(caught.value) == "line 1: 1 KGM asked for, 0 KGM left"
    assert (caught.value.requested_micro, caught.value.available_micro) == (1_000_000, 0)


async def test_without_a_unit_the_refusal_still_has_its_figures(
    chain: Chain, line: Line, customs: Party
) -> None:
    with pytest.raises(OverdrawnError, match="1001 of the line's unit asked for, 1000 of the line"):
        await preflight(chain, customs.account.address, line.draw(1001, declaration(1)))


async def test_a_declaration_draws_once(
    chain: Chain, line: Line, customs: Party, send: Send
) -> None:
    await send(customs, line.draw(600, declaration(1)))
    await send(customs, line.draw(600, declaration(1)))
    with pytest.raises(DeclarationTakenError, match="has drawn 600 KGM already"):
        await preflight(chain, customs.account.address, line.draw(601, declaration(1)), KGM)
    await send(customs, calls.release(line.deployment, line.digest, 1, declaration(1)))
    with pytest.raises(DeclarationTakenError, match="has been released already"):
        await preflight(chain, customs.account.address, line.draw(600, declaration(1)), KGM)
    with pytest.raises(DeclarationUnknownError, match="has drawn nothing"):
        await send(customs, calls.release(line.deployment, line.digest, 1, declaration(1)))


async def test_nothing_is_drawn_from_a_revoked_certificate(
    chain: Chain, line: Line, authority: Party, customs: Party, send: Send
) -> None:
    await send(authority, calls.revoke(line.deployment, [line.digest], 1))
    with pytest.raises(NotGoodError, match=f"certificate {line.digest} is revoked") as caught:
        await preflight(chain, customs.account.address, line.draw(1, declaration(1)))
    assert caught.value.state is State.REVOKED
    with pytest.raises(BadTransitionError, match="is revoked and cannot become good"):
        await send(authority, calls.resume(line.deployment, [line.digest], 8))


async def test_only_customs_of_the_importing_country_draw(
    chain: Chain, line: Line, authority: Party
) -> None:
    with pytest.raises(AccountNotPermittedError, match="does not act for customs of ID"):
        await preflight(chain, authority.account.address, line.draw(1, declaration(1)))


async def test_a_proof_for_another_root_is_refused(
    chain: Chain, line: Line, customs: Party
) -> None:
    line.root = Digest(bytes(31) + b"\1")
    with pytest.raises(ProofRefusedError, match="was never anchored"):
        await preflight(chain, customs.account.address, line.draw(1, declaration(1)))


async def test_a_log_is_anchored_from_where_it_stands(
    chain: Chain, world: World, line: Line, authority: Party, customs: Party
) -> None:
    sender = authority.account.address
    with pytest.raises(StaleCheckpointError, match="holds 1 entries, not 0") as caught:
        await preflight(chain, sender, line.anchor)
    assert (caught.value.expected_size, caught.value.actual_size) == (0, 1)

    def next_checkpoint(size: int, root: Digest) -> calls.Call:
        return calls.anchor(
            world.deployment,
            predecessor_size=1,
            predecessor_root=line.root,
            size=size,
            root=root,
            consistency_path=[],
        )

    with pytest.raises(InconsistentCheckpointError, match="does not lead from the log's 1 entries"):
        await preflight(chain, sender, next_checkpoint(2, line.digest))
    with pytest.raises(InconsistentCheckpointError, match="1 entries does not grow a log of 1"):
        await preflight(chain, sender, next_checkpoint(1, line.digest))
    with pytest.raises(AccountNotPermittedError, match="does not act for an issuing authority"):
        await preflight(chain, customs.account.address, line.anchor)


async def test_a_party_is_registered_once_and_by_its_steward(
    chain: Chain, world: World, authority: Party
) -> None:
    again = calls.register_party(world.deployment, authority.code, calls.ISSUING_AUTHORITY)
    with pytest.raises(AccountNotPermittedError, match="is not the steward of VN"):
        await preflight(chain, authority.account.address, again)
    steward = "0x" + (await _steward(chain, world)).removeprefix("0x")
    with pytest.raises(AlreadyRegisteredError, match="is registered already"):
        await preflight(chain, steward, again)


async def test_a_pause_stops_anchoring_and_not_revoking(
    chain: Chain, world: World, authority: Party, send: Send
) -> None:
    line = Line(world, authority)
    await send_and_wait(chain, STEWARD, calls.pause_issuing(line.deployment, authority.code))
    with pytest.raises(IssuingPausedError, match="issuing is paused for authority"):
        await send(authority, line.anchor)
    await send(authority, calls.revoke(line.deployment, [line.digest], 1))
    await send_and_wait(chain, STEWARD, calls.resume_issuing(line.deployment, authority.code))
    await send_and_wait(chain, GOVERNOR, calls.pause_issuing(line.deployment, None))
    try:
        with pytest.raises(IssuingPausedError):
            await send(authority, line.anchor)
    finally:
        await send_and_wait(chain, GOVERNOR, calls.resume_issuing(line.deployment, None))
    await send(authority, line.anchor)
    with pytest.raises(AlreadyRegisteredError, match="it is so already"):
        await send_and_wait(chain, GOVERNOR, calls.resume_issuing(line.deployment, None))


async def test_only_a_recognised_authority_s_certificate_is_drawn(
    chain: Chain, line: Line, authority: Party, customs: Party, send: Send
) -> None:
    country = Country("ID")
    for agreement in (ATIGA, None):
        call = calls.withdraw_recognition(line.deployment, country, authority.code, agreement)
        await send_and_wait(chain, STEWARD, call)
    with pytest.raises(NotRecognisedError, match="ID does not recognise authority"):
        await send(customs, line.draw(1, declaration(1)))
    restored = calls.restore_recognition(line.deployment, country, authority.code)
    await send_and_wait(chain, STEWARD, restored)
    await send(customs, line.draw(1, declaration(1)))


async def test_a_successor_has_what_its_predecessor_left(
    world: World, line: Line, authority: Party, customs: Party, send: Send
) -> None:
    await send(customs, line.draw(600, declaration(1)))
    successor = Line(world, authority, "900")
    await send(authority, calls.replace(line.deployment, line.digest, successor.digest, 5))
    path = (bytes(Digest(entry_leaf_hash(Kind.CERTIFICATE, successor.digest))),)
    root = Digest(node_hash(line.root, path[0]))
    grown = calls.anchor(
        world.deployment,
        predecessor_size=1,
        predecessor_root=line.root,
        size=2,
        root=root,
        consistency_path=path,
    )
    await send(authority, grown)
    place = calls.LogPlace(authority.code, 1, 2, root, (line.root,))
    call = calls.draw(
        world.deployment,
        successor.proof,
        place,
        micro=301 * 10**6,
        declaration=declaration(2),
    )
    with pytest.raises(OverdrawnError, match="301 of the line's unit asked for, 300 of the line"):
        await send(customs, call)
    with pytest.raises(BadTransitionError, match="cannot replace"):
        await send(
            authority, calls.replace_each(line.deployment, [(successor.digest, line.digest)], 5)
        )


async def test_a_back_to_back_child_takes_from_its_parent(
    chain: Chain, world: World, line: Line, customs: Party, send: Send
) -> None:
    issuer = await new_party(chain, world, "ID", calls.ISSUING_AUTHORITY)
    child = Line(world, issuer, unit="TNE")
    await send(issuer, child.anchor)
    named = calls.Child(issuer.code, child.digest, 1)
    await send(customs, line.reserve(700, declaration(1), named))
    with pytest.raises(UnitDiffersError, match="is in KGM"):
        await send(customs, child.draw(1, declaration(2)))
    child = Line(world, issuer, "800")
    second = calls.Child(issuer.code, child.digest, 1)
    await send(customs, line.reserve(300, declaration(3), second))
    give_back = calls.unreserve(line.deployment, line.digest, 1, declaration(1), second)
    with pytest.raises(DeclarationUnknownError, match="has drawn nothing there"):
        await send(customs, give_back)
    replaced = calls.replace(line.deployment, child.digest, Digest(bytes(31) + b"\5"), 5)
    await send(issuer, replaced)
    give_back = calls.unreserve(line.deployment, line.digest, 1, declaration(3), second)
    with pytest.raises(ReservationUsedError, match="has passed to the certificate that replaces"):
        await send(customs, give_back)


async def test_stewardship_and_governorship_pass_by_offer_and_acceptance(
    chain: Chain, world: World
) -> None:
    deployment, country = world.deployment, Country("TH")
    with pytest.raises(AccountNotPermittedError, match="nothing was offered to account"):
        await send_and_wait(chain, GOVERNOR, calls.accept_stewardship(deployment, country))
    offer = calls.offer_stewardship(deployment, country, GOVERNOR.address)
    await send_and_wait(chain, STEWARD, offer)
    await send_and_wait(chain, GOVERNOR, calls.accept_stewardship(deployment, country))
    back = calls.appoint_steward(deployment, country, STEWARD.address)
    await send_and_wait(chain, GOVERNOR, back)
    for giver, taker in ((GOVERNOR, STEWARD), (STEWARD, GOVERNOR)):
        await send_and_wait(chain, giver, calls.offer_governorship(deployment, taker.address))
        await send_and_wait(chain, taker, calls.accept_governorship(deployment))


async def _steward(chain: Chain, world: World) -> str:
    entry = contracts.registry().functions["stewardOf"]
    call = {"to": world.deployment.registry, "data": "0x" + entry.encode(b"VN").hex()}
    return entry.decode_outputs(bytes.fromhex((await chain.request("eth_call", call))[2:]))[0]


def test_every_error_of_the_contracts_has_words() -> None:
    assert {entry.name for entry in contracts.errors().values()} == set(_KNOWN)


@pytest.mark.parametrize("entry", contracts.errors().values(), ids=lambda entry: entry.name)
def test_the_words_of_every_error_hold_its_arguments(entry: contracts.Entry) -> None:
    samples = {"uint64": 77, "uint128": 77, "uint256": 77, "uint16": 77, "uint8": 1}
    arguments = [
        samples.get(field.kind, "0x" + "77" * 20 if field.kind == "address" else b"ID")
        for field in entry.inputs
    ]
    error = refusal(entry.encode(*arguments))
    assert error.name == entry.name
    assert list(error.arguments) == [field.name for field in entry.inputs]
    assert "{" not in str(error)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "without a reason"),
        (bytes.fromhex("deadbeef"), "error 0xdeadbeef, unknown to this version"),
        (bytes.fromhex("08c379a0") + encode(["string"], ["too late"]), "'too late'"),
        (bytes.fromhex("4e487b71") + encode(["uint256"], [0x11]), "panic 0x11"),
        (bytes.fromhex("08c379a0") + b"\xff", "error 0x08c379a0, unknown to this version"),
    ],
)
def test_other_refusals_are_still_refusals(data: bytes, words: str) -> None:
    error = refusal(data)
    assert type(error) is ContractRefusalError
    assert str(error) == f"the contract refuses: {words}"


@pytest.mark.parametrize("cut", [4, 5, 35, 131])
def test_an_error_with_arguments_cut_short_is_unknown(cut: int) -> None:
    entry = next(
        entry for entry in contracts.errors().values() if entry.name == "DrawdownLedgerOverdrawn"
    )
    assert type(refusal(entry.encode(b"d", 1, 2, 3)[:cut])) is ContractRefusalError
