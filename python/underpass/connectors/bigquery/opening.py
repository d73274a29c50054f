"""How Google's client is told where to go and who to be. TLS is always on, and always checked."""

from __future__ import annotations

import functools
import json
from typing import Any

import google.auth
from google.api_core.client_options import ClientOptions
from google.auth import credentials
from google.auth.transport.requests import Request
from google.cloud import bigquery
from google.oauth2 import service_account

from underpass.connectors.failures import option_refused
from underpass.connectors.tls import CONNECT_TIMEOUT
from underpass.failure import fail
from underpass.ready import Ready

LABEL = "BigQuery"
_SCOPES = ("https://www.googleapis.com/auth/bigquery", "https://www.googleapis.com/auth/drive.readonly")
_ENDPOINT = "https://bigquery.googleapis.com"
_OPTIONS = ("api_endpoint", "maximum_bytes_billed", "use_query_cache", "use_legacy_sql", "job_timeout_ms")


def open_client(ready: Ready) -> bigquery.Client:
    """Fetch a token; nothing else is asked.

    Raises:
        UnderpassError: the integration is not complete.
        google.auth.exceptions.GoogleAuthError: the rest.
    """
    options = options_of(ready)
    who = _credentials(ready)
    # The library's own patience is two minutes for each attempt.
    who.refresh(functools.partial(Request(), timeout=CONNECT_TIMEOUT))
    return bigquery.Client(
        project=ready.fields["project"],
        credentials=who,
        location=ready.fields.get("location") or None,
        # Said in any case: else BIGQUERY_EMULATOR_HOST of the environment gets the token, in clear text.
        client_options=ClientOptions(api_endpoint=options.get("api_endpoint", _ENDPOINT)),
        default_query_job_config=_configuration(ready, options),
    )


def options_of(ready: Ready) -> dict[str, str]:
    """The field ``options``.

    Raises:
        UnderpassError: one is not known, or would switch TLS off.
    """
    options = dict(ready.fields.get("options") or {})
    for name, value in options.items():
        if name not in _OPTIONS or (name == "api_endpoint" and not value.startswith("https://")):
            raise option_refused(name, "")
    return options


def _configuration(ready: Ready, options: dict[str, str]) -> bigquery.QueryJobConfig:
    configuration = bigquery.QueryJobConfig(labels={"application": "underpass"}, use_legacy_sql=False)
    if dataset := ready.fields.get("dataset"):
        configuration.default_dataset = bigquery.DatasetReference.from_string(
            dataset, default_project=ready.fields["project"]
        )
    if "maximum_bytes_billed" in options:
        configuration.maximum_bytes_billed = int(options["maximum_bytes_billed"])
    if "job_timeout_ms" in options:
        configuration.job_timeout_ms = int(options["job_timeout_ms"])
    for name in ("use_query_cache", "use_legacy_sql"):
        if name in options:
            setattr(configuration, name, options[name].lower() == "true")
    return configuration


def _credentials(ready: Ready) -> credentials.Credentials:
    text = ready.secrets.get("serviceAccountKey")
    if not text:
        # What `gcloud auth application-default login` or the machine provides.
        return google.auth.default(scopes=_SCOPES)[0]
    try:
        info: Any = json.loads(text)
        if not info["token_uri"].startswith("https://"):
            # What is sent there logs in for an hour.
            raise ValueError
        return service_account.Credentials.from_service_account_info(info, scopes=_SCOPES)
    except (ValueError, TypeError, AttributeError, KeyError):
        # Without the exception: it may quote the key.
        raise fail(
            "invalid-field",
            "login",
            "The service account's key can not be read.",
            'Give the whole JSON file of the key, with "client_email" and "private_key".',
            field="serviceAccountKey",
        ) from None
