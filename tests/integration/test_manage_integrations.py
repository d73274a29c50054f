"""Integrations and projects, managed from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.servers import PrivateNetwork
from tests.workspace import Workspace


def names(workspace: Workspace, *arguments: str) -> list[str]:
    return [found["name"] for found in workspace.result("integration", "list", *arguments)]


def test_edit_changes_what_is_named_and_leaves_the_rest(workspace: Workspace) -> None:
    before = workspace.result("integration", "show", "My DB")
    edited = workspace.result("integration", "edit", "My DB", "--set", "database=other", "--set", "port=5433")
    assert edited["fields"] == {**before["fields"], "database": "other", "port": 5433}
    assert edited["secretsSet"] == ["password"]
    assert edited["forward"]["localPort"] == before["forward"]["localPort"]


def test_unset_gives_the_default_back_and_removes_secrets(workspace: Workspace) -> None:
    workspace.result("integration", "edit", "My DB", "--set", "sslMode=required")
    edited = workspace.result("integration", "edit", "My DB", "--unset", "sslMode", "--unset", "password")
    assert edited["fields"]["sslMode"] == "preferred"
    assert edited["secretsSet"] == []
    failure = workspace.failure("integration", "edit", "My DB", "--unset", "no-such-field")
    assert failure["code"] == "invalid-field"
    assert "sslMode" in failure["fix"]


def test_a_secret_comes_by_stdin(network: PrivateNetwork, workspace: Workspace) -> None:
    password = network.postgresql.description["password"]
    workspace.result("integration", "edit", "My DB", "--secret", "password=-", stdin="wrong\n")
    assert workspace.failure("test", "My DB")["code"] == "login-refused"
    workspace.result("integration", "edit", "My DB", "--secret", "password=-", stdin=f"{password}\n")
    assert workspace.result("test", "My DB")["ok"]


def test_a_former_name_still_finds_it(workspace: Workspace) -> None:
    assert workspace.result("integration", "rename", "My DB", "Shop")["name"] == "Shop"
    shown = workspace.result("integration", "show", "my db")
    assert shown["name"] == "Shop"
    assert shown["aliases"] == ["My DB"]
    renamed = workspace.result("integration", "edit", "Shop", "--name", "Warehouse", "--set", "database=x")
    assert renamed["name"] == "Warehouse"
    assert renamed["fields"]["database"] == "x"


def test_a_duplicate_has_the_secrets_and_works_alike(workspace: Workspace) -> None:
    assert workspace.result("integration", "duplicate", "My DB")["name"] == "My DB copy"
    assert workspace.result("integration", "duplicate", "My DB", "Other")["secretsSet"] == ["password"]
    assert names(workspace) == ["My DB", "My DB copy", "Other"]
    assert workspace.result("test", "Other")["ok"]


def test_nothing_to_change_is_said(workspace: Workspace) -> None:
    assert "nothing to change" in workspace.failure("integration", "edit", "My DB")["message"]


def test_how_to_use_is_code_with_the_names_of_its_variables(workspace: Workspace) -> None:
    text = workspace.underpass("integration", "how-to-use", "My DB", "--language", "python").stdout
    assert "MY_DB_LOCAL_PORT" in text
    compile(text, "how-to-use", "exec")
    languages = {
        section["language"] for section in workspace.result("integration", "how-to-use", "My DB")["sections"]
    }
    assert {"sql", "python"} <= languages
    assert workspace.underpass("integration", "how-to-use", "My DB", "--language", "cobol").returncode == 2


def test_the_fields_of_a_type_are_explained(empty_workspace: Workspace) -> None:
    text = empty_workspace.underpass("integration", "types", "postgresql").stdout
    assert "preferred, required, strict" in text
    assert "5432" in text
    failure = empty_workspace.failure("integration", "types", "postgres")
    assert "postgresql" in failure["fix"]


def test_the_project_is_the_folder_of_the_option_then_of_the_variable_then_this_one(
    workspace: Workspace, tmp_path: Path
) -> None:
    def connected(*arguments: str) -> bool:
        [integration] = workspace.result("integration", "list", *arguments)
        return bool(integration["connected"])

    option, variable = tmp_path / "option", tmp_path / "variable"
    option.mkdir()
    variable.mkdir()
    assert connected()
    workspace.environment["UNDERPASS_PROJECT"] = str(variable)
    assert not connected()
    workspace.result("connect", "My DB")
    assert connected()
    assert not connected("--project", str(option))
    workspace.result("connect", "My DB", "--project", str(option))
    folders = {project["folder"] for project in workspace.result("project", "list")}
    assert folders == {str(folder.resolve()) for folder in (workspace.project, variable, option)}


def test_a_project_whose_folder_is_gone_can_be_forgotten(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    workspace.result("connect", "My DB", "--project", str(folder))
    folder.rmdir()
    assert "the folder is gone" in workspace.underpass("project", "list").stdout
    workspace.result("project", "forget", str(folder))
    [left] = workspace.result("project", "list")
    assert left["folder"] == str(workspace.project.resolve())
    assert left["integrations"] == ["My DB"]


def test_several_forwards_are_held_at_once_and_given_to_a_command(workspace: Workspace) -> None:
    workspace.result("integration", "duplicate", "My DB", "Other")
    script = 'echo "$MY_DB_LOCAL_PORT $OTHER_LOCAL_PORT"'
    finished = workspace.underpass("run", "My DB", "Other", "--", "sh", "-c", script)
    assert finished.returncode == 0, finished.stderr
    assert len(set(finished.stdout.split())) == 2
    with workspace.running("forward", "My DB", "other", "--json") as process:
        assert process.stdout is not None
        text = ""
        while not text.endswith("\n]\n"):
            text += process.stdout.readline()
        assert [held["integration"] for held in json.loads(text)] == ["My DB", "Other"]


def test_a_removed_integration_says_where_it_was_used(workspace: Workspace) -> None:
    removed = workspace.result("integration", "remove", "my db")
    assert removed == {"name": "My DB", "projects": [str(workspace.project.resolve())]}
    assert names(workspace) == []


def test_a_file_that_is_no_integration_is_refused_without_its_text(
    empty_workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "integration.json"
    for text in ('{"secrets": {"password": "hunter2"', '{"password": "hunter2"}', '["hunter2"]'):
        file.write_text(text)
        finished = empty_workspace.underpass("integration", "add", "--from", str(file))
        assert finished.returncode == 1
        assert str(file) in finished.stderr
        assert "hunter2" not in finished.stderr
