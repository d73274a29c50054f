"""``underpass.engine``: SQLAlchemy over connections of our own, so that tunnel, TLS and login are ours."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from underpass.client import project_folder, shared_client

from .dialects import DIALECTS
from .exceptions import InterfaceError, NotSupportedError, as_errors, failed, install

if TYPE_CHECKING:
    from sqlalchemy import Engine


_CLASSES = {
    "postgresql": ("postgresql", "PostgreSQL"),
    "redshift": ("postgresql", "Redshift"),
    "mysql": ("mysql", "MySQL"),
    "mariadb": ("mysql", "MariaDB"),
    "mssql": ("mssql", "SQLServer"),
    "trino": ("trino", "Trino"),
}


def engine(integration: str, /, **options: Any) -> Engine:
    """An engine of SQLAlchemy's for an integration: ``pd.read_sql("SELECT …", underpass.engine("Prod"))``.

    Its connections are those of ``underpass.connect``. Neither its URL nor its repr holds a secret.
    Connections of the pool that do not answer, or whose tunnel was connected anew, are replaced before they
    are used (``pool_pre_ping``); one that is lost in the middle of something is an error. In a forked process
    the pool begins anew.

    Args:
        integration: Name of an integration that is connected to this project. Nothing is dialled before the
            first use.
        options: Of ``sqlalchemy.create_engine``: ``echo``, ``pool_size``, ``isolation_level="AUTOCOMMIT"`` …
    Raises:
        InterfaceError: SQLAlchemy or the system's dialect is not installed; says how to do that.
        NotSupportedError: there is no dialect for this system that works over connections like these.
        ProgrammingError: there is no such integration.
    """
    try:
        import sqlalchemy
        from sqlalchemy.dialects import registry
    except ModuleNotFoundError:
        raise _missing("SQLAlchemy", "sqlalchemy") from None
    with as_errors():
        found = shared_client().request(
            "underpass/integrations/get", {"folder": project_folder(), "integration": integration}
        )
    if found["type"] not in DIALECTS:
        raise failed(
            NotSupportedError,
            "not-supported",
            f'SQLAlchemy can not be used with "{found["name"]}": there is no dialect for {found["type"]}.',
            "Use underpass.sql() or underpass.connect().",
        )
    dialect, package = DIALECTS[found["type"]]
    module, name = _CLASSES[dialect]
    try:
        import_module(f"{__package__}.dialects.{module}")
    except ModuleNotFoundError as error:
        if package is None or (error.name or "").startswith("underpass"):
            raise
        raise _missing(f"SQLAlchemy's dialect for {found['type']}", package) from None
    registry.register(f"{dialect}.underpass", f"{__package__}.dialects.{module}", name)
    url = sqlalchemy.URL.create(f"{dialect}+underpass", database=found["name"])
    return sqlalchemy.create_engine(url, **{"pool_pre_ping": True, **options})


def _missing(what: str, package: str) -> Exception:
    return failed(InterfaceError, "driver-missing", f"{what} is not installed.", install(package))
