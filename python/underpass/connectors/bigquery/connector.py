"""BigQuery through Google's own client: each statement is a job with an id of ours, its rows become Arrow."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

import pyarrow as pa
import requests
from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery

from underpass.connectors.base import (
    PAGE,
    Affected,
    Column,
    Connector,
    Rows,
    Table,
    unreadable_rows,
)
from underpass.ready import Ready
from underpass.template import Dialect

from .errors import login_failure, query_failure
from .opening import LABEL, open_client, options_of
from .params import parameters, placeholder

_ERRORS = (GoogleAPICallError, GoogleAuthError, requests.RequestException)
_BLANK = r"(?:\s|--[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/)*"
#: They leave something behind for the next statement, so they need a session.
_STATEFUL = re.compile(
    _BLANK + r"(?:begin\s*(?:transaction)?\s*$|create\s+(?:or\s+replace\s+)?temp|declare\b|set\b)",
    re.IGNORECASE,
)
_BEGINS = re.compile(_BLANK + r"begin\s*(?:transaction)?\s*$", re.IGNORECASE)
_ENDS = re.compile(_BLANK + r"(?:commit|rollback)\b", re.IGNORECASE)


class BigQuery(Connector):
    """One project. A session on the server begins with the first statement that needs one."""

    label = LABEL
    dialect: ClassVar[Dialect] = Dialect("bigquery", placeholder, ("IN UNNEST({})", "NOT IN UNNEST({})"))

    def __init__(self, client: bigquery.Client, ready: Ready) -> None:
        self._client = client
        self._ready = ready
        self._session: str | None = None
        self._in_transaction = False
        self._running: str | None = None

    @classmethod
    def open(cls, ready: Ready) -> BigQuery:
        try:
            return cls(open_client(ready), ready)
        except _ERRORS as error:
            # Without the client's exception: what it says may quote the key.
            raise login_failure(error, ready) from None

    def run(
        self, sql: str, params: Sequence[Any], *, limit: int | None = None, write: bool = False
    ) -> Rows | Affected:
        # Known before it is sent, so that it can be cancelled at once; sent twice it is the same job.
        job_id = self._running = f"underpass-{uuid.uuid4()}"
        try:
            job = self._client.query(
                sql, self._configuration(sql, params), job_id=job_id, api_method="INSERT", job_retry=None
            )
            rows = job.result(max_results=limit, job_retry=None)
            self._follow(sql, job)
            if not rows.schema:
                return Affected(job.num_dml_affected_rows)
            table = self._read(rows, limit)
        except _ERRORS as error:
            raise query_failure(error, sql, self._ready) from None
        except (pa.ArrowException, ValueError) as error:
            raise unreadable_rows(str(error)) from None
        finally:
            self._running = None
        return Rows(table)

    def _configuration(self, sql: str, params: Sequence[Any]) -> bigquery.QueryJobConfig:
        configuration = bigquery.QueryJobConfig(query_parameters=parameters(params))
        if self._session:
            properties = [bigquery.ConnectionProperty("session_id", self._session)]
            configuration.connection_properties = properties
        elif _STATEFUL.match(sql):
            configuration.create_session = True
        return configuration

    def _follow(self, sql: str, job: bigquery.QueryJob) -> None:
        if self._session is None and job.session_info is not None:
            self._session = job.session_info.session_id
        if _BEGINS.match(sql):
            self._in_transaction = True
        elif _ENDS.match(sql):
            self._in_transaction = False

    def _read(self, rows: Any, limit: int | None) -> pa.Table:
        # The storage API streams Arrow. It is another address, which another endpoint does not lead to.
        fast = limit is None and "api_endpoint" not in options_of(self._ready)
        try:
            return rows.to_arrow(create_bqstorage_client=fast)
        except GoogleAPICallError:
            if not fast:
                raise
            # Not allowed to this account, or switched off in this project.
            job: Any = self._client.get_job(rows.job_id, location=rows.location)
            return job.result().to_arrow(create_bqstorage_client=False)

    def cancel(self) -> None:
        if (job_id := self._running) is not None:
            with suppress(NotFound):
                self._client.cancel_job(job_id, location=self._client.location, timeout=10)

    def ping(self) -> bool:
        try:
            self._client.query("SELECT 1", bigquery.QueryJobConfig(dry_run=True), job_retry=None)
        except GoogleAPICallError:
            return True
        except _ERRORS:
            return False
        return True

    @property
    def in_transaction(self) -> bool:
        return self._in_transaction

    def close(self) -> None:
        with suppress(Exception):
            if self._session:
                self._client.query(f"CALL BQ.ABORT_SESSION('{self._session}')", job_retry=None)
            self._client.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return self._page([entry.dataset_id for entry in self._client.list_datasets()], after, count)

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        kinds = {entry.table_id: entry.table_type for entry in self._client.list_tables(schema)}
        return [
            Table(schema, name, "view" if "VIEW" in kinds[name] else "table")
            for name in self._page(kinds, after, count)
        ]

    def columns(self, schema: str, table: str) -> list[Column]:
        try:
            found = self._client.get_table(f"{schema}.{table}")
        except NotFound:
            return []
        return [
            Column(
                field.name,
                f"ARRAY<{field.field_type}>" if field.mode == "REPEATED" else field.field_type,
                field.mode == "NULLABLE",
            )
            for field in found.schema
        ]

    def _page(self, names: Any, after: str, count: int) -> list[str]:
        return sorted(name for name in names if name > after)[:count]
