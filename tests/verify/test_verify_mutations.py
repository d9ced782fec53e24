"""Any single mutation of a valid bundle is never VALID while the chain holds the truth."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from certificate_sample import BUNDLE, CERTIFICATE, DIGEST, FACTS, ON, POLICY, SEED, Issuer
from hypothesis import given, settings
from hypothesis import strategies as st

from tulen.certificate import Bundle, RedactedPresentation, redact, seal
from tulen.errors import InvalidInputError
from tulen.verify import ChainFacts, Unavailable, Verdict, Verification, question_of, verify

HEADING = ["/agreement", "/form", "/issuing_authority", "/issued_on", "/valid_until"]
BUNDLES = {
    "full": BUNDLE,
    "redacted": Issuer().bundle(
        redact(CERTIFICATE, SEED, [*HEADING, "/lines/0/fob"], allowances=[1])
    ),
}
BOTH = pytest.mark.parametrize("bundle", BUNDLES.values(), ids=BUNDLES.keys())
CLAIMS = dict(seal(CERTIFICATE, SEED).claims)


def chain(bundle: Bundle) -> ChainFacts | Unavailable:
    """Return what a chain that holds the one true certificate answers about ``bundle``."""
    asked, truth = question_of(bundle), FACTS.question
    if asked is None:
        return Unavailable("nothing to ask")
    same = {name: getattr(asked, name) == getattr(truth, name) for name in asked.__slots__}
    checkpoint = same["authority"] and same["root"] and same["size"]
    assert FACTS.transaction is not None
    assert not isinstance(FACTS.transaction, Unavailable)
    return replace(
        FACTS,
        question=asked,
        anchored=FACTS.anchored if same["root"] else None,
        party=FACTS.party if same["authority"] else None,
        key=FACTS.key if same["authority"] and same["key"] else None,
        mandate=(
            FACTS.mandate if same["authority"] and same["agreement"] and same["form"] else None
        ),
        transaction=(
            replace(FACTS.transaction, anchors_root=checkpoint) if same["transaction"] else None
        ),
    )


def judged(data: bytes) -> Verification:
    """Return the verification of ``data`` against the true chain."""
    try:
        facts = chain(Bundle.parse(data))
    except InvalidInputError:
        facts = FACTS
    return verify(data, POLICY, facts, ON)


@BOTH
def test_the_unchanged_bundle_is_valid(bundle: Bundle) -> None:
    assert judged(bundle.to_bytes()).verdict is Verdict.VALID


Way = tuple[str | int, ...]


def _ways(value: object, way: Way = ()) -> Iterator[tuple[Way, object]]:
    """Yield the way to every value in ``value``, containers included."""
    yield way, value
    below = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        below = enumerate(value)
    for step, item in below:
        yield from _ways(item, (*way, step))


def _changed(bundle: Bundle, way: Way, change: Callable[[Any, Any], None]) -> bytes:
    document = copy.deepcopy(bundle.to_document())
    parent: Any = document
    for step in way[:-1]:
        parent = parent[step]
    change(parent, way[-1])
    return orjson.dumps(document)


def _lies(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value, int(value), str(value).lower(), None]
    if isinstance(value, int):
        return [value + 1, value - 1, value + 256, -value - 1, str(value), value == 1, None, 0.5]
    assert isinstance(value, str)
    other = "1" if value[:1] == "0" else "0"
    return [
        other + value[1:],
        value[:-1] + ("b" if value[-1:] == "a" else "a"),
        value[:-1],
        f"{value}0",
        f" {value}",
        f"{value}\n",
        value.swapcase() if value.swapcase() != value else "",
        "",
        7,
        None,
        [value],
        {"value": value},
    ]


@BOTH
def test_no_other_value_anywhere_is_valid(bundle: Bundle) -> None:
    for way, value in _ways(bundle.to_document()):
        if isinstance(value, (str, int)):
            for lie in _lies(value):
                data = _changed(bundle, way, lambda parent, step, lie=lie: _put(parent, step, lie))
                assert judged(data).verdict is not Verdict.VALID, (way, lie)


def _put(parent: Any, step: Any, value: object) -> None:  # noqa: ANN401 - JSON
    parent[step] = copy.deepcopy(value)


@BOTH
def test_nothing_can_be_left_out_but_whole_claims(bundle: Bundle) -> None:
    for way, _ in _ways(bundle.to_document()):
        if way:
            data = _changed(bundle, way, lambda parent, step: parent.__delitem__(step))
            found = judged(data)
            if found.verdict is Verdict.VALID:
                assert isinstance(bundle.certificate, RedactedPresentation)
                assert way[:2] in {("certificate", "claims"), ("certificate", "allowances")}
                assert len(way) == 3
                assert found.digest == DIGEST
                assert found.claims.items() <= CLAIMS.items()


@BOTH
def test_nothing_can_be_added(bundle: Bundle) -> None:
    document = bundle.to_document()
    for way, value in _ways(document):
        extras: list[bytes] = []
        if isinstance(value, dict):
            extras.append(_added(document, way, lambda found: found.update(extra="x")))
        if isinstance(value, list):
            extras.append(_added(document, way, lambda found: found.append("00" * 32)))
            extras.append(_added(document, way, lambda found: found.append({})))
            if value:
                extras.append(_added(document, way, lambda found: found.append(found[-1])))
                extras.append(_added(document, way, lambda found: found.insert(0, found[0])))
        for data in extras:
            assert judged(data).verdict is not Verdict.VALID, way


def _added(document: dict[str, Any], way: Way, change: Callable[[Any], object]) -> bytes:
    document = copy.deepcopy(document)
    found: Any = document
    for step in way:
        found = found[step]
    change(found)
    return orjson.dumps(document)


@BOTH
def test_no_two_neighbours_can_be_swapped(bundle: Bundle) -> None:
    document = bundle.to_document()
    for way, value in _ways(document):
        if isinstance(value, list):
            for at in range(len(value) - 1):
                if value[at] != value[at + 1]:
                    data = _added(document, way, lambda found, at=at: _swap(found, at, at + 1))
                    assert judged(data).verdict is not Verdict.VALID, (way, at)


def _swap(found: Any, one: Any, other: Any) -> None:  # noqa: ANN401 - JSON
    found[one], found[other] = found[other], found[one]


@BOTH
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_two_values_can_be_swapped(bundle: Bundle, data: st.DataObject) -> None:
    scalars = [(w, v) for w, v in _ways(bundle.to_document()) if isinstance(v, (str, int))]
    (one, before), (other, after) = data.draw(
        st.tuples(st.sampled_from(scalars), st.sampled_from(scalars))
    )
    if before == after and type(before) is type(after):
        return
    changed = orjson.loads(_changed(bundle, one, lambda parent, step: _put(parent, step, after)))
    parent: Any = changed
    for step in other[:-1]:
        parent = parent[step]
    parent[other[-1]] = before
    assert judged(orjson.dumps(changed)).verdict is not Verdict.VALID


@BOTH
def test_one_flipped_bit_in_any_byte_of_the_file_is_never_valid(bundle: Bundle) -> None:
    data = bundle.to_bytes()
    for at in range(len(data)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << (at * 5 + at // 8) % 8
        assert judged(bytes(flipped)).verdict is not Verdict.VALID, at


@BOTH
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_one_flipped_added_or_dropped_byte_is_never_valid(
    bundle: Bundle, data: st.DataObject
) -> None:
    file = bundle.to_bytes()
    at = data.draw(st.integers(0, len(file) - 1))
    byte = data.draw(st.binary(min_size=1, max_size=1))
    for changed in (file[:at] + byte + file[at + 1 :], file[:at] + file[at + 1 :], file[:at]):
        if changed != file:
            assert judged(changed).verdict is not Verdict.VALID
    added = file[:at] + byte + file[at:]
    if orjson_or_none(added) != orjson.loads(file):  # A blank between members says nothing else.
        assert judged(added).verdict is not Verdict.VALID


def orjson_or_none(data: bytes) -> object:
    """Return the JSON in ``data``, or None."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200))
def test_no_bytes_whatever_raise(data: bytes) -> None:
    assert verify(data, POLICY, FACTS, ON).verdict is Verdict.INVALID
