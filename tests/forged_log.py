"""A log as a dishonest authority could publish it: any entries, signed with any key, over HTTP."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tulen.keys import Ed25519Signer
from tulen.log import (
    TILE_WIDTH,
    Checkpoint,
    append,
    entry_bundle,
    leaf_hash,
    log_name,
    note_body,
    part_of,
    root,
    signed_note,
)
from tulen.values import Digest, PartyCode


def published(
    entries: Sequence[bytes], signer: Ed25519Signer, authority: PartyCode
) -> dict[str, bytes]:
    """Return what lies under each path of the log of ``entries``."""
    size = len(entries)
    tiles, _ = append({}.__getitem__, 0, [leaf_hash(entry) for entry in entries])
    head = Checkpoint(log_name(authority), size, Digest(root(tiles.__getitem__, size)))
    note = signed_note(head, signer.public_key, signer.sign(note_body(head)))
    files = {"checkpoint": note.encode()}
    for (level, index), hashes in tiles.items():
        files[f"tile/{part_of(level, index, size).path}"] = hashes
    for start in range(0, size, TILE_WIDTH):
        part = part_of(None, start // TILE_WIDTH, size)
        files[f"tile/{part.path}"] = entry_bundle(entries[start : start + TILE_WIDTH])
    return files


class Shelf:
    """What is served; a test may change it at any time.

    Attributes:
        files: Bytes by path below the log's prefix; what is not there is answered 404.
        asked: The paths that were asked for.
        status: What is answered instead of 200.
        url: Where it is served.
    """

    def __init__(self, port: int) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.status = 200
        self.url = f"http://127.0.0.1:{port}"


@contextmanager
def shelf(authority: PartyCode) -> Iterator[Shelf]:
    """Serve a shelf from a thread of its own."""
    prefix = f"/log/{authority}/"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix(prefix)
            served.asked.append(path)
            data = served.files.get(path)
            self.send_response(404 if data is None else served.status)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Shelf(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
