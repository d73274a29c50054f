#!/bin/bash
# fakesnow, which stands in for Snowflake.
exec scripts/install-python-server.sh snowflake
