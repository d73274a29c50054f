"""Snowflake, through its own driver."""

import os

# Else the driver asks the addresses of cloud providers for what this machine is, and tells Snowflake; where
# nobody answers there, each log-in waits for it. There is no option for it; it is read at the first log-in.
os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")

from .connector import Snowflake

__all__ = ["Snowflake"]

connector = Snowflake
