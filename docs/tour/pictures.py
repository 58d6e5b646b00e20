# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
"""Pictures of the tour, out of what the tools themselves draw.
usage: pictures.py report PAGE.html FOLDER   the drawings of a report's page as files of their own
       pictures.py screen FILE.svg           a terminal's screen, as `tmux capture-pane -p -e` prints it on stdin"""
import html
import pathlib
import re
import sys

FILES = {"Contacts over time": "contacts", "Distance of two contacts": "intervals", "Contacts per hour": "hours",
         "Bytes sent in each contact": "bytes"}
DRAWN = (".axis", ".tick", ".bar", ".band", ".gap", ".median", ".dots", "svg text")
COLOURS = ["#3b4252", "#ff7b72", "#63c584", "#e3a34b", "#82aaff", "#c8a2ff", "#66c7c7", "#e7e9ee"]
GROUND, INK, SOFT = "#14161a", "#e7e9ee", "#9aa3b2"
CELL, LINE = 8.4, 18


def report(page, folder):
    text = pathlib.Path(page).read_text(encoding="utf-8")
    style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
    colours = "".join(re.findall(r"(?:@media \(prefers-color-scheme: dark\) { )?:root {.*?}(?: })?\n", style, re.S)[:2])  # not those of print
    rules = "".join(line + "\n" for line in style.splitlines() if line.startswith(DRAWN))
    for drawing in re.findall(r'<svg viewBox="0 0 \d+ \d+" role="img".*?</svg>', text, re.S):
        title = re.search(r"<title>(.*?)</title>", drawing).group(1)
        name = next(file for start, file in FILES.items() if title.startswith(start))
        width, height = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawing).groups()
        head, rest = drawing.split(">", 1)
        head = head.replace("<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" ')
        made = (f"{head}>\n<style>\n{colours}{rules}.card {{ fill: var(--card); }}\n</style>\n"
                f'<rect class="card" width="{width}" height="{height}"/>\n{rest}\n')
        pathlib.Path(folder, name + ".svg").write_text(made, encoding="utf-8")
        print(f"{name}.svg: {html.unescape(title)}")


class Pen:
    """What the terminal writes with after the escape sequences so far."""

    def __init__(self):
        self.set("0")

    def set(self, codes):
        for code in (codes or "0").split(";"):
            number = int(code or 0)
            if number == 0:
                self.ink, self.bold, self.reverse, self.dim = INK, False, False, False
            elif number in (1, 2, 7):
                setattr(self, {1: "bold", 2: "dim", 7: "reverse"}[number], True)
            elif 30 <= number <= 37:
                self.ink = COLOURS[number - 30]
            elif number == 39:
                self.ink = INK

    def style(self):
        ink = SOFT if self.dim else self.ink
        return (GROUND if self.reverse else ink), (ink if self.reverse else None), self.bold


def screen(file):
    lines = sys.stdin.read().rstrip("\n").split("\n")
    out, columns, pen = [], 0, Pen()
    for row, line in enumerate(lines):
        at = 0
        for codes, run in re.findall(r"(?:\x1b\[([0-9;]*)m)?([^\x1b]*)", line):
            if codes or not run:
                pen.set(codes)
            if not run:
                continue
            ink, behind, bold = pen.style()
            x, y = 10 + at * CELL, 10 + row * LINE
            if behind:
                out.append(f'<rect x="{x:.1f}" y="{y}" width="{len(run) * CELL:.1f}" height="{LINE}" fill="{behind}"/>')
            if run.strip():
                weight = ' font-weight="700"' if bold else ""
                out.append(f'<text x="{x:.1f}" y="{y + 13}" fill="{ink}" textLength="{len(run) * CELL:.1f}"{weight}>'
                           f"{html.escape(run)}</text>")
            at += len(run)
        columns = max(columns, at)
    width, height = columns * CELL + 20, len(lines) * LINE + 20
    pathlib.Path(file).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
        f'height="{height}" font-family="ui-monospace, DejaVu Sans Mono, monospace" font-size="14" '
        f'xml:space="preserve">\n<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>\n' + "\n".join(out) +
        "\n</svg>\n", encoding="utf-8")


if sys.argv[1:2] == ["report"] and len(sys.argv) == 4:
    report(*sys.argv[2:])
elif sys.argv[1:2] == ["screen"] and len(sys.argv) == 3:
    screen(sys.argv[2])
else:
    sys.exit(__doc__)
