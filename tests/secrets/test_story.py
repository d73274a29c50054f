"""Everything that somebody does with integrations in a week, and a search for what must not be left of it."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.notebooks import write_notebook
from tests.secrets.in_browser import tell_in_the_browser
from tests.secrets.memory import abort, allow_cores, look_into_memory
from tests.secrets.story import Story
from tests.secrets.treasure import ANY_KEY
from tests.servers import PrivateNetwork


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


@pytest.mark.timeout(900)
def test_a_whole_story_leaves_no_secret_anywhere(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    kernel, service = tell_in_the_browser(story)
    story.chapter("browser")
    tell_in_the_terminal(story)
    story.chapter("terminal")
    crash(story, kernel, service)
    story.chapter("crash")
    search(story)
    story.chapter("search")
    with capsys.disabled():
        print(f"\n{story.ledger}\nseconds: {story.seconds}\nrounds through /proc: {story.processes.rounds}")
        missed = [path for path in story.watch.missed if path.startswith(str(story.folder))]
        print(f"files that were gone before they could be read: {len(set(missed))}")
    assert story.ledger.unseen() == []
    assert story.ledger.findings == set()


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
    look_into_memory(ledger, "memory of the kernel", kernel, drivers)
    for process, name in ((kernel, "kernel"), (service, "service")):
        assert not abort(process).exists(), f"the {name} left a core file"


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
