"""The part of the story that is told in a browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.lab import CHROMIUM, Lab
from tests.secrets.memory import look_into_memory
from tests.secrets.story import Story
from tests.secrets.traffic import EVERYTHING_KEPT, KEEP, Traffic
from tests.secrets.treasure import ANY_KEY


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
            "TLS": "Strict",
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
    fresh = "memory of a kernel without queries"
    pid = json.loads(lab.run(f"import os\nunused = {ledger.canary(fresh)!r}\nprint(os.getpid())"))[0]["text"]
    look_into_memory(ledger, fresh, int(pid), ())
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
