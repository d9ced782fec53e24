"""What a credential says: the certificate's disclosed claims, and how UNTP says the same.

`certificateOfOrigin` holds the certificate's JSON form, as far as it is disclosed, under its own
names. Where enough is disclosed, the subject is a UNTP Digital Conformity Credential too
(docs/specs/credential.md maps the members).
"""

from collections.abc import Mapping
from typing import Any, Final

from tulen.certificate.presentation import Presentation
from tulen.errors import InvalidInputError
from tulen.values import Digest
from tulen.values.fields import Document, Scalar

SUBJECT_URN: Final = "urn:tulen:certificate:"
UNTP_CONTEXT: Final = "https://test.uncefact.org/vocabulary/untp/dcc/0.6.0/"
UNTP_TYPE: Final = "DigitalConformityCredential"
CERTIFICATE_TYPE: Final = "CertificateOfOrigin"
TOPIC: Final = "governance.compliance"
"""The topic of UNTP's list that rules of origin come under."""

_NEEDED: Final = ("/number", "/agreement", "/exporter/name")


def subject_of(presentation: Presentation, digest: Digest) -> Document:
    """Return the ``credentialSubject`` for what ``presentation`` discloses.

    Args:
        presentation: The certificate, in full or redacted.
        digest: Its digest.

    Raises:
        InvalidInputError: a redacted certificate discloses what no certificate says.
    """
    disclosed = tree_of(presentation.claims)
    subject: Document = {
        "id": f"{SUBJECT_URN}{digest.hex()}",
        "type": [CERTIFICATE_TYPE],
        "certificateOfOrigin": disclosed,
    }
    if is_conformity(presentation.claims):
        subject["type"] += ["ConformityAttestation", "Attestation"]
        subject |= _conformity(subject["id"], disclosed)
    return subject


def is_conformity(claims: Mapping[str, Scalar]) -> bool:
    """Return whether ``claims`` hold what UNTP requires of a conformity attestation."""
    return all(pointer in claims for pointer in _NEEDED) and any(
        pointer.startswith("/lines/") and pointer.endswith("/criterion") for pointer in claims
    )


def tree_of(claims: Mapping[str, Scalar]) -> Document:
    """Return the document that ``claims`` are of, by JSON pointer, without what they leave out.

    An array keeps the order of its elements and loses the places of those that are left out.

    Raises:
        InvalidInputError: one claim stands below another, which no document has.
    """
    root: dict[str, Any] = {}
    for pointer, value in claims.items():
        *steps, last = (
            step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")
        )
        node: Any = root
        for step in steps:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise InvalidInputError(pointer, value, "stands below another claim")
        if last in node:
            raise InvalidInputError(pointer, value, "stands above another claim")
        node[last] = value
    return {name: _with_arrays(value) for name, value in root.items()}


def _with_arrays(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return ``value`` with each object that has only numbers for names as an array."""
    if not isinstance(value, dict):
        return value
    if all(name.isdecimal() for name in value):
        return [_with_arrays(value[name]) for name in sorted(value, key=int)]
    return {name: _with_arrays(item) for name, item in value.items()}


def _conformity(identifier: str, disclosed: Document) -> Document:
    """Return the members of a UNTP ConformityAttestation, version 0.6.0."""
    exporter = disclosed["exporter"]
    return {
        "name": f"Certificate of origin {disclosed['number']} under {disclosed['agreement']}",
        "assessorLevel": "3rdParty",
        "assessmentLevel": "GovtApproval",
        "attestationType": "certification",
        "issuedToParty": {"id": f"{identifier}#exporter", "name": exporter["name"]},
        "assessment": [
            _assessment(identifier, disclosed, line)
            for line in disclosed["lines"]
            if "criterion" in line
        ],
    }


def _assessment(identifier: str, disclosed: Document, line: Document) -> Document:
    """Return that one goods line originates, as UNTP says that a product conforms."""
    name = f"{identifier}#line-{line['line']}" if "line" in line else identifier
    assessment: Document = {
        "type": ["ConformityAssessment", "Declaration"],
        "id": name,
        "name": f"Originates under {disclosed['agreement']}: {line['criterion']}",
        "conformance": True,
        "conformityTopic": TOPIC,
    }
    if "judged_on" in line.get("origin", {}):
        assessment["assessmentDate"] = line["origin"]["judged_on"]
    if "description" in line:
        product = {"id": f"{name}-product", "name": line["description"]}
        assessment["assessedProduct"] = [{"product": product, "IDverifiedByCAB": False}]
    return assessment
