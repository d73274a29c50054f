"""Certificates for the servers: one certificate authority, one server certificate for each host name."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ServerCertificate:
    """Paths of PEM files."""

    authority: Path
    certificate: Path
    key: Path


def issue(folder: Path, host: str) -> ServerCertificate:
    """Make a new authority and have it certify ``host`` (and no address, no other name)."""
    authority, authority_key = folder / "ca.crt", folder / "ca.key"
    certificate, key = folder / f"{host}.crt", folder / f"{host}.key"
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-x509"]
    _openssl(
        *new_key,
        *("-subj", "/CN=Private network test CA", "-keyout", authority_key, "-out", authority),
        *("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"),
    )
    _openssl(
        *new_key,
        *("-CA", authority, "-CAkey", authority_key),
        *("-subj", f"/CN={host}", "-keyout", key, "-out", certificate),
        *("-addext", f"subjectAltName=DNS:{host}", "-addext", "basicConstraints=critical,CA:FALSE"),
        *("-addext", "extendedKeyUsage=serverAuth"),
    )
    key.chmod(0o600)
    authority_key.unlink()
    return ServerCertificate(authority, certificate, key)


def _openssl(*arguments: str | Path) -> None:
    finished = subprocess.run(
        ["openssl", "req", *map(str, arguments)], check=False, capture_output=True, text=True
    )
    if finished.returncode != 0:
        raise RuntimeError(finished.stderr)
