import os
import stat
from pathlib import Path

import pytest
from desk import Desk

from tulen.workflows.register import make_passphrase


def test_a_passphrase_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "home" / "passphrase"
    first = make_passphrase(file)
    assert make_passphrase(file) == first == file.read_text().strip()
    assert len(first) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_crash_leaves_no_empty_passphrase_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "passphrase"

    def crash(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", crash)
        with pytest.raises(KeyboardInterrupt):
            make_passphrase(file)
    assert list(tmp_path.iterdir()) == []
    assert make_passphrase(file)


@pytest.mark.anyio
async def test_an_office_that_is_set_up_satisfies_the_doctor(desk: Desk) -> None:
    assert await desk.complaints() == []
