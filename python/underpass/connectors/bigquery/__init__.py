"""BigQuery, through Google's own client."""

from .connector import BigQuery

__all__ = ["BigQuery"]

connector = BigQuery
