"""The front end in another language."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.jupyterlab import JupyterLab
from tests.lab import Lab
from tests.servers.process import PROJECT_FOLDER
from tests.workspace import Workspace

LOCALE = "de_DE"
DOMAIN = "jupyterlab_underpass"
#: Visible texts of a part of the page.
TEXTS = """root => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        const { parentElement, textContent } = walker.currentNode;
        if (textContent.trim() && parentElement.checkVisibility()) texts.push(textContent.trim());
    }
    for (const node of root.querySelectorAll('[aria-label], [title], [placeholder]')) {
        for (const name of ['aria-label', 'title', 'placeholder']) {
            if (node.getAttribute(name)) texts.push(node.getAttribute(name));
        }
    }
    return texts;
}"""


def translated(message: str) -> str:
    """In a language that is easy to tell from English."""
    return f"⟦{message}⟧"


@pytest.fixture
def lab(empty_workspace: Workspace, tmp_path: Path, chromium: Browser) -> Iterator[Lab]:
    """JupyterLab in that language, with an empty workspace."""
    install_language(tmp_path)
    environment = empty_workspace.environment
    paths = (str(tmp_path), environment.get("PYTHONPATH", ""))
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    settings = Path(environment["JUPYTER_CONFIG_DIR"], "lab/user-settings/@jupyterlab/translation-extension")
    settings.mkdir(parents=True)
    (settings / "plugin.jupyterlab-settings").write_text(json.dumps({"locale": LOCALE}))
    with JupyterLab(empty_workspace, ("--LabApp.expose_app_in_browser=True",)) as server:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        lab = Lab(context.new_page())
        lab.page.goto(f"http://{server.address}/lab?token={server.token}")
        lab.page.locator("[data-id='underpass-integrations']").first.click()
        yield lab
        context.close()


def install_language(folder: Path) -> None:
    """As a language pack, which says every message of the front end in its own way."""
    command = ["node", "scripts/messages.mjs"]
    messages = json.loads(subprocess.check_output(command, cwd=PROJECT_FOLDER))
    catalog: dict[str, object] = {
        "": {
            "domain": DOMAIN,
            "language": LOCALE.replace("_", "-"),
            "plural_forms": "nplurals=2; plural=(n != 1);",
        }
    }
    for message, plural in messages.items():
        catalog[message] = [translated(text) for text in (message, plural) if text is not None]
    package = folder / "some_language"
    files = package / "locale" / LOCALE / "LC_MESSAGES"
    files.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (files / f"{DOMAIN}.json").write_text(json.dumps(catalog))
    metadata = folder / "some_language-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: some-language\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[jupyterlab.languagepack]\n{LOCALE} = some_language\n")


def test_everything_that_an_empty_sidebar_says_can_be_translated(lab: Lab) -> None:
    sidebar = lab.page.locator("#underpass-integrations")
    expect(sidebar).to_contain_text("⟦")
    expect(sidebar.get_by_role("button").first).to_be_visible()
    said = sidebar.evaluate(TEXTS)
    assert len(said) > 5
    assert [text for text in said if not text.startswith("⟦")] == []


def test_the_dialog_of_the_key_says_only_values_in_english(lab: Lab) -> None:
    lab.page.locator("#underpass-integrations").get_by_role(
        "button", name=translated("Workspace SSH key"), exact=True
    ).first.click()
    key = lab.dialog.locator(".jp-Underpass-publicKey pre")
    expect(key).to_be_visible()
    said = [text for text in lab.dialog.evaluate(TEXTS) if not text.startswith(("⟦", "ssh-", "SHA256:"))]
    assert said == []
