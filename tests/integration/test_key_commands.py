"""``underpass key`` and ``underpass vault``, as somebody at a terminal or a script uses them."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml

from tests.servers import PrivateNetwork
from tests.terminal import finish, terminal
from tests.workspace import PROGRAMS, Workspace

PASSPHRASE = "open sesame"
# Anything that somebody typed.
ODD_USER = 'a "b" ${path} %{if} \\ é \x85 \u2028 \x7f!'
KEYRING = (
    'printf "password of the login keyring" | gnome-keyring-daemon --unlock --components=secrets >/dev/null'
)


def add_tunnel(workspace: Workspace, name: str, host: str, user: str, remote: str, port: int = 22) -> None:
    fields = {
        "sshHost": host,
        "sshPort": str(port),
        "sshUser": user,
        "remoteHost": remote,
        "remotePort": "80",
    }
    workspace.result(
        *("integration", "add", "--type", "ssh-tunnel", "--name", name),
        *(part for field, value in fields.items() for part in ("--set", f"{field}={value}")),
    )


def key_file(folder: Path, passphrase: str = "") -> Path:
    path = folder / "their key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path], check=True)
    return path


def public_key(path: Path) -> str:
    return Path(f"{path}.pub").read_text().strip()


@pytest.fixture
def two_bastions(empty_workspace: Workspace) -> Workspace:
    add_tunnel(empty_workspace, "One", "east.example.org", "tunnel", "api")
    add_tunnel(empty_workspace, "Two", "west.example.org", ODD_USER, "fd00::7")
    return empty_workspace


def test_the_texts_for_cloud_init_and_terraform_say_the_line_and_the_user(two_bastions: Workspace) -> None:
    shown = two_bastions.result("key", "show")
    users = [bastion["user"] for bastion in shown["bastions"]]
    assert users == ["tunnel", ODD_USER]
    for bastion, host in zip(shown["bastions"], ("east.example.org", "west.example.org"), strict=True):
        arguments = ("key", "show", "--bastion", host, "--format")
        line = two_bastions.underpass(*arguments, "line").stdout
        assert line == bastion["authorizedKeys"] + "\n"

        text = two_bastions.underpass(*arguments, "cloud-init").stdout
        assert text.startswith("#cloud-config\n")
        assert yaml.safe_load(text) == {
            "users": ["default", {"name": bastion["user"], "ssh_authorized_keys": [line.strip()]}]
        }

        text = two_bastions.underpass(*arguments, "terraform").stdout
        (values,) = hcl2.loads(text)["locals"]
        (quoted,) = [value for name, value in values.items() if name.endswith("_authorized_keys")]
        assert unquoted(quoted) == line.strip()


def test_the_terraform_text_of_all_bastions_gives_each_a_name_of_its_own(empty_workspace: Workspace) -> None:
    hosts = ("db-a", "db.a", "бд", "вг")
    for number, host in enumerate(hosts):
        add_tunnel(empty_workspace, f"Tunnel {number}", host, "tunnel", "api")
    add_tunnel(empty_workspace, "Other port", "db-a", "tunnel", "api", port=2222)
    text = empty_workspace.underpass("key", "show", "--format", "terraform").stdout
    names = [name for values in hcl2.loads(text)["locals"] for name in values if not name.startswith("__")]
    assert len(names) == 2 * 5
    assert len(set(names)) == len(names), names


def test_a_cloud_init_document_is_for_one_machine(two_bastions: Workspace) -> None:
    failure = two_bastions.failure("key", "show", "--format", "cloud-init")
    assert "tunnel@east.example.org:22" in failure["fix"]


def unquoted(literal: str) -> str:
    """What HCL makes of a literal string: JSON's escapes, and templates that were doubled."""
    return str(json.loads(literal)).replace("$${", "${").replace("%%{", "%{")


def test_a_bastion_that_nothing_uses_is_refused_with_those_that_are_used(two_bastions: Workspace) -> None:
    failure = two_bastions.failure("key", "show", "--bastion", "north.example.org")
    assert "tunnel@east.example.org:22" in failure["fix"]
    shown = two_bastions.result("key", "show", "--bastion", "tunnel@east.example.org")
    assert [bastion["integrations"] for bastion in shown["bastions"]] == [["One"]]


def test_a_key_with_a_passphrase_is_imported_at_a_terminal(empty_workspace: Workspace) -> None:
    path = key_file(empty_workspace.project, PASSPHRASE)
    with terminal(empty_workspace, "key", "import", str(path)) as person:
        person.expect("Passphrase:")
        person.sendline("wrong")
        person.expect("Wrong. Passphrase:")
        person.sendline(PASSPHRASE)
        code, said = finish(person)
    assert code == 0, said
    assert PASSPHRASE not in said
    shown = empty_workspace.result("key", "show")
    assert (shown["publicKey"], shown["source"]) == (public_key(path), "imported")


def test_a_script_imports_a_key_from_stdin_or_with_a_file_for_the_passphrase(
    empty_workspace: Workspace,
) -> None:
    path = key_file(empty_workspace.project, PASSPHRASE)
    failure = empty_workspace.failure("key", "import", str(path))
    assert failure["code"] == "key-passphrase"
    word = empty_workspace.project / "word"
    word.write_text(f"{PASSPHRASE}\n")
    empty_workspace.result("key", "import", "-", "--passphrase-file", str(word), stdin=path.read_text())
    assert empty_workspace.result("key", "show")["publicKey"] == public_key(path)


def test_the_private_key_is_written_to_a_new_file_of_its_owner_alone(empty_workspace: Workspace) -> None:
    path = empty_workspace.project / "exported"
    old_mask = os.umask(0)
    try:
        empty_workspace.result("key", "export", str(path))
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = subprocess.run(["ssh-keygen", "-y", "-f", path], capture_output=True, text=True, check=True)
    assert read.stdout.strip() == empty_workspace.result("key", "show")["publicKey"]
    before = path.read_text()
    assert empty_workspace.failure("key", "export", str(path))["code"] == "storage-failed"
    assert path.read_text() == before


def test_the_private_key_is_shown_at_a_terminal_only_when_that_is_asked_for(
    empty_workspace: Workspace,
) -> None:
    with terminal(empty_workspace, "key", "export") as person:
        code, said = finish(person)
    assert code == 1
    assert "PRIVATE KEY-----" not in said
    with terminal(empty_workspace, "key", "export", "--stdout") as person:
        code, shown = finish(person)
    piped = empty_workspace.underpass("key", "export").stdout
    assert piped.startswith("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert (code, shown) == (0, piped)


def test_openssh_forwards_with_the_exported_key_and_can_do_nothing_else(
    network: PrivateNetwork, workspace: Workspace
) -> None:
    path = workspace.project / "exported"
    workspace.result("key", "export", str(path))
    bastion = network.bastion.description

    def ssh(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *("ssh", "-F", "none", "-i", path, "-p", str(bastion["port"]), "-o", "BatchMode=yes"),
                *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
                *(f"{bastion['user']}@{bastion['host']}", *arguments),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert ssh("-W", "db.internal:5432").returncode == 0
    assert ssh("-W", "db.internal:22").returncode == 255
    command = ssh("echo", "reached")
    assert (command.returncode, command.stdout) == (1, "")


def under_session_bus(workspace: Workspace, *commands: str) -> list[Any]:
    """Run commands on a bus of their own with an unlocked GNOME Keyring; gives what each printed as JSON."""
    underpass = shlex.quote(str(PROGRAMS / "underpass"))
    script = "; ".join(
        [
            "set -e",
            KEYRING,
            *(f"{underpass} --json {command} > {number}.json" for number, command in enumerate(commands)),
        ]
    )
    environment = {
        **workspace.environment,
        "HOME": str(workspace.project),
        "XDG_DATA_HOME": str(workspace.project / "data"),
        "XDG_RUNTIME_DIR": str(workspace.runtime),
    }
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    finished = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script],
        cwd=workspace.project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return [json.loads((workspace.project / f"{n}.json").read_text() or "null") for n in range(len(commands))]


def test_the_master_key_moves_into_the_keyring_and_back_across_restarts_of_the_service(
    empty_workspace: Workspace,
) -> None:
    before = empty_workspace.result("key", "show")["fingerprint"]
    empty_workspace.result("stop")
    moved, _, status, _, shown, back = under_session_bus(
        empty_workspace, "vault keep keyring", "stop", "vault status", "stop", "key show", "vault keep file"
    )
    assert moved["keeper"] == status["keeper"] == "keyring"
    assert (moved["secrets"], status["unreadable"]) == (1, 0)
    assert shown["fingerprint"] == before
    assert back["keeper"] == "file"
    empty_workspace.result("stop")
    assert empty_workspace.result("key", "show")["fingerprint"] == before


def test_without_the_keyring_what_needs_no_secret_works_and_the_rest_says_why(
    empty_workspace: Workspace,
) -> None:
    add_tunnel(empty_workspace, "One", "east.example.org", "tunnel", "api")
    empty_workspace.result("key", "show")
    empty_workspace.result("stop")
    under_session_bus(empty_workspace, "vault keep keyring", "stop")
    environment = empty_workspace.environment
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY"):
        environment.pop(name, None)
    environment["XDG_RUNTIME_DIR"] = str(empty_workspace.project)
    assert [found["name"] for found in empty_workspace.result("integration", "list")] == ["One"]
    assert empty_workspace.result("vault", "status")["keeper"] == "keyring"
    assert empty_workspace.failure("key", "show")["code"] == "keyring-unavailable"
    lost = empty_workspace.result("vault", "keep", "file", "--lost")
    assert (lost["keeper"], lost["unreadable"]) == ("file", 1)
    assert empty_workspace.failure("key", "show")["code"] == "secret-unreadable"
    assert empty_workspace.result("key", "rotate")["source"] == "made"
