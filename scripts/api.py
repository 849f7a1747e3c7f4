#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The public names, read from the headers.

api.py names HEADER...	one name a line
api.py map VERSION HEADER...	a symbol version script
"""
import re
import sys


def names(path):
    text = re.sub(r"/\*.*?\*/", " ", open(path).read(), flags=re.S)
    text = re.sub(r"^\s*#(?:\\\n|[^\n])*", " ", text, flags=re.M)
    text = re.sub(r"\{[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}[^{}]*)*\}",
                  "{}", text)
    out = set()
    for decl in text.split(";"):
        flat = " ".join(decl.split())
        m = re.match(r"extern .*?\b(atls_\w+)$", flat)
        if m is None:
            m = re.search(r"(?<!\()\b(atls_\w+)\(", flat)
        if m is not None and not flat.startswith("#"):
            out.add(m.group(1))
    return out


def main():
    if sys.argv[1] == "names":
        print("\n".join(sorted(set().union(*map(names, sys.argv[2:])))))
        return
    version, headers = sys.argv[2], sys.argv[3:]
    every = sorted(set().union(*map(names, headers)))
    print("%s {\nglobal:" % version)
    for n in every:
        print("\t%s;" % n)
    print("local:\n\t*;\n};")


main()
