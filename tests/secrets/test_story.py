"""Everything that somebody does with integrations in a week, and a search for what must not be left of it."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.jupyterlab import JupyterLab
from tests.lab import CHROMIUM, Lab
from tests.notebooks import write_notebook
from tests.secrets.files import Watch
from tests.secrets.ledger import Ledger
from tests.secrets.memory import abort, allow_cores, cores_are_files, look_into_memory
from tests.secrets.processes import Executions, Processes
from tests.secrets.traffic import EVERYTHING_KEPT, KEEP, Traffic
from tests.secrets.treasure import ANY_KEY, Treasure
from tests.servers import PrivateNetwork
from tests.workspace import PROGRAMS, Workspace
from underpass.client import ServiceClient

STRICT = "Strict: always encrypted, certificate and host name are checked"


class Story:
    """What is there while it is told."""

    def __init__(self, network: PrivateNetwork, folder: Path, elsewhere: Path, stack: ExitStack) -> None:
        """
        Args:
            network: Its database gets users of the story's own.
            folder: Is searched with all that is in it.
            elsewhere: Is not: what the search itself writes, and the exported key.
            stack: Ends what was started.
        """
        self.network = network
        self.folder = folder
        self.elsewhere = elsewhere
        self.treasure = Treasure()
        self.ledger = Ledger(self.treasure)
        self.workspace = Workspace(folder)
        self.workspace.environment["TMPDIR"] = str(folder / "tmp")
        (folder / "tmp").mkdir()
        stack.callback(self.workspace.close)
        self.executions = Executions(elsewhere / "executions")
        self.processes = stack.enter_context(Processes())
        shared = [Path(path) for path in ("/tmp", "/var/tmp", "/dev/shm")]
        self.watch = stack.enter_context(Watch([folder], shared))
        self.lab = stack.enter_context(
            JupyterLab(
                self.workspace,
                ("--debug", "--LabApp.expose_app_in_browser=True"),
                self.executions.traced(()),
            )
        )

    def run(self, *command: str, stdin: str = "", code: int | None = 0) -> str:
        """Run a program to its end, as somebody in a terminal does; gives what it printed."""
        finished = subprocess.run(
            self.executions.traced([str(PROGRAMS / command[0]), *command[1:]]),
            cwd=self.workspace.project,
            env=self.workspace.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = finished.stdout + finished.stderr
        assert code is None or finished.returncode == code, said
        self.ledger.look("output of commands", " ".join(command), said.encode())
        return finished.stdout

    def request(self, method: str, **params: Any) -> Any:
        """Ask the service as a process of this machine, with nothing of it on a command line."""
        with pytest.MonkeyPatch.context() as environment:
            for name in ("UNDERPASS_HOME", "UNDERPASS_RUNTIME_DIR"):
                environment.setenv(name, self.workspace.environment[name])
            client = ServiceClient("the search")
            try:
                return client.request(f"underpass/{method}", params)
            finally:
                client.close()

    def know_the_key(self, name: str) -> None:
        """Have the workspace's key looked for, too."""
        self.treasure.key_file(name, self.request("key/export")["privateKey"])

    def user(self, name: str) -> dict[str, str]:
        """A user of the database, and what a person types to log in as that."""
        password = self.treasure.password(f"password of {name}")
        quoted = password.replace("'", "''")
        self.network.postgresql.run(f"CREATE ROLE {name} LOGIN PASSWORD '{quoted}'; GRANT analyst TO {name}")
        return {"User": name, "Password": password}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def story(
    network: PrivateNetwork, stack: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Story:
    limits = resource.getrlimit(resource.RLIMIT_CORE)
    stack.callback(resource.setrlimit, resource.RLIMIT_CORE, limits)
    allow_cores()
    # Where the browser's own helpers put what they record.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="underpass-", dir="/tmp")))
    return Story(network, folder, tmp_path, stack)


@pytest.mark.timeout(400)
def test_a_whole_story_leaves_no_secret_anywhere(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    kernel, service = tell_in_the_browser(story)
    tell_in_the_terminal(story)
    crash(story, kernel, service)
    search(story)
    with capsys.disabled():
        print(f"\n{story.ledger}\nrounds through /proc: {story.processes.rounds}")
        missed = [path for path in story.watch.missed if path.startswith(str(story.folder))]
        print(f"files that were gone before they could be read: {len(set(missed))}")
    assert story.ledger.unseen() == []
    assert story.ledger.findings == set()


def tell_in_the_browser(story: Story) -> tuple[int, int]:
    """Gives the process ids of the kernel, which has an open connection, and of the service."""
    profile, archive = story.elsewhere / "profile", story.elsewhere / "archive" / "story.har"
    archive.parent.mkdir()
    ledger = story.ledger
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            record_har_path=archive,
            record_har_content="attach",
            viewport={"width": 1280, "height": 800},
        )
        traffic = Traffic(context)
        page = context.pages[0]
        page.close()
        lab = Lab(context.new_page())
        lab.open(story.lab.address, story.lab.token)
        page = lab.page
        page.evaluate(KEEP, ledger.canary("browser storage"))
        page.evaluate("word => localStorage.setItem('profile', word)", ledger.canary("browser profile"))
        page.evaluate("word => console.log(word)", ledger.canary("browser console"))
        refused = ledger.canary("logs")
        for kind in ("HTTP headers", "HTTP answers", "runtime folder"):
            ledger.canary(kind, refused)
        page.evaluate("word => fetch('/api/contents/' + word)", refused)
        page.evaluate(
            "word => fetch('/api/events', { method: 'POST', body: word })", ledger.canary("HTTP requests")
        )
        try:
            add_integrations(story, lab)
            pids = work_in_a_notebook(story, lab)
        except BaseException:
            page.screenshot(path=story.elsewhere / "failed.png")
            shutil.copy(story.lab.log, story.elsewhere)
            print(lab.dialog.all_inner_texts(), story.elsewhere)
            raise
        kept = page.evaluate(EVERYTHING_KEPT)
        ledger.look("browser storage", "page", json.dumps(kept, ensure_ascii=False).encode())
        cookies = json.dumps([dict(cookie) for cookie in context.cookies()])
        ledger.look("browser storage", "cookies", cookies.encode())
        ledger.canary("what the page shows", "Connected since")
        ledger.look("what the page shows", "page", page.content().encode())
        context.close()
    typed = {*story.treasure.names("password", "client key"), ANY_KEY}
    traffic.look(ledger, archive, typed)
    ledger.look_below("browser profile", profile)
    return pids


def add_integrations(story: Story, lab: Lab) -> None:
    """One with a password, an authority and a client key, others that fail, and a plain tunnel."""
    network = story.network
    bastion, database = network.bastion.description, network.postgresql.description
    network.bastion.authorize(lab.public_key())
    story.know_the_key("first key")
    client = network.postgresql.issuer.client("payroll")
    story.treasure.key_file("client key", client.key.read_text())
    where = {"Host": database["host"], "Database": database["database"]}
    ssh = {
        "Connect through an SSH bastion": True,
        "SSH host": bastion["host"],
        "SSH port": str(bastion["port"]),
        "SSH user": bastion["user"],
    }
    lab.add(
        "PostgreSQL",
        {
            **where,
            **story.user("payroll"),
            "TLS": STRICT,
            "CA certificate": Path(database["caCertificate"]).read_text(),
            **ssh,
            "Client certificate": client.certificate.read_text(),
            "Key of the client certificate": client.key.read_text(),
            "Name": "Payroll",
        },
    )
    expect(lab.dialog).to_contain_text("Approve this host key?")
    lab.dialog.get_by_role("button", name="Approve").click()
    expect(lab.item("Payroll")).to_contain_text("Connected since")
    lab.choose("Payroll", "Test connection")
    expect(lab.dialog.get_by_role("button", name="Close").last).to_be_visible()
    expect(lab.dialog).to_contain_text("Reach the service behind the bastion")
    lab.close()
    lab.add("PostgreSQL", {**where, **story.user("stock"), **ssh, "Name": "Stock"})
    expect(lab.item("Stock")).to_contain_text("Connected since")
    wrong = {**story.user("nobody"), "Password": story.treasure.password("password that is wrong")}
    lab.add("PostgreSQL", {**where, **wrong, **ssh, "Name": "Wrong"})
    expect(lab.item("Wrong")).to_contain_text("Connected since")
    api = network.httpapi.description
    tunnel = {key: value for key, value in ssh.items() if value is not True}
    lab.add(
        "SSH tunnel",
        {**tunnel, "Remote host": api["host"], "Remote port": str(api["port"]), "Name": "API"},
    )
    expect(lab.item("API")).to_contain_text("Connected since")
    for name in ("Payroll", "API"):
        lab.choose(name, "How to use")
        expect(lab.dialog).to_contain_text("LOCAL_PORT")
        lab.close()


def work_in_a_notebook(story: Story, lab: Lab) -> tuple[int, int]:
    """Queries that work and queries that do not, a restart, an edit; gives process ids as above."""
    ledger, network = story.ledger, story.network
    lab.new_notebook("week.ipynb")
    word = ledger.canary("websocket frames", ledger.canary("notebooks and outputs"))
    lab.run(f"import os, subprocess\nword, top = {word!r}, 3")
    lab.run(f"history = {ledger.canary('files of IPython')!r}\nprint(word)")
    assert "payroll" in lab.run(
        '%%sql "Payroll" -o df\nSELECT current_user, i FROM generate_series(1, {{ top }}) i'
    )
    assert "stock" in lab.run("%%sql Stock\nSELECT current_user, {{ word }}::text AS word")
    assert "login" in lab.run("%%sql Wrong\nSELECT 1")
    lab.run("%xmode Verbose")
    assert "login" in lab.run("%%sql Wrong\nSELECT 1")
    assert "error" in lab.run('%%sql "Payroll"\nSELECT {{ 1 / 0 }}')
    assert "error" in lab.run('%%sql "Payroll"\nSELECT no_such_column')
    started = ledger.canary("programs that were started")
    argument, environment = ledger.canary("command lines"), ledger.canary("environments")
    lab.run(
        f"subprocess.run(['true', {started!r}])\n"
        f"subprocess.run(['sleep', '0.5'], env={{**os.environ, 'WORD': {environment!r}}})\n"
        f"subprocess.run(['sh', '-c', 'sleep 0.5', {argument!r}])"
    )
    lab.run("print(dict(os.environ))\n!env")
    asked = lab.run(
        "import requests\nport = os.environ['API_LOCAL_PORT']\n"
        "print(requests.get(f'http://127.0.0.1:{port}/', timeout=10).status_code)"
    )
    assert "401" in asked
    temporary = ledger.canary("files that come and go")
    lab.run(
        "import tempfile, pathlib\nwith tempfile.NamedTemporaryFile('w') as file:\n"
        f"    file.write({temporary!r}); file.flush()"
    )

    network.bastion.stop()
    assert "error" in lab.run('%%sql "Stock"\nSELECT 1', seconds=90)
    lab.choose("Stock", "Test connection")
    expect(lab.dialog.locator("[data-ok=false], .jp-Underpass-failure").first).to_be_visible()
    lab.close()
    network.bastion.start()

    changed = story.treasure.password("password that was changed")
    quoted = changed.replace("'", "''")
    network.postgresql.run(f"ALTER ROLE stock PASSWORD '{quoted}'")
    edit(lab, "Stock", {"password": changed})
    lab.restart_kernel()
    lab.run("import os, subprocess\nword = 'again'")
    assert "stock" in lab.run("%%sql Stock\nSELECT current_user, {{ word }}::text AS word", seconds=90)
    assert "payroll" in lab.run('%%sql "Payroll"\nSELECT current_user', seconds=90)
    lab.run(f"in_memory = {ledger.canary('memory of the kernel')!r}")
    lab.save()
    kernel = json.loads(lab.run("print(os.getpid())"))[0]["text"]
    service = story.request("status")["pid"]
    return int(kernel), int(service)


def edit(lab: Lab, name: str, secrets: dict[str, str]) -> None:
    """Change secrets of an integration as the front end would."""
    answer = lab.page.evaluate(
        """async ([name, secrets]) => {
            const xsrf = /_xsrf=([^;]+)/.exec(document.cookie)[1];
            const answer = await fetch('/underpass/rpc', {
                method: 'POST',
                headers: { 'Content-Type': 'application/json', 'X-XSRFToken': xsrf },
                body: JSON.stringify({
                    method: 'underpass/integrations/update', params: { integration: name, secrets }, path: ''
                })
            });
            return await answer.text();
        }""",
        [name, secrets],
    )
    assert '"result"' in answer, answer


def tell_in_the_terminal(story: Story) -> None:
    """The commands, a key that is replaced, and notebooks that run without a front end."""
    story.run("underpass", "status")
    story.run("underpass", "--json", "status")
    added = story.treasure.password("password from the terminal")
    for kind in ("output of commands", "workspace folder"):
        story.ledger.canary(kind, "From the terminal")
    fields = ("--set", "host=db.internal", "--set", "user=me", "--set", "database=shop")
    adding = ("integration", "add", "--type", "postgresql", "--name", "From the terminal", *fields)
    story.run("underpass", *adding, "--secret", "password=-", stdin=added)
    for command in (
        ("integration", "list"),
        ("--json", "integration", "list"),
        ("integration", "show", "Payroll"),
        ("--json", "integration", "show", "Payroll"),
        ("key", "show"),
        ("--json", "key", "show"),
        ("hostkey", "list"),
        ("logs",),
        ("doctor",),
    ):
        story.run("underpass", *command, code=None)
    story.run("underpass", "test", "Payroll", code=None)
    story.run("underpass", "--json", "test", "Wrong", code=None)
    story.run("underpass", "run", "API", "--", "env")
    story.run("underpass", "integration", "duplicate", "Payroll", code=None)
    former = story.request("key/show")["publicKey"]
    story.run("underpass", "key", "rotate")
    rotated = story.request("key/show")["publicKey"]
    assert rotated != former
    story.network.bastion.authorize(f"{former}\n{rotated}")
    exported = story.elsewhere / "exported"
    story.run("underpass", "key", "export", str(exported))
    story.treasure.key_file("second key", exported.read_text())
    notebook = write_notebook(
        story.workspace.project / "report.ipynb",
        "limit = 2",
        '%%sql "Payroll" -o df\nSELECT current_user, i FROM generate_series(1, {{ limit }}) AS i',
        "print('rows', len(df))",
    )
    failing = write_notebook(story.workspace.project / "failing.ipynb", "x = 1", "%%sql Wrong\nSELECT 1")
    story.run("jupyter-nbconvert", "--to=html", "--execute", str(notebook))
    story.run("jupyter-nbconvert", "--to=html", str(story.workspace.project / "week.ipynb"))
    story.run("jupyter-nbconvert", "--to=notebook", "--execute", str(failing), code=1)
    papermill = ("papermill", "--no-progress-bar", "--log-level", "DEBUG")
    story.run(*papermill, str(notebook), str(notebook.with_suffix(".out.ipynb")), "-p", "limit", "5")
    story.run(*papermill, str(failing), str(failing.with_suffix(".out.ipynb")), code=None)
    assert "rows 5" in notebook.with_suffix(".out.ipynb").read_text()
    story.run("underpass", "key", "rotate", "--finish", code=None)


def crash(story: Story, kernel: int, service: int) -> None:
    """Look into the memory of what runs, and have it crash with core files allowed."""
    ledger = story.ledger
    # A driver holds its password; the workspace's own key never comes here.
    drivers = {*story.treasure.names("password", "client key"), ANY_KEY}
    ledger.canary("memory of the server", story.lab.token)
    look_into_memory(ledger, "memory of the server", story.lab.pid, drivers)
    if not cores_are_files():
        # The same, where some program takes core files away.
        look_into_memory(ledger, "memory of the kernel", kernel, drivers)
    kernels_core = abort(kernel)
    if cores_are_files():
        ledger.look_into("memory of the kernel", kernels_core, drivers)
        kernels_core.unlink()
    services_core = abort(service)
    assert not services_core.exists(), "the service left a core file"


def search(story: Story) -> None:
    """Everywhere where something of the story may be left."""
    ledger, folder, workspace = story.ledger, story.folder, story.workspace
    for kind, name in (("files of Jupyter", "jupyter-data"), ("temporary files", "tmp")):
        (folder / name / "planted").write_text(ledger.canary(kind))
    story.executions.look(ledger, "programs that were started")
    story.processes.look(ledger)
    story.watch.look(ledger, "files that come and go")
    ledger.look_below("notebooks and outputs", workspace.project)
    ledger.look_below("files of IPython", folder / "ipython")
    ledger.look_below("files of Jupyter", folder / "jupyter-data")
    ledger.look_below("files of Jupyter", folder / "jupyter-config")
    ledger.look_below("runtime folder", workspace.runtime)
    ledger.look_below("workspace folder", workspace.home)
    ledger.look_below("temporary files", folder / "tmp")
    for log in workspace.runtime.rglob("*.log"):
        ledger.look_into("logs", log)
