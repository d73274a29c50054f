"""The secrets of a story, in all the forms in which they may turn up somewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

#: What makes encodings differ from the text, and breaks careless quoting.
SPECIAL = "+/ä \"\\%'"

#: A private key in PEM. The marks alone stand in every program that reads such keys.
PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:\\[rn]|[\r\n])+[A-Za-z0-9+/=]{24}")


def new_password() -> str:
    """A password that nobody has had before."""
    return f"{secrets.token_hex(8)}{SPECIAL}{secrets.token_hex(8)}"


@dataclass(frozen=True)
class Secret:
    """Bytes that must not turn up, and what people call them."""

    name: str
    value: bytes
    #: Not where whoever uses it has to have it, see ``Ledger.look``.
    tolerable: bool = True

    def forms(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each form. Base64 is looked for at each of the three places it can begin at."""
        yield "raw", self.value
        for place in range(3):
            # Of the first and last group, bits belong to what stands beside it.
            encoded = base64.b64encode(b"\0" * place + self.value)
            middle = encoded[4 if place else 0 : -4]
            yield f"base64 at {place}", middle
            yield f"base64url at {place}", middle.replace(b"+", b"-").replace(b"/", b"_")
        yield "hex", self.value.hex().encode()
        yield "HEX", self.value.hex().upper().encode()
        yield "hex, escaped", "".join(f"\\x{byte:02x}" for byte in self.value).encode()
        yield "reversed", self.value[::-1]
        try:
            text = self.value.decode()
        except UnicodeDecodeError:
            return
        yield "UTF-16", text.encode("utf-16-le")
        # As the wide strings of compilers and of Python.
        yield "UTF-32", text.encode("utf-32-le")
        yield "URL", quote(text, safe="").encode()
        yield "form", quote_plus(text).encode()
        yield "JSON", json.dumps(text)[1:-1].encode()
        yield "JSON in UTF-8", json.dumps(text, ensure_ascii=False)[1:-1].encode()
        yield "JSON in JSON", json.dumps(json.dumps(text))[3:-3].encode()
        yield "repr", repr(text)[1:-1].encode()
        yield "latin-1", text.encode("latin-1", "replace")


class Treasure:
    """All secrets of a story. What is looked at before one is added is not searched for that one."""

    def __init__(self) -> None:
        self.secrets: list[Secret] = []
        self._forms: dict[bytes, tuple[Secret, str]] = {}

    def add(self, name: str, value: str | bytes, *, tolerable: bool = True) -> None:
        """Something that must not turn up."""
        secret = Secret(name, value.encode() if isinstance(value, str) else value, tolerable)
        self.secrets.append(secret)
        for form, text in secret.forms():
            assert len(text) >= 12, f"{name} as {form} is too short to be sure"
            self._forms.setdefault(text, (secret, form))

    def password(self, name: str) -> str:
        """A new password that must not turn up."""
        value = new_password()
        self.add(name, value)
        return value

    def key_file(self, name: str, pem: str) -> None:
        """The private key in a PEM file: its text, and its secret bytes."""
        lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
        body = base64.b64decode("".join(lines))
        if "OPENSSH" in pem:
            self.add(f"{name}: seed", ed25519_seed(body), tolerable=False)
            # The first lines are of the public key, which is no secret.
            self.add(f"{name}: text", "".join(lines)[-120:-60], tolerable=False)
            return
        # A certificate has the modulus, which is in the first third of the key's bytes.
        self.add(f"{name}: bytes", body[len(body) // 2 : len(body) // 2 + 48])
        self.add(f"{name}: text", lines[len(lines) // 2])

    def find(self, data: bytes | bytearray | memoryview, but: frozenset[str]) -> Iterator[tuple[str, str]]:
        """Name and form of each secret in ``data``, except those named in ``but``."""
        haystack = data if isinstance(data, (bytes, bytearray)) else bytes(data)
        for text, (secret, form) in self._forms.items():
            if secret.name not in but and haystack.find(text) >= 0:
                yield secret.name, form
        if "any private key" not in but and PRIVATE_KEY.search(haystack):
            yield "any private key", "PEM"

    def names(self, *prefixes: str) -> frozenset[str]:
        """Names of the secrets that begin so and that may be where their user is."""
        return frozenset(
            secret.name for secret in self.secrets if secret.tolerable and secret.name.startswith(prefixes)
        )


def ed25519_seed(body: bytes) -> bytes:
    """The 32 bytes that an unencrypted ``openssh-key-v1`` file keeps secret."""
    marker = b"\0\0\0\x40"
    at = body.rindex(marker) + len(marker)
    seed = body[at : at + 32]
    assert len(hashlib.sha256(seed).digest()) == len(seed) == 32
    return seed
