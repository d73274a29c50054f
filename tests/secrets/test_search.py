"""The search finds what it is to find: a search that finds nothing proves nothing else."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from tests.secrets.files import Watch
from tests.secrets.ledger import PIECE, Ledger
from tests.secrets.memory import look_into_memory
from tests.secrets.processes import Executions, Processes
from tests.secrets.treasure import ANY_KEY, MANY, Treasure
from tests.servers.certificates import Authority

PADDING = [b"", b"\0" * MANY]


@pytest.fixture
def treasure() -> Treasure:
    return Treasure()


def names(treasure: Treasure, data: bytes, but: tuple[str, ...] = ()) -> set[str]:
    return {name for name, _ in treasure.find(data, but)}


@pytest.mark.parametrize("padding", PADDING, ids=["little", "much"])
def test_a_password_is_found_in_every_form(treasure: Treasure, padding: bytes) -> None:
    password = treasure.password("mine")
    treasure.password("another")
    beside = f"user=me password={password}; more"
    forms = {
        "as it is": beside.encode(),
        "cut off": beside[: len(password) // 2 + 20].encode(),
        "base64": base64.b64encode(beside.encode()),
        "base64 of Basic": base64.urlsafe_b64encode(f"me:{password}".encode()),
        "hex": beside.encode().hex().encode(),
        "URL": quote_plus(beside).encode(),
        "JSON": json.dumps({"a": beside}).encode(),
        "JSON in JSON": json.dumps(json.dumps({"a": beside})).encode(),
        "UTF-16": beside.encode("utf-16"),
        "repr": repr(beside.encode()).encode(),
        "reversed": beside.encode()[::-1],
    }
    for form, data in forms.items():
        assert names(treasure, padding + data + padding) == {"mine"}, form
        assert names(treasure, padding + data, ("mine",)) == set()
    assert names(treasure, padding + b"user=me password=********") == set()


@pytest.mark.parametrize("padding", PADDING, ids=["little", "much"])
def test_a_private_key_is_found_by_its_text_and_by_its_bytes(
    treasure: Treasure, padding: bytes, tmp_path: Path
) -> None:
    made = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(made)], check=True)
    pem = made.read_text()
    treasure.key_file("ssh", pem)
    body = base64.b64decode("".join(pem.splitlines()[1:-1]))
    public = made.with_suffix(".pub").read_bytes()
    seed = body[body.rindex(b"\0\0\0\x40") + 4 :][:32]
    for data in (
        pem.encode(),
        body,
        seed,
        seed.hex().encode(),
        base64.b64encode(seed),
        json.dumps(pem).encode(),
    ):
        assert "ssh: seed" in names(treasure, padding + data)
    assert names(treasure, padding + public) == set()
    client = Authority(tmp_path / "authority").client("me")
    treasure.key_file("client", client.key.read_text())
    assert {"client: a line"} <= names(treasure, padding + client.key.read_bytes())
    assert names(treasure, padding + client.certificate.read_bytes()) == set()


def test_a_private_key_that_nobody_knows_is_found_by_its_marks(treasure: Treasure, tmp_path: Path) -> None:
    key = Authority(tmp_path).client("me").key.read_text()
    assert names(treasure, key.encode()) == {ANY_KEY}
    assert names(treasure, json.dumps({"clientKey": key}).encode()) == {ANY_KEY}
    assert names(treasure, b"if '-----BEGIN PRIVATE KEY-----' in text:\n    return True") == set()


def test_a_canary_that_is_not_found_is_told(treasure: Treasure, tmp_path: Path) -> None:
    ledger = Ledger(treasure)
    (tmp_path / "file").write_bytes(b"\0" * (PIECE - 10) + ledger.canary("files").encode())
    ledger.canary("walls")
    ledger.look_below("files", tmp_path)
    ledger.look("walls", "north", b"nothing")
    assert ledger.unseen() == ["walls"]
    assert ledger.counts["files"].things == 2


def test_what_is_found_is_told_with_its_place(treasure: Treasure) -> None:
    ledger = Ledger(treasure)
    ledger.look("walls", "north", treasure.password("mine").encode())
    assert "FOUND mine (as it is) in walls: north" in str(ledger)


def test_programs_and_files_that_live_for_a_moment_are_seen(treasure: Treasure, tmp_path: Path) -> None:
    ledger = Ledger(treasure)
    executions = Executions(tmp_path / "executions")
    (tmp_path / "own").mkdir()
    words = {kind: treasure.password(kind) for kind in ("argument", "variable", "file", "of the parent")}
    script = """
        WORD="$3" /bin/true; /bin/true "$2"
        mkdir own/a; echo "$1" > own/a/b; sleep 0.3; rm -r own/a
    """
    arguments = [words["file"], words["argument"], words["variable"]]
    with Watch([tmp_path / "own"], []) as watch, Processes() as processes:
        subprocess.run(
            executions.traced(["sh", "-c", script, "sh", *arguments]),
            cwd=tmp_path,
            check=True,
            env={"PATH": "/usr/bin:/bin", "OWN": words["of the parent"]},
        )
    executions.look(ledger, "programs")
    assert {secret for _, _, secret, _ in ledger.findings} == set(words)
    watch.look(ledger, "files")
    assert ("files", str(tmp_path / "own" / "a" / "b"), "file", "as it is") in ledger.findings
    processes.look(ledger)
    assert {"command lines", "environments"} <= {kind for kind, *_ in ledger.findings}


def test_the_memory_of_a_process_is_seen(treasure: Treasure) -> None:
    ledger = Ledger(treasure)
    password = treasure.password("mine")
    script = "import sys; word = sys.stdin.readline(); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        ["python3", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{password}\n".encode())
        process.stdin.flush()
        process.stdout.readline()
        look_into_memory(ledger, "memory", process.pid, ())
        process.stdin.close()
    assert {secret for _, _, secret, _ in ledger.findings} == {"mine"}
