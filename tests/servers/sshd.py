"""The bastion: OpenSSH with a configuration and host key of its own. Key login only, forwarding only."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import TypedDict

from .namespace import Namespace
from .process import ServerProcess, children

PORT = 2222

CONFIGURATION = """\
ListenAddress {address}
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
AuthenticationMethods publickey
PermitRootLogin prohibit-password
# The folder may lie below /tmp, which is writable for everybody.
StrictModes no
UsePAM no
UseDNS no
LogLevel VERBOSE
AllowTcpForwarding local
AllowAgentForwarding no
X11Forwarding no
PermitTTY no
ForceCommand /bin/false
MaxSessions 100
MaxStartups 200
"""


class BastionDescription(TypedDict):
    """What a client needs; ``authorizedKeysFile`` is writable, ``log`` has a line for every login."""

    host: str
    port: int
    user: str
    authorizedKeysFile: str
    hostKeyFingerprint: str
    log: str


class Bastion:
    """sshd in the namespace, reachable from outside. It lets nobody in until a key is authorized."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        self._namespace = namespace
        self._folder = folder
        folder.mkdir()
        self.log = folder / "sshd.log"
        self.authorized_keys = folder / "authorized_keys"
        self.authorized_keys.touch(mode=0o600)
        configuration = CONFIGURATION.format(address=namespace.bastion_address, port=PORT, folder=folder)
        (folder / "sshd_config").write_text(configuration)
        self.replace_host_key()
        if os.geteuid() == 0:
            # Where privileges are separated the unprivileged part is confined to this empty folder.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._process = self._spawn()
        self.host, self.port = namespace.publish(PORT)
        self._wait()

    def _spawn(self) -> ServerProcess:
        program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin") or "sshd"
        argv = [program, "-D", "-e", "-f", str(self._folder / "sshd_config")]
        return self._namespace.start(argv, self.log)

    def _wait(self) -> None:
        self._process.wait_until(self._greets)

    def _greets(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=5) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def start(self) -> None:
        """Start it again, on the same port and with the same files."""
        self._process = self._spawn()
        self._namespace.publish(PORT, self.port)
        self._wait()

    def stop(self) -> None:
        """Refuse new connections and end those that are open."""
        sessions = self.sessions()
        self._process.stop()
        self._namespace.withdraw(PORT)
        for session in sessions:
            _kill(session)

    def sessions(self) -> list[int]:
        """Process ids of the open SSH connections."""
        return children(self._process.program)

    def kill_sessions(self) -> None:
        """End every open SSH connection at once, without a goodbye."""
        for session in self.sessions():
            for part in children(session):
                _kill(part)
            _kill(session)

    def replace_host_key(self) -> None:
        """Make a new host key; used from the next start on."""
        key = self._folder / "host_key"
        key.unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)

    @property
    def fingerprint(self) -> str:
        """SHA-256 fingerprint of the host key, as ``ssh-keygen -l`` prints it."""
        public = str(self._folder / "host_key.pub")
        listing = subprocess.run(
            ["ssh-keygen", "-l", "-f", public], check=True, capture_output=True, text=True
        )
        return listing.stdout.split()[1]

    def authorize(self, public_key: str) -> None:
        """Let the holder of ``public_key`` (a line of ``authorized_keys``) in, and nobody else."""
        self.authorized_keys.write_text(public_key.strip() + "\n")

    def logins(self) -> int:
        """Number of SSH logins since the first start."""
        return self.log.read_text(errors="replace").count("Accepted publickey for")

    @property
    def description(self) -> BastionDescription:
        return {
            "host": self.host,
            "port": self.port,
            "user": pwd.getpwuid(os.geteuid()).pw_name,
            "authorizedKeysFile": str(self.authorized_keys),
            "hostKeyFingerprint": self.fingerprint,
            "log": str(self.log),
        }


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
