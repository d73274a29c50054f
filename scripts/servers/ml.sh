#!/bin/bash
# MLflow and Feast.
exec scripts/install-python-server.sh ml
