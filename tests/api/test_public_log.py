"""The public log over HTTP: the layout of C2SP tlog-tiles, from whatever a client may ask."""

import json

import httpx
import pytest
from nacl.signing import VerifyKey

from office_fixtures import Served
from tulen.log import (
    PublishedCheckpoint,
    entries_in,
    leaf_hash,
    note_body,
    root,
    tiles_for_root,
)

LOG = "/log/VN.MOIT"


def ask(served: Served, path: str) -> httpx.Response:
    return served.http.get(f"{LOG}/{path}")


@pytest.fixture(scope="module")
def head(served: Served, certified_bundle: bytes) -> PublishedCheckpoint:
    assert certified_bundle
    return PublishedCheckpoint.parse(ask(served, "checkpoint").text)


def test_the_checkpoint_is_a_note_that_is_not_kept_for_long(
    served: Served, head: PublishedCheckpoint, certified_bundle: bytes
) -> None:
    answer = ask(served, "checkpoint")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert head.signed.checkpoint.log_name == "tulen/VN.MOIT"
    signer = VerifyKey(bytes.fromhex(json.loads(certified_bundle)["signature"]["key"]))
    signer.verify(note_body(head.signed.checkpoint), head.signed.signature)


def test_entries_and_tiles_lead_to_the_signed_root(
    served: Served, head: PublishedCheckpoint
) -> None:
    size = head.signed.checkpoint.size
    assert 0 < size < 256, "else the paths below are others"
    bundle, tile = (ask(served, f"tile/{kind}/000.p/{size}") for kind in ("entries", "0"))
    for answer in (bundle, tile):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    leaves = b"".join(leaf_hash(entry) for entry in entries_in(bundle.content))
    assert leaves == tile.content
    assert tiles_for_root(size) == {(0, 0)}
    assert root({(0, 0): tile.content}.__getitem__, size) == head.signed.checkpoint.root


def test_the_beginning_of_a_tile_stays_what_it_was(served: Served) -> None:
    before = ask(served, "tile/0/000.p/1").content
    served.bundle_of(served.certified())
    assert ask(served, "tile/0/000.p/1").content == before
    assert len(before) == 32


def test_nothing_beyond_the_checkpoint_is_shown(served: Served, head: PublishedCheckpoint) -> None:
    assert head.others == ()
    size = PublishedCheckpoint.parse(ask(served, "checkpoint").text).signed.checkpoint.size
    for path in (
        f"tile/0/000.p/{size + 1}",
        f"tile/entries/000.p/{size + 1}",
        *("tile/0/000", "tile/entries/000", "tile/1/000.p/1", "tile/63/000", "tile/0/001.p/1"),
        *("tile/0/x001/000", "tile/0/0", "tile/0/000.p/0", "tile/0", "tile/", "tile/x/000"),
        *("tile/entries/..%2F..%2F000", "tile/0/" + "x999/" * 6 + "999", "tile/0/000.p/1/"),
    ):
        answer = ask(served, path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json", path
        assert answer.headers["cache-control"] == "no-store", path


@pytest.mark.parametrize("authority", ["ID.DJBC", "ZZ.NOBODY"])
def test_an_authority_without_a_log_has_no_checkpoint(served: Served, authority: str) -> None:
    assert served.http.get(f"/log/{authority}/checkpoint").status_code == 404
    assert served.http.get(f"/log/{authority}/tile/0/000.p/1").status_code == 404


def test_what_is_no_authority_is_refused(served: Served) -> None:
    assert served.http.get("/log/moit/checkpoint").status_code == 422


def test_a_head_request_is_answered_without_a_body(served: Served) -> None:
    answer = served.http.head(f"{LOG}/tile/0/000.p/1")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "32"
