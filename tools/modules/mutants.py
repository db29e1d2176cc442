# SPDX-License-Identifier: MIT
"""Mutants: small changes of the source, each of which some test should notice. For tools/mutate.

A change is made in one line of a function. The kinds, and what becomes of the line:

    comparison   < <= > >= == !=   the neighbour: < becomes <=, == becomes !=
    logic        && || !           the other; ! is dropped
    count        ++ -- += -=       the other direction, not in the head of a loop
    edge         + 1, - 1          dropped
    error        return -E...;     return 0;
                 return error;     dropped: the caller goes on after an error
                 goto undo;        dropped
    flush        flush...();       dropped
    flag         x |= F; x &= ~F;  dropped
    value        p->x = y;         dropped
    call         f(...);           dropped
"""
import os
import re
from dataclasses import dataclass

from source_tree import TOP, files_of

ROOMS = ("efi", "fs", "kernel", "lib", "mm", "paging")
_NEIGHBOUR = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
_HIDDEN = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|//[^\n]*", re.DOTALL)
_PARTS = (("comparison", re.compile(r"(?<![<>=!-])(<=|>=|==|!=|<|>)(?![<>=])")), ("logic", re.compile(r"&&|\|\||!(?=[\w(*])")),
          ("count", re.compile(r"\+\+|--|\+=|-=")), ("edge", re.compile(r" [+-] 1\b(?!\w)")))
_ERROR = re.compile(r"return -E\w+;|return (?:err|error|ret|status|result);|goto \w+;")
_FLUSH = re.compile(r"\w*flush\w*\(.*\);$")
_FLAG = re.compile(r"[^=;]+ (?:\|=|&= ~).*;$")
_VALUE = re.compile(r"[\w>.\[\]()*-]*(?:->|\.|\]|^\*)[\w>.\[\]*-]* = [^;]*;$")
_CALL = re.compile(r"(?!if |for |while |return |switch |BUG_ON|assert|static_assert|_Static_assert|va_)[a-z_]\w*\(.*\);$")


@dataclass(frozen=True)
class Mutant:
    """Line `line` of `file`, counted from 1, becomes `new`."""
    file: str
    line: int
    kind: str
    old: str
    new: str

    @property
    def key(self):
        """What stays the same when lines are inserted above."""
        return self.file, self.old.strip(), self.new.strip()

    def planted(self, text):
        """The file's text with the change."""
        lines = text.split("\n")
        lines[self.line - 1] = self.new
        return "\n".join(lines)


def _code(text):
    """The text with comments and literals blanked, in the same columns."""
    return _HIDDEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _part(kind, found, code):
    """What an operator becomes, or None."""
    if kind == "comparison":
        return _NEIGHBOUR[found]
    if kind == "logic":
        return {"&&": "||", "||": "&&", "!": ""}[found]
    if kind == "count":
        return None if re.search(r"\bfor \(", code) else found.replace("+", "*").replace("-", "+").replace("*", "-")
    return ""


def _of_line(code, line):
    """(kind, new) for a line, of which `code` has no comments and literals."""
    body = code.strip()
    indentation = line[:len(line) - len(line.lstrip())]
    for kind, pattern in _PARTS:
        for match in pattern.finditer(code):
            instead = _part(kind, match[0], code)
            if instead is not None:
                yield kind, line[:match.start()] + instead + line[match.end():]
    for match in _ERROR.finditer(code):
        yield "error", line[:match.start()] + ("return 0;" if match[0].startswith("return -") else ";") + line[match.end():]
    for kind, pattern in (("flush", _FLUSH), ("flag", _FLAG), ("value", _VALUE), ("call", _CALL)):
        if pattern.match(body) and body.count("(") == body.count(")"):
            yield kind, indentation + ";"
            break


def of_file(name):
    """The mutants of a file of the checkout."""
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        text = file.read()
    continued = False
    for number, (line, code) in enumerate(zip(text.split("\n"), _code(text).split("\n")), 1):
        # A function's lines are indented; a macro's lines end with a backslash.
        if line.startswith("\t") and not continued and "BUG_ON(" not in code and "assert(" not in code:
            for kind, new in _of_line(code, line):
                yield Mutant(name, number, kind, line, new)
        continued = line.endswith("\\")


def of_parts(parts):
    """The mutants of files and folders, in a fixed order."""
    names = sorted(name for name in files_of(parts) if name.endswith((".c", ".h")))
    return [mutant for name in names for mutant in of_file(name)]
