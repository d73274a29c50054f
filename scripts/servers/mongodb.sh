#!/bin/bash
# SecantusDB, which stands in for MongoDB.
exec scripts/install-python-server.sh mongodb
