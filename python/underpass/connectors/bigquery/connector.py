"""BigQuery through Google's own client: each statement is a job with an id of ours, its rows become Arrow."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from typing import Any, ClassVar

import pyarrow as pa
import requests
from google.api_core.exceptions import Conflict, GoogleAPICallError, GoogleAPIError, NotFound
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY

from underpass.connectors.base import (
    PAGE,
    Affected,
    Column,
    Connector,
    Rows,
    Table,
    unreadable_rows,
)
from underpass.connectors.failures import connection_lost
from underpass.connectors.read_only import guarded
from underpass.connectors.scripts import statements_with_scripts
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.statement import Statement
from underpass.template import Dialect

from .errors import login_failure, query_failure
from .opening import LABEL, open_client, options_of
from .params import parameters, placeholder
from .read_only import RULES

_ERRORS = (GoogleAPIError, GoogleAuthError, requests.RequestException)
#: For requests that may be sent again. The client's own goes on for ten minutes.
RETRY = DEFAULT_RETRY.with_timeout(30)
# Its types do not say so.
_NO_RETRY: Any = None
#: Seconds for requests that nobody should wait for.
_SHORTLY = 10
_BLANK = r"(?:\s|--[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/)*"
#: They leave something behind for the next statement, so they need a session.
_BEGIN = rf"begin(?:\s+transaction)?{_BLANK}\Z"
_STATEFUL = re.compile(
    _BLANK + rf"(?:{_BEGIN}|create\s+(?:or\s+replace\s+)?temp|declare\b|set\b)", re.IGNORECASE
)
_BEGINS = re.compile(_BLANK + _BEGIN, re.IGNORECASE)
_ENDS = re.compile(_BLANK + r"(?:commit|rollback)\b", re.IGNORECASE)


class BigQuery(Connector):
    """One project. A session on the server begins with the first statement that needs one."""

    label = LABEL
    dialect: ClassVar[Dialect] = Dialect("bigquery", placeholder, ("IN UNNEST({})", "NOT IN UNNEST({})"))
    rules = RULES

    def __init__(self, client: bigquery.Client, ready: Ready) -> None:
        self._client = client
        self._ready = ready
        self._session: str | None = None
        #: Where jobs run: as the integration says, else where the session began.
        self._location: str | None = client.location
        self._in_transaction = False
        #: Its id, and where it runs. Elsewhere than in the US and the EU a job is only found with both.
        self._running: tuple[str, str | None] | None = None

    @classmethod
    def statements(cls, cell: str, evaluate: Callable[[str], Any]) -> list[Statement]:
        return statements_with_scripts(cell, cls.dialect, evaluate, declared=False)

    @classmethod
    def tls_mode(cls, ready: Ready) -> str:
        # There is no other.
        return "strict"

    @classmethod
    def open(cls, ready: Ready) -> BigQuery:
        try:
            return cls(open_client(ready), ready).kept_from_writing(ready)
        except _ERRORS as error:
            # Without the client's exception: what it says may quote the key.
            raise login_failure(error, ready) from None

    @guarded
    def run(
        self,
        sql: str,
        params: Sequence[Any],
        *,
        limit: int | None = None,
        write: bool = False,
        fetching: Fetching = UNWATCHED,
    ) -> Rows | Affected:
        # Known before it is sent, so that it can be cancelled at once; sent twice it is the same job.
        job_id = f"underpass-{uuid.uuid4()}"
        self._running = job_id, self._location
        try:
            job = self._insert(sql, params, job_id)
            self._running = job_id, job.location
            rows = job.result(max_results=limit, retry=RETRY, job_retry=None)
            self._follow(sql, job)
            if not rows.schema:
                return Affected(job.num_dml_affected_rows)
            table = self._read(rows, limit, fetching)
        except _ERRORS as error:
            raise query_failure(error, sql, self._ready) from None
        except (pa.ArrowException, ValueError) as error:
            raise unreadable_rows(str(error)) from None
        finally:
            self._running = None
        return Rows(table)

    def _insert(self, sql: str, params: Sequence[Any], job_id: str) -> bigquery.QueryJob:
        configuration = self._configuration(sql, params)
        try:
            return self._client.query(
                sql,
                configuration,
                job_id=job_id,
                location=self._location,
                api_method="INSERT",
                retry=RETRY,
                job_retry=None,
            )
        except Conflict:
            # It is there: an attempt before had arrived, only its answer was lost.
            try:
                found: Any = self._client.get_job(job_id, location=self._location, retry=RETRY)
            except NotFound:
                raise connection_lost("its answer did not arrive; the job may be elsewhere") from None
            return found

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
            self._location = job.location
        if _BEGINS.match(sql):
            self._in_transaction = True
        elif _ENDS.match(sql):
            self._in_transaction = False

    def _read(self, rows: Any, limit: int | None, fetching: Fetching) -> pa.Table:
        # The storage API streams Arrow. It is another address, which another endpoint does not lead to.
        fast = limit is None and "api_endpoint" not in options_of(self._ready)
        try:
            return _telling(rows, fetching).to_arrow(create_bqstorage_client=fast)
        except GoogleAPICallError:
            if not fast:
                raise
            # Not allowed to this account, or switched off in this project.
            job: Any = self._client.get_job(rows.job_id, location=rows.location)
            return _telling(job.result(), fetching).to_arrow(create_bqstorage_client=False)

    def cancel(self) -> None:
        if self._running is not None:
            job_id, location = self._running
            with suppress(NotFound):
                self._client.cancel_job(job_id, location=location, retry=_NO_RETRY, timeout=_SHORTLY)

    def ping(self) -> bool:
        try:
            self._client.query(
                "SELECT 1",
                bigquery.QueryJobConfig(dry_run=True),
                retry=_NO_RETRY,
                timeout=_SHORTLY,
                job_retry=None,
            )
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
                self._client.query(
                    f"CALL BQ.ABORT_SESSION('{self._session}')",
                    location=self._location,
                    retry=_NO_RETRY,
                    timeout=_SHORTLY,
                    job_retry=None,
                )
            self._client.close()

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        try:
            names = [entry.dataset_id for entry in self._client.list_datasets(retry=RETRY)]
        except _ERRORS as error:
            raise query_failure(error, "", self._ready) from None
        return self._page(names, after, count)

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        try:
            listed = self._client.list_tables(schema, retry=RETRY)
            kinds = {entry.table_id: entry.table_type for entry in listed}
        except NotFound:
            return []
        except _ERRORS as error:
            raise query_failure(error, "", self._ready) from None
        return [
            Table(schema, name, "view" if "VIEW" in kinds[name] else "table")
            for name in self._page(kinds, after, count)
        ]

    def columns(self, schema: str, table: str) -> list[Column]:
        try:
            found = self._client.get_table(f"{schema}.{table}", retry=RETRY)
        except NotFound:
            return []
        except _ERRORS as error:
            raise query_failure(error, "", self._ready) from None
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


def _telling(rows: Any, fetching: Fetching) -> Any:
    """The same rows, whose ``to_arrow`` tells of each batch: it gathers what ``to_arrow_iterable`` gives."""
    silent = rows.to_arrow_iterable

    def told(*args: Any, **options: Any) -> Iterator[pa.RecordBatch]:
        with closing(silent(*args, **options)) as batches:
            for batch in batches:
                fetching.arrived(batch)
                yield batch

    rows.to_arrow_iterable = told
    return rows
