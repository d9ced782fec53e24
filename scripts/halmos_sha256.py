"""Runs halmos with SHA-256 as it is; scripts/analyse-contracts starts it in its own environment.

halmos 0.3.3 takes the size of what SHA-256 hashes for bits where it is bytes, and so ends at the
first hash. Here the size is right, and of known bytes the real hash is taken; of unknown ones it
stays any function, about which nothing is assumed, not even that it has no collisions.
"""

import hashlib
import sys
from typing import Any

from halmos import sevm
from halmos.__main__ import main
from z3 import BitVecSort, BitVecVal, is_bv_value

PREFIX = "f_sha256_"
_function = sevm.Function


def function(name: str, *sorts: Any) -> Any:  # noqa: ANN401 - z3 has no types
    """Return what z3's Function does, but for SHA-256."""
    if not name.startswith(PREFIX):
        return _function(name, *sorts)
    size = int(name.removeprefix(PREFIX))
    unknown = _function(name, BitVecSort(8 * size), sorts[-1])

    def hashed(data: Any) -> Any:  # noqa: ANN401
        if not is_bv_value(data):
            return unknown(data)
        digest = hashlib.sha256(data.as_long().to_bytes(size, "big")).digest()
        return BitVecVal(int.from_bytes(digest, "big"), 256)

    return hashed


sevm.Function = function
sys.exit(main())
