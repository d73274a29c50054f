"""The secrets of a story, in all the forms in which they may turn up somewhere."""

from __future__ import annotations

import base64
import os
import re
import secrets
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass

#: What makes encodings differ from the text, and breaks careless quoting.
SPECIAL = "+/ä \"\\%'"

#: A private key in PEM. The marks alone stand in every program that reads such keys.
PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:\\[rn]|[\r\n])+[A-Za-z0-9+/=]{24}")
#: What ``find`` calls one that is not known by a name.
ANY_KEY = "any private key"

#: Bytes from which on a program is started to search, as it is many times faster.
MANY = 1024 * 1024
#: Shorter needles might be found by chance.
SHORTEST = 8


@dataclass(frozen=True)
class Secret:
    """Something that must not turn up; each of its parts stands for the whole."""

    name: str
    parts: tuple[bytes, ...]
    #: Those who use it have to have it, see ``Ledger.look``.
    tolerable: bool

    def needles(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each form; without line feeds, at which the search ends a needle."""
        for part in self.parts:
            for form, text in forms(part):
                needle = max(text.split(b"\n"), key=len)
                if len(needle) >= SHORTEST:
                    yield form, needle


def forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    """Value itself, and how it looks when it was encoded, alone or together with what stands beside it."""
    yield "as it is", value
    yield "reversed", value[::-1]
    yield "hex", value.hex().encode()
    yield "hex in capitals", value.hex().upper().encode()
    yield "hex, escaped", "".join(f"\\x{byte:02x}" for byte in value).encode()
    for place in range(3):
        # Of the first and the last group, some bits belong to a neighbour.
        encoded = base64.b64encode(b"\0" * place + value)[4 if place else 0 : -4]
        yield f"base64 at {place}", encoded
        yield f"base64url at {place}", encoded.replace(b"+", b"-").replace(b"/", b"_")
    if value.isascii():
        text = value.decode()
        yield "UTF-16", text.encode("utf-16-le")
        yield "UTF-32", text.encode("utf-32-le")


class Treasure:
    """All secrets of a story. What is looked at before one is added is not searched for that one."""

    def __init__(self) -> None:
        self.secrets: list[Secret] = []
        self._needles: dict[bytes, tuple[str, str]] = {}

    def add(self, name: str, *parts: bytes, tolerable: bool = True) -> None:
        """Something that must not turn up."""
        secret = Secret(name, parts, tolerable)
        self.secrets.append(secret)
        for form, needle in secret.needles():
            self._needles.setdefault(needle, (name, form))

    def password(self, name: str) -> str:
        """A password that nobody has had before.

        Each of its ends is looked for: they are letters and digits, which quoting leaves as they are.
        """
        ends = secrets.token_hex(8), secrets.token_hex(8)
        self.add(name, *(end.encode() for end in ends))
        return SPECIAL.join(ends)

    def key_file(self, name: str, pem: str) -> None:
        """The private key in a PEM file: its text, and its secret bytes."""
        lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
        body = base64.b64decode("".join(lines))
        if "OPENSSH" in pem:
            seed = ed25519_seed(body)
            # Halves, as the text of the file is cut into lines: one of them is whole.
            self.add(f"{name}: seed", seed, seed[:16], seed[16:], tolerable=False)
        else:
            # The modulus, which a certificate has as well, is in the first third.
            self.add(f"{name}: bytes", body[len(body) // 2 :][:48])
            self.add(f"{name}: a line", lines[len(lines) // 2].encode())

    def find(self, data: bytes, but: Collection[str] = ()) -> Iterator[tuple[str, str]]:
        """Name and form of each secret in ``data``, except those named in ``but``."""
        for needle in found(self._needles, data):
            name, form = self._needles[needle]
            if name not in but:
                yield name, form
        if ANY_KEY not in but and PRIVATE_KEY.search(data):
            yield ANY_KEY, "PEM"

    def names(self, *prefixes: str) -> frozenset[str]:
        """Names of the secrets that begin so and that may be where their user is."""
        return frozenset(
            secret.name for secret in self.secrets if secret.tolerable and secret.name.startswith(prefixes)
        )


def found(needles: Collection[bytes], data: bytes) -> set[bytes]:
    """Those that are in ``data``."""
    if len(data) < MANY or not needles:
        return {needle for needle in needles if needle in data}
    # Not a file with a name: others look for what they find in such.
    with os.fdopen(os.memfd_create("needles"), "wb", buffering=0) as patterns:
        patterns.write(b"\n".join(needles))
        finished = subprocess.run(
            # It is no text, and what was found is printed.
            ["grep", "--text", "--only-matching", "--fixed-strings", f"--file=/dev/fd/{patterns.fileno()}"],
            input=data,
            capture_output=True,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            pass_fds=[patterns.fileno()],
        )
    assert finished.returncode in (0, 1), finished.stderr
    return set(needles) & set(finished.stdout.split(b"\n"))


def ed25519_seed(body: bytes) -> bytes:
    """The 32 bytes that an unencrypted ``openssh-key-v1`` file keeps secret."""
    marker = b"\0\0\0\x40"
    at = body.rindex(marker) + len(marker)
    seed = body[at : at + 32]
    assert len(seed) == 32
    return seed
