#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes mutants of functions that decide, for scripts/prove.sh.

	prove-mutants.py FILE FUNCTION[,FUNCTION...]

Writes FILE to the standard output with a copy of each function, and of its
contract, for each mutant behind it: FUNCTION_mN.  Of every "check(..) != 1":

	the call is left out
	!= 1 becomes == 0, so that -1 passes

and of every "check(..) == 1" likewise.  To standard error, a line a mutant:
its name, the check, what was done.
"""
import re
import sys

CHECK = re.compile(r"\b(\w+)(\((?:[^()]|\([^()]*\))*\))\s*(!=|==)\s*1\b")


def find(text, name):
    """The contract, the declaration and the body of a function."""
    at = re.search(r"(/\*@(?:(?!\*/).)*\*/\n)((?:static )?[\w ]+\*?\n%s"
                   r"\(.*?\n\})\n" % name, text, re.S)
    if at is None:
        sys.exit("prove-mutants: no function with a contract: " + name)
    return at


def mutants(body):
    """(check, what was done, mutated body)"""
    for m in CHECK.finditer(body):
        positive = m.group(3) == "=="
        for what, new in (
                ("left out", "1" if positive else "0"),
                ("-1 passes", "%s%s %s 0" % (m.group(1), m.group(2),
                                             "!=" if positive else "=="))):
            yield (m.group(1), what,
                   body[:m.start()] + new + body[m.end():])


def main():
    path, functions = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    more = []
    for name in functions.split(","):
        contract, body = find(text, name).groups()
        n = 0
        for check, what, mutant in mutants(body):
            n += 1
            copy = re.sub(r"\b%s\(" % name, "%s_m%d(" % (name, n), mutant, 1)
            more.append(contract + copy + "\n")
            print("%s_m%d" % (name, n), check, what, sep="\t",
                  file=sys.stderr)
        if n == 0:
            sys.exit("prove-mutants: nothing to mutate: " + name)
    sys.stdout.write("\n".join([text] + more))


main()
