#!/bin/bash
# pysqlbridge, which stands in for SQL Server.
exec scripts/install-python-server.sh sqlserver
