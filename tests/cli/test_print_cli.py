"""`tulen print` and `tulen verify` of a paper, on a bundle that no chain is asked about."""

import json
from pathlib import Path

import pypdfium2
from cli_home import Home

from tulen.api.examples import example

BUNDLE = json.dumps(example("bundle"), ensure_ascii=False, separators=(",", ":")).encode()


def paper(home: Home, name: str, *arguments: object) -> Path:
    file = home.folder / f"{name}.tulen.json"
    file.write_bytes(BUNDLE)
    out = home.folder / f"{name}.pdf"
    said = home.tulen("print", file, "-o", out, "--json", *arguments)
    assert said.code == 0, said
    assert said.answer == {"file": str(out), "bytes": out.stat().st_size}
    return out


def test_a_printed_bundle_is_verified_as_the_bundle_is(home: Home) -> None:
    out = paper(home, "original")
    of_paper = home.tulen("verify", out, "--offline", "--json")
    of_bundle = home.tulen("verify", home.folder / "original.tulen.json", "--offline", "--json")
    assert (of_paper.code, of_paper.answer) == (of_bundle.code, of_bundle.answer)
    assert {check["name"]: check["outcome"] for check in of_paper.answer["checks"]}[
        "seal"
    ] == "PASS"


def test_a_copy_bears_its_mark(home: Home) -> None:
    with pypdfium2.PdfDocument(paper(home, "copy", "--copy").read_bytes()) as opened:
        assert "CERTIFIED TRUE COPY" in opened[0].get_textpage().get_text_range()


def test_an_altered_paper_is_invalid_and_says_why(home: Home) -> None:
    out = paper(home, "altered")
    changed = bytearray(out.read_bytes())
    changed[len(changed) // 3] ^= 1
    out.write_bytes(changed)
    said = home.tulen("verify", out, "--offline", "--json")
    assert said.code == 1
    (check,) = said.answer["checks"]
    assert check["reason"].startswith("paper-")


def test_what_is_no_bundle_is_not_printed(home: Home) -> None:
    said = home.tulen("print", "-", "-o", home.folder / "none.pdf", stdin=b"{}")
    assert said.code == 2
    assert not (home.folder / "none.pdf").exists()
