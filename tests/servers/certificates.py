"""Certificates for the servers, made anew for each network: right ones and flawed ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: What a client in the mode strict has to find out.
Flaw = Literal["wrong-ca", "wrong-name", "expired"]

WRONG_NAME = "elsewhere.internal"
VALID = timedelta(days=30)


@dataclass(frozen=True)
class Certificate:
    """Paths of PEM files. ``authority`` is the one that the other side is told to trust."""

    authority: Path
    certificate: Path
    key: Path


class Authority:
    """A certificate authority, new, with its files in ``folder``."""

    def __init__(self, folder: Path, name: str = "Private network test CA") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = _new_key()
        self.certificate = folder / "ca.crt"
        now = datetime.now(timezone.utc)
        signed = (
            _builder(self._name, self._name, self._key, now - VALID, now + VALID)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_SIGNS, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def server(self, host: str, flaw: Flaw | None = None) -> Certificate:
        """A certificate for ``host`` (no address, no other name), with at most one flaw; made once."""
        folder = self._folder / f"{host}-{flaw or 'right'}"
        if flaw == "wrong-ca":
            made = folder / "other" / f"{host}-right"
            if not made.exists():
                Authority(folder / "other", "Another CA").server(host)
            return Certificate(self.certificate, made / "certificate.crt", made / "certificate.key")
        name = WRONG_NAME if flaw == "wrong-name" else host
        return self._make(folder, name, ExtendedKeyUsageOID.SERVER_AUTH, expired=flaw == "expired")

    def client(self, user: str) -> Certificate:
        """A certificate that ``user`` logs in with."""
        return self._make(self._folder / f"client-{user}", user, ExtendedKeyUsageOID.CLIENT_AUTH)

    def _make(
        self, folder: Path, name: str, usage: x509.ObjectIdentifier, *, expired: bool = False
    ) -> Certificate:
        made = Certificate(self.certificate, folder / "certificate.crt", folder / "certificate.key")
        if folder.exists():
            return made
        folder.mkdir()
        key = _new_key()
        end = datetime.now(timezone.utc) + (-timedelta(days=1) if expired else VALID)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signed = (
            _builder(subject, self._name, key, end - VALID - VALID / 2, end)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        made.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        made.key.touch(mode=0o600)
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return made


_SIGNS = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _new_key() -> rsa.RSAPrivateKey:
    # RSA: not all of the servers read other keys.
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
