# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
"""Runs every command of a page as it stands there and compares what it prints. In blocks that begin with ```console a
line "$ COMMAND" is run, the lines up to the next are what it prints (stdout, then stderr, blanks at line ends aside); a
line "…" stands for any number of lines.
usage: tour.py PAGE.md [--write]   in the folder where the commands are to run; --write puts what they print into PAGE"""
import pathlib
import re
import subprocess
import sys

COMMAND_S = 60


def run(command):
    done = subprocess.run(["bash", "-c", command], capture_output=True, stdin=subprocess.DEVNULL, timeout=COMMAND_S,
                          check=False)
    return [one.rstrip() for one in (done.stdout + done.stderr).decode(errors="replace").splitlines()]


def fits(expected, got):
    pattern = "".join("(?:.*\n)*?" if one == "…" else re.escape(one) + "\n" for one in expected)
    return re.fullmatch(pattern, "".join(one + "\n" for one in got)) is not None


def main():
    page = pathlib.Path(sys.argv[1])
    write = "--write" in sys.argv[2:]
    faults, commands, inside, out, lines = 0, 0, False, [], page.read_text().split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        out.append(line)
        if line.startswith("```"):
            inside = line == "```console"
        if not inside or not line.startswith("$ "):
            continue
        expected = []
        while not lines[at].startswith(("$ ", "```")):
            expected.append(lines[at].rstrip())
            at += 1
        commands += 1
        got = run(line[2:])
        while expected and not expected[-1]:
            expected.pop()
        while got and not got[-1]:
            got.pop()
        fit = fits(expected, got)
        if not fit and not write:
            faults += 1
            print(f"{page.name}: {line}\n  expected:")
            print("\n".join("    " + one for one in expected))
            print("  printed:")
            print("\n".join("    " + one for one in got))
        out.extend(expected if fit else got)
    if write:
        page.write_text("\n".join(out))
    print(f"{commands} commands, {faults} printed something else")
    sys.exit(0 if faults == 0 and commands > 0 else 1)


main()
