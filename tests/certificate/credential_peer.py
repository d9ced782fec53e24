"""Asks the implementation of credentials by others (npm) what it makes of ours, and for its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PEER = Path(__file__).with_name("credential_peer.mjs")
# The virtual environment's node comes first, where it has one.
NODE = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
PATIENCE_SECONDS = 120


def peer(act: str, **asked: object) -> Any:  # noqa: ANN401 - JSON
    """Return what the other implementation answers."""
    ended = subprocess.run(  # noqa: S603 - our own script
        [NODE or "node", PEER],
        input=json.dumps({"act": act, **asked}).encode(),
        env={},
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return json.loads(ended.stdout)
