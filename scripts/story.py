"""The story of one certificate of origin, told over HTTP against a running Tulen.

From a Vietnamese exporter's application to the last kilogram drawn at Tanjung Perak. Every figure
that is printed comes out of an answer of the service; `tests/story` asserts each of them.
"""

import itertools
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tulen.api.examples import example

FINAL_WITHIN_SECONDS = 60
SECONDS_OF_A_DAY = 86_400
WIDTH = 100
INDENT = 3
STYLES = {
    "PASS": "green",
    "VALID": "bold green",
    "MET": "green",
    "UNKNOWN": "yellow",
    "UNDETERMINED": "yellow",
    "NOT_MET": "dim",
    "FAIL": "red",
}
"""How outcomes look; every other verdict is bad news."""
BAD = "bold red"
LEVIES = {"BM": "import duty", "PPN": "value added tax", "PPH": "income tax, art. 22"}


class Node(Protocol):
    """The chain node, which the story switches off and on again."""

    @property
    def alive(self) -> bool:
        """Whether it runs."""

    def stop(self) -> None:
        """Stop it."""

    def start(self) -> None:
        """Start it with the state it had."""


@dataclass
class Story:
    """One telling.

    Attributes:
        url: Where the service listens.
        keys: API key of each person: exporter, officer-1, officer-2, importer, priok, perak.
        node: The chain node.
        console: Where the story is told.
        bundle_file: Where the bundle is written; nowhere where None.
        told: Every answer worth asserting, by name.
    """

    url: str
    keys: Mapping[str, str]
    node: Node
    console: Console
    bundle_file: Path | None = None
    told: dict[str, Any] = field(default_factory=dict)

    def tell(self) -> dict[str, Any]:
        """Tell it all and return what happened."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            self._client = client
            try:
                number = self._certify()
                bundle = self._prove(number)
                self._import(number, bundle)
                self._revoke(number, bundle)
                self._outage(bundle)
            except httpx.HTTPError as error:
                raise StoryError(f"the service does not answer: {error}") from error
        return self.told

    # ── the steps ──

    def _certify(self) -> str:
        self._chapter(1, "An exporter applies; the rule of origin is judged")
        document = example("application")
        document["transport"]["departure_on"] = _day(3)
        document["invoices"][0]["issued_on"] = _day(-5)
        application = self._post("exporter", "/v1/applications", document)
        self.told["application"] = application
        for line in application["explanation"]:
            self._reason(line)
        box_8 = ", ".join(application["criteria"])
        self._say(
            "verdict ",
            (application["outcome"], "bold green"),
            f", so box 8 of the form says {box_8}",
        )

        self._chapter(2, "One officer recommends, a different one approves")
        path = f"/v1/applications/{application['id']}"
        self._post("officer-1", f"{path}/recommendations", {})
        refused = self._post("officer-1", f"{path}/approvals", {}, expect=403)
        self.told["same officer"] = refused
        self._say(("refused ", "red"), refused["detail"])
        approved = self._post("officer-2", f"{path}/approvals", {})
        self._say(
            f"recommended by {approved['recommended_by']}, approved by {approved['approved_by']}"
        )

        self._chapter(3, "Sealed, signed, logged, anchored")
        issued = self._post("officer-2", "/v1/certificates", {"application": application["id"]})
        number: str = issued["number"]
        certificate = self._wait(
            "officer-2", f"/v1/certificates/{number}", lambda answer: answer["state"] == "final"
        )
        self.told["certificate"] = certificate
        anchor = certificate["anchor"]
        self._rows(
            {
                "certificate": number,
                "digest": certificate["digest"],
                "checkpoint": f"size {anchor['size']}, root {anchor['root']}",
                "transaction": anchor["transaction"],
                "gas": f"{anchor['gas_used']:,}",
                "block": f"{anchor['block_number']} ({anchor['anchored_at']})",
            }
        )
        return number

    def _prove(self, number: str) -> bytes:
        self._chapter(4, "The bundle is written, and anyone verifies it")
        answer = self._client.get(
            f"/v1/certificates/{number}/bundle", headers=self._headers("exporter")
        )
        answer.raise_for_status()
        self.told["bundle"] = answer.content
        if self.bundle_file is not None:
            self.bundle_file.write_bytes(answer.content)
            self._rows({"bundle": f"{self.bundle_file} ({len(answer.content):,} bytes)"})
        self.told["verified"] = self._verify(answer.content, every_check=True)
        return answer.content

    def _import(self, number: str, bundle: bytes) -> None:
        self._chapter(5, "An importer declares; what the preference saves")
        declared = self._declare(number, bundle, "priok")
        self.told["declaration"] = declared
        table = Table(box=None, padding=(0, 2, 0, 1), header_style="dim")
        table.add_column("levy")
        for title in ("without preference", "with the eC/O"):
            table.add_column(title, justify="right")
        for levy in declared["levies"]:
            name = f"{levy['levy']:<5}{LEVIES.get(levy['levy'], '')}"
            table.add_row(name, levy["mfn_text"], levy["preferential_text"])
        self.console.print(Padding(table, (0, 0, 0, 2), expand=False))
        self._say(
            f"customs value {declared['customs_value_text']}; ",
            (f"saving {declared['saving_text']}", "bold green"),
        )

        self._chapter(6, "Customs draws the quantity down, on chain")
        self.told["draws"] = [self._draw("priok", declared["number"], "600")]
        second = self._declare(number, bundle, "perak")
        self.told["draws"].append(self._draw("perak", second["number"], "400"))
        third = self._declare(number, bundle, "one-more")
        refused = self._draw("perak", third["number"], "1", expect=409)
        self.told["overdrawn"] = refused
        self._say(("refused by the contract ", "red"), refused["detail"])

    def _revoke(self, number: str, bundle: bytes) -> None:
        self._chapter(7, "The authority revokes, with a reason")
        request = {"certificate": number, "reason": "error", "note": "Weights were mis-stated"}
        self.told["revocation"] = self._post("officer-1", "/v1/revocations", request)
        self.told["after revocation"] = self._verify(bundle)

    def _outage(self, bundle: bytes) -> None:
        self._chapter(8, "The chain node stops: an outage is UNKNOWN, never VALID or INVALID")
        self.node.stop()
        with self.console.status("waiting until what was read before is too old to be used"):
            for _ in range(FINAL_WITHIN_SECONDS * 4):
                if self._send("exporter", "/v1/verify", bundle).json()["verdict"] == "UNKNOWN":
                    break
                time.sleep(0.25)
        self.told["during outage"] = self._verify(bundle)
        self.node.start()
        for _ in range(FINAL_WITHIN_SECONDS):
            again = self._send("exporter", "/v1/verify", bundle).json()
            if again["verdict"] != "UNKNOWN":
                break
            time.sleep(1)
        self.told["after outage"] = again
        self._say("node back: verify says ", (again["verdict"], "bold"), " again, by itself")

    # ── how it speaks to the service ──

    def _declare(self, number: str, bundle: bytes, which: str) -> dict[str, Any]:
        declaration = example(f"declaration-{which}")
        declaration["number"] = _declaration_number(declaration["office"])
        declaration["declared_on"] = _day(0)
        declaration["arrival_on"] = _day(9)
        for line in declaration["lines"]:
            line["claim"]["certificate"] = number
        request = {"declaration": declaration, "proofs": [json.loads(bundle)]}
        return self._post("importer", "/v1/declarations", request)

    def _draw(
        self, port: str, declaration: str, quantity: str, expect: int = 201
    ) -> dict[str, Any]:
        request = {"declaration": declaration, "line": 1, "quantity": quantity, "unit": "KGM"}
        drawn = self._post(port, "/v1/drawdowns", request, expect=expect)
        if expect == 201:  # noqa: PLR2004 - HTTP's own number
            self._say(
                f"{drawn['office_name']}: drew {drawn['quantity_text']}, {drawn['left_text']} left "
                f"(gas {drawn['gas_used']:,}, block {drawn['block_number']})"
            )
        return drawn

    def _verify(self, bundle: bytes, *, every_check: bool = False) -> dict[str, Any]:
        answer: dict[str, Any] = self._send("exporter", "/v1/verify", bundle).json()
        checks = answer["checks"]
        passed = sum(check["outcome"] == "PASS" for check in checks)
        if not every_check:
            self._say((f"{passed} of {len(checks)} checks PASS", STYLES["PASS"]))
        shown = [check for check in checks if every_check or check["outcome"] != "PASS"]
        for reason, same in itertools.groupby(shown, lambda check: check["reason"]):
            for check in same:
                outcome = (f"{check['outcome']:<8}", STYLES[check["outcome"]])
                self._say(outcome, f"{check['step']:>2}  {check['question']}")
            if not every_check:
                self._say((reason, "dim"), indent=INDENT + 12)
        self._say("verdict ", (answer["verdict"], STYLES.get(answer["verdict"], BAD)))
        return answer

    def _post(self, who: str, path: str, body: object, expect: int = 201) -> dict[str, Any]:
        answer = self._send(who, path, json.dumps(body).encode())
        if answer.status_code != expect:
            raise StoryError(f"{path} answers {answer.status_code}, not {expect}: {answer.text}")
        document: dict[str, Any] = answer.json()
        return document

    def _send(self, who: str, path: str, body: bytes) -> httpx.Response:
        headers = {**self._headers(who), "Idempotency-Key": str(uuid.uuid4())}
        return self._client.post(path, content=body, headers=headers)

    def _headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}", "Content-Type": "application/json"}

    def _wait(self, who: str, path: str, ready: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        with self.console.status("waiting for the anchor to be final"):
            for _ in range(FINAL_WITHIN_SECONDS * 4):
                answer = self._client.get(path, headers=self._headers(who))
                answer.raise_for_status()
                document: dict[str, Any] = answer.json()
                if ready(document):
                    return document
                if not self.node.alive:
                    break
                time.sleep(0.25)
        raise StoryError(f"{path} did not become ready; it is {document['state']}")

    def _chapter(self, number: int, title: str) -> None:
        self.console.print(Text(f"\n{number}. {title}", "bold cyan"))

    def _say(self, *parts: str | tuple[str, str], indent: int = INDENT) -> None:
        """Print styled parts as one paragraph that is broken between words only."""
        text = Text.assemble(*parts)
        for number, line in enumerate(text.wrap(self.console, self._width() - indent - 2)):
            line.rstrip()
            self.console.print(Text(" " * (indent + 2 * bool(number))) + line, soft_wrap=True)

    def _reason(self, line: str) -> None:
        """Print a line of the origin engine's reasoning, as deep as it stands there."""
        words = line.lstrip()
        outcome, _, rest = words.partition(" ")
        indent = INDENT + (len(line) - len(words)) // 2
        if outcome in STYLES:
            self._say((f"{outcome} ", STYLES[outcome]), rest.lstrip(), indent=indent)
        else:
            self._say((words, "dim"), indent=indent)

    def _rows(self, rows: Mapping[str, str]) -> None:
        for name, value in rows.items():
            self._say((f"{name:<12}", "dim"), value)

    def _width(self) -> int:
        return min(self.console.width, WIDTH)


class StoryError(Exception):
    """The service answered something that the story does not expect."""


_sequence = itertools.count(int(time.time() * 1000) % 1_000_000)


def _day(after: int) -> str:
    """Return the legal date ``after`` days from today, as the service reckons it: in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + after * SECONDS_OF_A_DAY))


def _declaration_number(office: str) -> str:
    """Return a new submission number: office 4, document 2, company 6, date 8, sequence 6."""
    today = time.strftime("%Y%m%d", time.gmtime())
    return f"{office[:4]}20TULEND{today}{next(_sequence) % 1_000_000:06d}"
