"""Finds where in a pack's text a JSON pointer leads, so that a message can name the line.

`tomllib` tells no positions. This reads only what the layout of a pack needs: table headers, arrays
of tables and `key = value`. Where it cannot follow a pointer to its end it answers with the line
that holds the rest.
"""

import re
from collections.abc import Iterator

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")


def line_of(text: str, pointer: str) -> int:
    """Return the line, counted from 1, that holds what ``pointer`` names or most of its path."""
    wanted = pointer.removeprefix("/").split("/") if pointer else []
    best, depth = 1, 0
    for line, path in _places(text):
        shared = len(path)
        if shared > depth and wanted[:shared] == path:
            best, depth = line, shared
    return best


def _places(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every line that begins a table or a member, with the path that leads to it."""
    counts: dict[str, int] = {}
    table: list[str] = []
    for line, written in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(written):
            table = _path(header[2].split("."), counts, starts_item=header[1] == "[[")
            yield line, table
        elif key := _KEY.match(written):
            yield line, [*table, key[1]]


def _path(names: list[str], counts: dict[str, int], *, starts_item: bool) -> list[str]:
    """Return the path of a header; arrays of tables are numbered by how often theirs was begun."""
    path: list[str] = []
    for depth, name in enumerate(names):
        path.append(name)
        place = "/".join(path)
        if starts_item and depth == len(names) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            path.append(str(counts[place]))
    return path
