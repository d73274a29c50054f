"""Microsoft SQL Server, through mssql-python."""

from .connector import SQLServer

__all__ = ["SQLServer"]

connector = SQLServer
