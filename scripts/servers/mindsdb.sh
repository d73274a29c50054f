#!/bin/bash
# MindsDB, apart from everything else: it pins packages that others want newer.
exec scripts/install-python-server.sh mindsdb
