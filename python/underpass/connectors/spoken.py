"""The words of a statement, without what is quoted or commented out.

Not sqlglot's tokens: what they take for a comment or a string, a server may execute. Here, what systems read
in different ways is not understood at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal


class NotUnderstood(Exception):
    """It is not certain which words a server would see; ``position`` counts characters from 0."""

    def __init__(self, why: str, position: int) -> None:
        super().__init__(why)
        self.why = why
        self.position = position


@dataclass(frozen=True)
class Lexis:
    """How a system quotes and comments, beside ``'…'``, ``"…"``, ``-- …`` and ``/* … */``."""

    #: What a backslash in front of a quote does; ``unsure`` where a setting decides.
    backslash: Literal["escapes", "nothing", "unsure"] = "nothing"
    #: In ``"…"``, too: it is a string there.
    double_quoted_strings: bool = False
    backticks: bool = False
    #: Names in ``[…]``.
    brackets: bool = False
    #: Strings like ``$tag$…$tag$``.
    dollars: bool = False
    #: Strings like ``'''…'''``.
    triple: bool = False
    #: Further beginnings of comments that end with their line.
    line_comments: tuple[str, ...] = ()
    #: ``--`` begins a comment only with a space behind it.
    spaced_dashes: bool = False


@dataclass(frozen=True)
class Word:
    """``text`` in upper case, of ASCII letters only; a symbol as it is; nothing for what is quoted."""

    text: str
    #: From 0.
    position: int


#: A number ends where a letter begins: some servers take ``1INTO`` for two words.
_WORD = re.compile(r"@*[^\W\d][\w$]*|\d+")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_SPACE = " \t\r\n\f\v"
#: After these, some systems end a comment of one line, and some do not.
_ENDS_FOR_SOME = re.compile(r"\r(?!\n)|[\f\v\x1c-\x1e\x85\u2028\u2029]")
_EXECUTED = re.compile(r"/\*M?!")


def spoken(sql: str, lexis: Lexis) -> list[Word]:
    """All words and symbols that a server sees.

    Raises:
        NotUnderstood: that is not certain.
    """
    return list(_words(sql, lexis))


def _words(sql: str, lexis: Lexis) -> Iterator[Word]:
    at = 0
    while at < len(sql):
        sign = sql[at]
        if sign in _SPACE:
            at += 1
        elif end := _end_of_comment(sql, at, lexis):
            at = end
        elif end := _end_of_quoted(sql, at, lexis):
            yield Word("", at)
            at = end
        elif found := _WORD.match(sql, at):
            text = found[0]
            yield Word(text.upper() if text.isascii() else text, at)
            at = found.end()
        elif sign.isascii() and sign.isprintable():
            yield Word(sign, at)
            at += 1
        else:
            raise NotUnderstood(f"it has the character U+{ord(sign):04X} outside of quotes", at)


def _end_of_comment(sql: str, at: int, lexis: Lexis) -> int:
    """Where the comment that begins here ends; 0 if none does."""
    if sql.startswith("/*", at):
        return _end_of_block(sql, at)
    dashes = sql.startswith("--", at)
    if dashes and lexis.spaced_dashes and sql[at + 2 : at + 3].strip():
        raise NotUnderstood("it has -- without a space behind it", at)
    if not dashes and not sql.startswith(lexis.line_comments, at):
        return 0
    end = sql.find("\n", at)
    end = len(sql) if end < 0 else end + 1
    if _ENDS_FOR_SOME.search(sql, at, end):
        raise NotUnderstood("it has a comment with an unusual line end in it", at)
    return end


def _end_of_block(sql: str, at: int) -> int:
    if _EXECUTED.match(sql, at):
        raise NotUnderstood("it has a comment that is executed", at)
    end = sql.find("*/", at + 2)
    if end < 0:
        raise NotUnderstood("it has a comment that is not closed", at)
    if sql.find("/*", at + 2, end + 1) >= 0:
        raise NotUnderstood("it has a comment within a comment", at)
    return end + 2


def _end_of_quoted(sql: str, at: int, lexis: Lexis) -> int:
    """Where the string or the quoted name that begins here ends; 0 if none does."""
    sign = sql[at]
    if sign == "$" and (found := _DOLLAR.match(sql, at)):
        if not lexis.dollars:
            raise NotUnderstood(f"it has {found[0]} in it", at)
        end = sql.find(found[0], found.end())
        if end < 0:
            raise NotUnderstood("it has a quote that is not closed", at)
        return end + len(found[0])
    if sign == "[" and lexis.brackets:
        return _end_of(sql, at, "]", "nothing")
    if sign not in "'\"" and not (sign == "`" and lexis.backticks):
        return 0
    is_string = sign == "'" or lexis.double_quoted_strings or sign == "`"
    if lexis.triple and sql.startswith(sign * 3, at):
        return _end_of(sql, at, sign * 3, lexis.backslash)
    return _end_of(sql, at, sign, lexis.backslash if is_string else "nothing")


def _end_of(sql: str, at: int, closing: str, backslash: str) -> int:
    """Behind the closing quote; twice in a row it stands for itself, unless it has three signs."""
    place = at + len(closing)
    while (place := sql.find(closing, place)) >= 0:
        slashes = place - len(sql[at:place].rstrip("\\")) - at
        if slashes % 2 and backslash == "unsure":
            raise NotUnderstood("it has a backslash in front of a quote", place - 1)
        if slashes % 2 and backslash == "escapes":
            place += 1
        elif len(closing) == 1 and sql.startswith(closing, place + 1):
            place += 2
        else:
            return place + len(closing)
    raise NotUnderstood("it has a quote that is not closed", at)
