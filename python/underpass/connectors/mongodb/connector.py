"""MongoDB through PyMongo: cells in mongosh's own words, documents as Arrow."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, ClassVar

import bson
import pymongo
from bson.binary import STANDARD
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError
from pymongo.monitoring import CommandListener, CommandStartedEvent

from underpass.connectors.base import PAGE, Affected, Column, Connector, Rows, Table, unreadable_rows
from underpass.connectors.failures import cancelled
from underpass.connectors.read_only import guarded
from underpass.failure import UnderpassError
from underpass.fetching import UNWATCHED, Fetching
from underpass.ready import Ready
from underpass.statement import Statement
from underpass.template import Dialect

from .cell import read_statement, statements_of
from .client import Client, Deployment, end, log_in
from .dial import Address
from .errors import LABEL, no_member, query_failure
from .kinds import kind_of
from .operations import Operation, operation_of
from .rows import Documents
from .scan import chunks_of

#: Seconds that a server has to answer when nothing runs.
_PING = 5
#: Documents that the columns of a collection are told from.
_SAMPLE = 100
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
#: How the client reads values, so that they can be written as they were.
_VALUES: CodecOptions[dict[str, Any]] = CodecOptions(uuid_representation=STANDARD)


class MongoDB(Connector):
    """A client of one server or of all members of a deployment. There are no transactions in cells."""

    label = LABEL
    tls_of_python = True
    # Cells are no SQL; see ``statements``.
    dialect: ClassVar[Dialect] = Dialect("", lambda number, _: f"${number}")

    def __init__(self, ready: Ready, deployment: Deployment) -> None:
        self._deployment = deployment
        self._watch = _Watch()
        self._client = log_in(ready, deployment, self._watch)
        self._session: ClientSession | None = None
        self._cancelled = threading.Event()

    @classmethod
    def statements(cls, cell: str, evaluate: Callable[[str], Any]) -> list[Statement]:
        return statements_of(cell, evaluate)

    @classmethod
    def begin_tls(cls, plain: socket.socket) -> bool:
        # The port decides.
        return True

    @classmethod
    def open(cls, ready: Ready) -> MongoDB:
        return cls(ready, Deployment.of(ready)).kept_from_writing(ready)

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
        if write and self.guard is not None:
            raise self.guard.refused("--write")
        # That a cell can ask to write is of no use here.
        operation = operation_of(read_statement(sql, params), write=write or self.guard is not None)
        if operation.writes and self.guard is not None:
            raise self.guard.refused(operation.method)
        self._cancelled.clear()
        try:
            with self._client.start_session() as self._session:
                answer = self._run(operation, limit, fetching)
        except ServerSelectionTimeoutError:
            # Nothing was sent.
            raise no_member(self._client, self._deployment.dialler) from None
        except Exception as error:
            # Without the driver's exception: what it says may quote all of the statement.
            raise query_failure(error, sql, cancelled=self._cancelled.is_set()) from None
        finally:
            self._session = None
            self._watch.forget()
        return answer

    def _run(self, operation: Operation, limit: int | None, fetching: Fetching) -> Rows | Affected:
        if operation.method in ("find", "findOne"):
            with closing(self._found(operation, limit)) as batches:
                return self._rows(batches, limit, fetching)
        if operation.method == "aggregate":
            with closing(self._aggregated(operation, limit)) as batches:
                answer = self._rows(batches, limit, fetching)
            return Affected(None) if operation.writes else answer
        collection, options = self._collection(operation), {**operation.options, "session": self._session}
        arguments = operation.arguments
        match operation.method:
            case "countDocuments":
                count = collection.count_documents(arguments[0] if arguments else {}, **options)
                return self._values("count", [count], limit)
            case "estimatedDocumentCount":
                # Takes no session.
                count = collection.estimated_document_count(**operation.options)
                return self._values("count", [count], limit)
            case "distinct":
                return self._values(str(arguments[0]), collection.distinct(*arguments, **options), limit)
            case "insertOne":
                collection.insert_one(*arguments, **options)
                return Affected(1)
            case "insertMany":
                return Affected(len(collection.insert_many(*arguments, **options).inserted_ids))
            case "deleteOne":
                return Affected(collection.delete_one(*arguments, **options).deleted_count)
            case "deleteMany":
                return Affected(collection.delete_many(*arguments, **options).deleted_count)
            case "updateOne":
                result = collection.update_one(*arguments, **options)
            case "updateMany":
                result = collection.update_many(*arguments, **options)
            case _:
                result = collection.replace_one(*arguments, **options)
        return Affected(result.modified_count + (result.upserted_id is not None))

    def _found(self, operation: Operation, limit: int | None) -> Any:
        options = dict(operation.options)
        own = abs(options.pop("limit", 0) or 0)
        own = 1 if operation.method == "findOne" else own
        # In MongoDB no limit is written 0.
        wanted = own if limit is None else max(1, min(limit, own or limit))
        filters = operation.arguments[0] if operation.arguments else {}
        return self._collection(operation).find_raw_batches(
            filters, limit=wanted, session=self._session, **options
        )

    def _aggregated(self, operation: Operation, limit: int | None) -> Any:
        pipeline = list(operation.arguments[0]) if operation.arguments else []
        if limit is not None and not operation.writes:
            pipeline.append({"$limit": max(1, limit)})
        options = {**operation.options, "session": self._session}
        if operation.collection is not None:
            return self._collection(operation).aggregate_raw_batches(pipeline, **options)
        name = operation.database or self._deployment.default
        database: Database[Any] = self._client.get_database(name, _RAW)
        return (document.raw for document in database.aggregate(pipeline, **options))

    def _rows(self, batches: Iterable[bytes], limit: int | None, fetching: Fetching = UNWATCHED) -> Rows:
        documents = Documents()
        for batch in batches:
            if self._cancelled.is_set():
                raise cancelled(LABEL, "the operation was interrupted")
            with _readable():
                arrived = documents.add(batch)
            fetching.fetched(*arrived)
        with _readable():
            return documents.rows(limit)

    def _values(self, name: str, values: Sequence[Any], limit: int | None) -> Rows:
        return self._rows([bson.encode({name: value}, codec_options=_VALUES) for value in values], limit)

    def _collection(self, operation: Operation) -> Collection[dict[str, Any]]:
        database = operation.database or self._deployment.default
        return self._client[database].get_collection(operation.collection or "")

    def cancel(self) -> None:
        """End the session's operations on the server that runs one: a session is this connector's alone."""
        self._cancelled.set()
        session, server = self._session, self._watch.server
        if session is None or server is None:
            return
        with self._only(server) as client:
            client.admin.command({"killSessions": [dict(session.session_id)]})

    @contextmanager
    def _only(self, server: Address) -> Iterator[Client]:
        client = self._deployment.client(only=server)
        try:
            yield client
        finally:
            end(client)

    def try_out(self) -> None:
        try:
            self._client[self._deployment.default].command(
                "ping", read_preference=self._client.read_preference
            )
        except Exception as error:
            raise query_failure(error, "", cancelled=False) from None

    def ping(self) -> bool:
        try:
            with pymongo.timeout(_PING):
                self._client.admin.command("ping", read_preference=self._client.read_preference)
        except (PyMongoError, UnderpassError):
            return False
        return True

    @property
    def in_transaction(self) -> bool:
        return False

    def close(self) -> None:
        end(self._client)

    def schemas(self, *, after: str = "", count: int = PAGE) -> list[str]:
        return _page(self._asked(self._client.list_database_names), after, count)

    def searched(self) -> list[str]:
        return [self._deployment.default]

    def tables(self, schema: str, *, after: str = "", count: int = PAGE) -> list[Table]:
        database = self._client[schema]
        # Names and types only: that needs no right on the collections themselves.
        listed = self._asked(
            lambda: list(database.list_collections(nameOnly=True, authorizedCollections=True))
        )
        kinds = {entry["name"]: entry.get("type") for entry in listed}
        names = _page([name for name in kinds if not name.startswith("system.")], after, count)
        return [Table(schema, name, "view" if kinds[name] == "view" else "collection") for name in names]

    def columns(self, schema: str, table: str) -> list[Column]:
        """Keys of the first documents, with the types that their columns would have."""
        collection = self._client[schema].get_collection(table)
        batches = self._asked(lambda: list(collection.find_raw_batches({}, limit=_SAMPLE)))
        chunks = [chunk for batch in batches for chunk in chunks_of(batch)]
        names = dict.fromkeys(name for chunk in chunks for name in chunk.columns)
        return [
            Column(
                name,
                str(kind_of([(c.data, c.columns[name]) for c in chunks if name in c.columns], name, []).type),
            )
            for name in names
        ]

    def _asked(self, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except Exception as error:
            raise query_failure(error, "", cancelled=False) from None


class _Watch(CommandListener):
    """Knows which server was asked last: with several members only it can end what runs there."""

    def __init__(self) -> None:
        self.server: Address | None = None

    def forget(self) -> None:
        """Nothing runs any more."""
        self.server = None

    def started(self, event: CommandStartedEvent) -> None:
        host, port = event.connection_id
        self.server = host, int(port or 0)

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except UnderpassError:
        raise
    except Exception as error:
        raise unreadable_rows(f"{type(error).__name__}: {error}") from error


def _page(names: Iterable[str], after: str, count: int) -> list[str]:
    return sorted(name for name in names if name > after)[:count]
