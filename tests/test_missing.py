"""A server that can not be installed is said loudly, and the others are installed all the same."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers.process import PROJECT_FOLDER

pytest_plugins = ("pytester",)

SCRIPTS = PROJECT_FOLDER / "scripts"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """One server that can be installed and one that can not."""
    servers = tmp_path / "scripts" / "servers"
    servers.mkdir(parents=True)
    shutil.copy(SCRIPTS / "install-servers.sh", servers.parent)
    (servers / "good.sh").write_text("touch good-is-there\n")
    (servers / "bad.sh").write_text("echo no such package >&2; exit 4\n")
    return tmp_path


def install(checkout: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "scripts" / "install-servers.sh", *names], capture_output=True, text=True, check=False
    )


def test_the_other_servers_are_installed_when_one_fails(checkout: Path) -> None:
    finished = install(checkout)
    assert finished.returncode != 0
    assert "good is there" in finished.stdout
    assert "bad could not be installed" in finished.stderr
    assert (checkout / "good-is-there").exists()
    failed = checkout / ".build" / "servers" / "bad.failed"
    assert failed.read_text() == "no such package\nexit code 4\n"
    assert not failed.with_name("good.failed").exists()


def test_a_failure_is_forgotten_once_the_server_is_installed(checkout: Path) -> None:
    install(checkout)
    (checkout / "scripts" / "servers" / "bad.sh").write_text("true\n")
    assert install(checkout, "bad").returncode == 0
    assert not list((checkout / ".build" / "servers").glob("*.failed"))


def test_the_closing_lines_name_it_and_the_sum_counts_one_failure(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(checkout)
    spec = importlib.util.spec_from_file_location("run_suites", SCRIPTS / "run_suites.py")
    assert spec is not None
    assert spec.loader is not None
    run_suites = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "run_suites", run_suites)
    spec.loader.exec_module(run_suites)
    monkeypatch.setattr(run_suites, "REPORTS", checkout)
    monkeypatch.setattr(run_suites, "SERVERS", checkout / ".build" / "servers")
    passing = (("true",),)
    suites = (
        run_suites.Linters("lint", passing),
        run_suites.Linters("integration", passing, uses_servers=True),
    )
    monkeypatch.setattr(run_suites, "SUITES", suites)
    assert run_suites.main(["lint"]) == 0
    assert run_suites.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == (
        "server bad: could not be installed, its tests were not run: no such package | exit code 4"
    )
    assert lines[-1] == "2 passed, 1 failed"


def test_its_tests_are_not_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.missing.missing_servers", lambda: {"bad", "ml"})
    pytester.makeconftest("from tests.missing import deselect as pytest_collection_modifyitems")
    pytester.makepyfile(
        test_some="""
        import pytest
        @pytest.mark.parametrize("system", ["good", "bad"])
        def test_a(system): pass
        @pytest.mark.server("feast")
        def test_b(): pass
        def test_c(): pass
        """,
        test_all="""
        SYSTEM = "bad"
        def test_d(): pass
        """,
    )
    pytester.makeini(
        "[pytest]\nmarkers = server(name): needs it\nasyncio_default_fixture_loop_scope = function\n"
    )
    pytester.inline_run().assertoutcome(passed=2)
