"""The private network itself, as root and as anybody."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import SSL_REQUEST
from tests.servers import PrivateNetwork
from tests.servers.namespace import HOSTS

SERVERS = Path(__file__).parent / "servers"


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user of the machine can enter, unlike ``tmp_path``."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@pytest.mark.parametrize("host", HOSTS)
def test_names_of_the_private_network_do_not_resolve_outside(network: PrivateNetwork, host: str) -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(host, None)


@pytest.mark.parametrize("address", [HOSTS["db.internal"], None])
def test_the_database_can_not_be_dialled_from_outside(network: PrivateNetwork, address: str | None) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address or network.bastion.host, 5432), timeout=10)


def test_a_user_who_is_not_root_gets_the_same_network(public_folder: Path) -> None:
    shutil.copytree(SERVERS, public_folder / "tests" / "servers")
    as_user, python = [], sys.executable
    if os.geteuid() == 0:
        account = pwd.getpwnam("daemon")
        as_user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        # Our own interpreter may lie where only root can go.
        python = "/usr/bin/python3"

    def servers(command: str) -> str:
        state = str(public_folder / "state")
        return subprocess.run(
            [*as_user, python, "-m", "tests.servers", command, "--state", state],
            cwd=public_folder,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    description = json.loads(servers("start"))
    try:
        bastion = description["bastion"]
        key = public_folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        Path(bastion["authorizedKeysFile"]).write_text(key.with_suffix(".pub").read_text())
        host_key = next((public_folder / "state").rglob("host_key.pub")).read_text()
        known_hosts = public_folder / "known_hosts"
        known_hosts.write_text(f"[{bastion['host']}]:{bastion['port']} {host_key}")
        ssh = ["ssh", "-F", "none", "-i", str(key), "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR"]
        ssh += ["-o", f"UserKnownHostsFile={known_hosts}", "-o", "IdentitiesOnly=yes"]
        ssh += ["-p", str(bastion["port"])]
        answer = subprocess.run(
            [*ssh, "-W", "db.internal:5432", f"{bastion['user']}@{bastion['host']}"],
            input=SSL_REQUEST,
            stdout=subprocess.PIPE,
            timeout=30,
            check=False,
        ).stdout
        assert answer == b"S"
        assert Path(bastion["log"]).read_text().count("Accepted publickey for") == 1
    finally:
        servers("stop")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((bastion["host"], bastion["port"]), timeout=10)
