"""Jobs of the imitation of BigQuery: statements that SQLite runs, each in a thread of its own."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import threading
from typing import Any

#: One table with a column of each type, in BigQuery's own notation for results.
TYPES: list[tuple[str, str, str, Any]] = [
    ("whole", "INTEGER", "NULLABLE", "-9223372036854775808"),
    ("real", "FLOAT", "NULLABLE", "0.1"),
    ("price", "NUMERIC", "NULLABLE", "-12345678901234567890.123456789"),
    ("large", "BIGNUMERIC", "NULLABLE", "12345678901234567890123456789012345678.5"),
    ("words", "STRING", "NULLABLE", "naïve 'quoted' 𝄞"),
    ("yes", "BOOLEAN", "NULLABLE", "true"),
    ("raw", "BYTES", "NULLABLE", base64.b64encode(b"\x00\xff\x10").decode()),
    ("day", "DATE", "NULLABLE", "2024-02-29"),
    ("clock", "TIME", "NULLABLE", "23:59:59.123456"),
    ("local", "DATETIME", "NULLABLE", "2024-02-29T01:02:03.123456"),
    ("moment", "TIMESTAMP", "NULLABLE", "1709168523000000"),
    ("several", "INTEGER", "REPEATED", [{"v": "1"}, {"v": "2"}]),
    ("nothing", "STRING", "NULLABLE", None),
]
_DATASETS = {"shop": ["orders", "refunds", "types"], "archive": []}
#: Where jobs run; one that names the dataset ``archive`` runs where that is.
_HOME, _AWAY = "US", "europe-west1"
_KINDS = {int: "INTEGER", float: "FLOAT", bytes: "BYTES"}
_NEAR = re.compile(r'near "(.+?)": syntax error|no such column: (\w+)')


class Job:
    """One statement. ``error`` and ``rows`` are there once ``done`` is set."""

    def __init__(self, asked: dict[str, Any]) -> None:
        query = asked["configuration"]["query"]
        self.asked, self.sql = asked, query["query"]
        self.location = _AWAY if "archive." in self.sql else _HOME
        asked["jobReference"]["location"] = self.location
        self.parameters = query.get("queryParameters", [])
        self.done = threading.Event()
        self.cancelled = False
        self.error: dict[str, str] | None = None
        self.fields: list[dict[str, str]] = []
        self.rows: list[list[Any]] = []
        self.affected: int | None = None
        self.connection: sqlite3.Connection | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        """To the end."""
        self.connection = connection
        try:
            if "shop.types" in self.sql:
                self.fields = [{"name": n, "type": t, "mode": m} for n, t, m, _ in TYPES]
                self.rows = [[value for *_, value in TYPES]]
            else:
                self._select(connection)
        except sqlite3.Error as error:
            self.error = self._refusal(error)
        finally:
            self.done.set()

    def _select(self, connection: sqlite3.Connection) -> None:
        values = {item["name"]: _value(item) for item in self.parameters}
        text = re.sub(r"UNNEST\(@(\w+)\)", lambda m: _items(values[m[1]]), self.sql)
        text = text.replace("UNNEST([])", "(SELECT 1 WHERE 0)")
        cursor = connection.execute(text, {n: v for n, v in values.items() if not isinstance(v, list)})
        if cursor.description is None:
            connection.commit()
            self.affected = cursor.rowcount
            return
        rows = cursor.fetchall()
        echoed = re.fullmatch(r"SELECT @(\w+) AS \w+", self.sql)
        for number, (name, *_) in enumerate(cursor.description):
            first = next((row[number] for row in rows if row[number] is not None), None)
            kind = (
                self.parameters[0]["parameterType"]["type"] if echoed else _KINDS.get(type(first), "STRING")
            )
            self.fields.append({"name": name, "type": kind, "mode": "NULLABLE"})
        kinds = [field["type"] for field in self.fields]
        self.rows = [list(map(_text, row, kinds)) for row in rows]

    def _refusal(self, error: sqlite3.Error) -> dict[str, str]:
        if self.cancelled:
            return {
                "reason": "stopped",
                "message": "Job execution was cancelled: User requested cancellation",
            }
        message = str(error)
        if found := _NEAR.search(message):
            word = found[1] or found[2]
            before = self.sql[: self.sql.find(word)]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            message = f"Syntax error: Unexpected {word} at [{line}:{column}]"
        return {"reason": "invalidQuery", "message": message, "location": "query"}


class Duplicate(Exception):
    """There is a job of that id already."""


class Jobs:
    """All jobs, on one database. Away from home a job is only found by who says its location."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._path = "file:bigquery?mode=memory&cache=shared"
        self._kept = sqlite3.connect(self._path, uri=True, check_same_thread=False)

    def running(self) -> list[str]:
        return [job.sql for job in self._jobs.values() if not job.done.is_set()]

    def insert(self, asked: dict[str, Any]) -> dict[str, Any]:
        job = Job(asked)
        name = asked["jobReference"]["jobId"]
        if name in self._jobs:
            raise Duplicate(name)
        if not asked["configuration"].get("dryRun"):
            self._jobs[name] = job
            connection = sqlite3.connect(self._path, uri=True, check_same_thread=False)
            threading.Thread(target=job.run, args=(connection,), daemon=True).start()
        return self._described(job)

    def _found(self, name: str, asked: dict[str, Any]) -> Job:
        job = self._jobs[name]
        if job.location not in (_HOME, asked.get("location")):
            raise KeyError(name)
        return job

    def job(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        return self._described(self._found(name, asked))

    def cancel(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        job = self._found(name, asked)
        job.cancelled = True
        if job.connection is not None:
            job.connection.interrupt()
        return {"job": self._described(job)}

    def results(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        job = self._found(name, asked)
        job.done.wait(min(int(asked.get("timeoutMs", 10_000)), 10_000) / 1000)
        answer: dict[str, Any] = {"jobReference": job.asked["jobReference"]}
        if not job.done.is_set() or job.error:
            return {**answer, "jobComplete": job.done.is_set(), "errors": [job.error] if job.error else []}
        start = int(asked.get("pageToken", asked.get("startIndex", 0)))
        end = min(start + int(asked.get("maxResults", len(job.rows))), len(job.rows))
        rows = job.rows[start:end]
        if end < len(job.rows):
            answer["pageToken"] = str(end)
        answer |= {"jobComplete": True, "schema": {"fields": job.fields}, "totalRows": str(len(job.rows))}
        if job.affected is not None and job.affected >= 0:
            answer["numDmlAffectedRows"] = str(job.affected)
        return {**answer, "rows": [{"f": [{"v": value} for value in row]} for row in rows]}

    def _described(self, job: Job) -> dict[str, Any]:
        state: dict[str, Any] = {"state": "DONE" if job.done.is_set() else "RUNNING"}
        if job.error:
            state |= {"errorResult": job.error, "errors": [job.error]}
        query: dict[str, Any] = {"statementType": "SELECT" if job.fields else "SCRIPT"}
        if job.affected is not None and job.affected >= 0:
            query["numDmlAffectedRows"] = str(job.affected)
        return {**job.asked, "status": state, "statistics": {"query": query}}

    def datasets(self) -> dict[str, Any]:
        return {"datasets": [{"datasetReference": {"projectId": "p", "datasetId": n}} for n in _DATASETS]}

    def tables(self, dataset: str) -> dict[str, Any]:
        names = [{"projectId": "p", "datasetId": dataset, "tableId": name} for name in _DATASETS[dataset]]
        return {"tables": [{"tableReference": name, "type": "TABLE"} for name in names]}

    def table(self, path: str) -> dict[str, Any]:
        dataset, _, name = path.split("/")
        if name not in _DATASETS[dataset]:
            raise KeyError(name)
        fields = [{"name": n, "type": t, "mode": m} for n, t, m, _ in TYPES]
        reference = {"projectId": "p", "datasetId": dataset, "tableId": name}
        return {"tableReference": reference, "type": "TABLE", "schema": {"fields": fields}}


def _value(item: dict[str, Any]) -> Any:
    kind, value = item["parameterType"]["type"], item["parameterValue"]
    if kind == "ARRAY":
        inner = item["parameterType"]["arrayType"]["type"]
        return [_scalar(inner, entry["value"]) for entry in value["arrayValues"]]
    return _scalar(kind, value["value"])


def _scalar(kind: str, text: str) -> Any:
    convert = {"INT64": int, "FLOAT64": float, "BYTES": base64.b64decode}
    return convert.get(kind, str)(text)


def _items(values: list[Any]) -> str:
    return f"(SELECT value FROM json_each('{json.dumps(values)}'))"


def _text(value: Any, kind: str) -> Any:
    if kind == "TIMESTAMP" and isinstance(value, str):
        from datetime import datetime

        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return str(int(moment.timestamp()) * 1_000_000 + moment.microsecond)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return None if value is None else str(value)
