"""Options beside the fields: some are PyMySQL's, all others are variables of the session."""

from __future__ import annotations

import re

from underpass.failure import UnderpassError, fail
from underpass.ready import Ready

#: What PyMySQL may be told; what else it knows would undo what the fields say.
_DRIVER = ("collation", "init_command", "program_name", "server_public_key")
#: Rows are read as UTF-8, and no server may ask for files.
_FIXED = re.compile(r"charset|names|character_set_\w+|collation_\w+|local_infile|ssl\w*", re.IGNORECASE)
_VARIABLE = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE)
_UTF8 = ("utf8", "utf8mb4")
#: Statements after which the server would read what is sent, or write what it answers, as something else.
_OTHER_TEXT = re.compile(
    r"\s*(?:/\*!\d*\s*)?set\s+(?:(?:names|charset|character\s+set)\s+"
    r"|(?:session\s+|local\s+|@@(?:session\.|local\.)?)?character_set_(?:client|connection|results)\s*:?=\s*)"
    r"(?!\s*['\"]?(?:utf8|binary|default|@))",
    re.IGNORECASE,
)


def split_options(ready: Ready) -> tuple[dict[str, str], dict[str, str]]:
    """What PyMySQL is told, and variables of the session.

    Raises:
        UnderpassError: one that can not be set.
    """
    driver: dict[str, str] = {}
    variables: dict[str, str] = {}
    for name, value in dict(ready.fields.get("options") or {}).items():
        if name == "charset" and value.lower() in _UTF8:
            # As it is anyway: in many connection URLs.
            continue
        if _FIXED.fullmatch(name) or not _VARIABLE.fullmatch(name):
            raise wrong_option(name, "can not be set", "Remove it.")
        if name == "collation" and not re.fullmatch(r"utf8mb4_\w+", value):
            raise wrong_option(name, "must be one of utf8mb4", "Such as utf8mb4_unicode_ci.")
        if name == "init_command" and speaks_other_text(value):
            raise wrong_option(name, "must leave the session in UTF-8", "Remove that part.")
        (driver if name in _DRIVER else variables)[name] = value
    return driver, variables


def speaks_other_text(sql: str) -> bool:
    """Whether a statement takes the session away from UTF-8."""
    return _OTHER_TEXT.match(sql) is not None


def wrong_option(name: str, reason: str, fix: str) -> UnderpassError:
    """An entry of the field ``options`` is refused."""
    message = f'The option "{name}" {reason}.'
    return fail("invalid-field", "request", message, fix, field="options", option=name)


def assignments(variables: dict[str, str]) -> str:
    """The statement that sets variables of the session."""
    return "SET SESSION " + ", ".join(f"{name} = {_literal(value)}" for name, value in variables.items())


def _literal(value: str) -> str:
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
