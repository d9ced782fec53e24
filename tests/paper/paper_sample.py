"""Certificates on every form, and a certification authority of the tests' own."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certificate_sample import ISSUED_ON, document, issued
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from tulen.certificate import Bundle
from tulen.certificate.forms import form_of, load_forms
from tulen.values import AgreementCode, FormCode

PUBLIC_URL = "https://certificates.example"
PASSPHRASE = b"correct horse"
FORMS = sorted(load_forms())


def on_form(agreement: AgreementCode, code: FormCode, lines: int = 2, **change: Any) -> Bundle:  # noqa: ANN401 - JSON
    """Return the sample's bundle on another form, with a criterion that this form knows."""
    sample = document()["lines"]
    criteria = form_of(agreement, code).on(ISSUED_ON).value.criteria
    goods = [
        {
            **sample[number % len(sample)],
            "line": number + 1,
            "description": f"Sweet butter biscuits, kind {number + 1}",
            **({"criterion": criteria.codes[0].texts[0]} if criteria else {}),
        }
        for number in range(lines)
    ]
    return issued({"agreement": agreement, "form": code, "lines": goods, **change})


@dataclass(frozen=True)
class Authority:
    """A certification authority with a signer.

    Attributes:
        key: PKCS#12 file of the signer.
        roots: PEM file of the authority.
    """

    key: Path
    roots: Path


def authority(folder: Path, name: str) -> Authority:
    """Make an authority and a signer in ``folder``."""
    folder.mkdir()
    above, below = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certified(f"{name} root", above, f"{name} root", above, root=True)
    signer = _certified(name, below, f"{name} root", above, root=False)
    sealed = pkcs12.serialize_key_and_certificates(
        b"paper", below, signer, [root], serialization.BestAvailableEncryption(PASSPHRASE)
    )
    made = Authority(folder / "paper.p12", folder / "roots.pem")
    made.key.write_bytes(sealed)
    made.roots.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    return made


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certified(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    by: ec.EllipticCurvePrivateKey,
    *,
    root: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not root,
        content_commitment=not root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=root,
        crl_sign=root,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.BasicConstraints(root, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
        .sign(by, hashes.SHA256())
    )
