"""Real servers in a private network of their own: an SSH bastion, PostgreSQL and an HTTP API."""

from .network import PrivateNetwork

__all__ = ["PrivateNetwork"]
