"""Amazon Redshift, through psycopg 3."""

try:
    import psycopg as _psycopg  # noqa: F401
except ModuleNotFoundError:
    raise
except ImportError as error:
    # It is installed, but neither its own libpq nor one of the system.
    raise ModuleNotFoundError(str(error), name="psycopg_binary") from error

from .connector import Redshift

__all__ = ["Redshift"]

connector = Redshift
