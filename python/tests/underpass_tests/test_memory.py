from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from underpass import memory
from underpass.failure import UnderpassError
from underpass.memory import available, bytes_of, in_words, limit_of


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2_000_000_000), ("512MiB", 512 << 20), ("1.5g", 1_500_000_000), ("10 k", 10_000), ("700", 700)],
)
def test_a_size_is_written_as_people_do(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "GB", "two", "-1GB", "1iB", "1PB", "50%"])
def test_what_is_no_size_is_refused_with_the_fix(text: str) -> None:
    with pytest.raises(UnderpassError, match="--max-memory 4GB") as refused:
        limit_of(text, "UNDERPASS_MAX_MEMORY")
    assert "UNDERPASS_MAX_MEMORY" in refused.value.failure["message"]


def test_none_is_no_limit() -> None:
    assert limit_of("None", "--max-memory") is None


def test_sizes_are_said_in_the_unit_that_fits() -> None:
    assert [in_words(size) for size in (12, 4_000, 32_000_000, 2_340_000_000, 250e9)] == [
        "12 bytes",
        "4 kB",
        "32 MB",
        "2.3 GB",
        "250 GB",
    ]


def test_a_limit_of_the_process_counts() -> None:
    program = (
        "import resource; from underpass.memory import available; free = available();"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)); print(free, available())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True)
    free, limited = map(int, done.stdout.split())
    assert 0 < limited < 1 << 30
    assert limited < free


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("0::/user/kernel", ("memory.max", "memory.current", "inactive_file")),
        ("5:cpu,memory:/user", ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")),
    ],
)
def test_the_narrowest_control_group_counts_without_its_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, files: tuple[str, str, str]
) -> None:
    limit, usage, cache = files
    inner = tmp_path / "user"
    inner.mkdir()
    for folder, most in ((inner, "300000000"), (tmp_path, "500000000")):
        (folder / limit).write_text(f"{most}\n")
        (folder / usage).write_text("280000000\n")
        (folder / "memory.stat").write_text(f"anon 1\n{cache} 130000000\nother 9\n")
    text = Path.read_text

    def read(path: Path, *args: str, **options: str) -> str:
        return line if str(path) == "/proc/self/cgroup" else text(path, *args, **options)

    monkeypatch.setattr(memory, "_GROUPS", tmp_path)
    monkeypatch.setattr(memory, "_GROUPS_1", tmp_path)
    monkeypatch.setattr(Path, "read_text", read)
    assert available() == 150_000_000


def test_a_group_without_a_limit_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    monkeypatch.setattr(memory, "_GROUPS", tmp_path)
    free = available()
    assert free is not None
    assert free > 1 << 20
