"""Amazon Redshift, through psycopg 3."""

from .connector import Redshift

__all__ = ["Redshift"]

connector = Redshift
