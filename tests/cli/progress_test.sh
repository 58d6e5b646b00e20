#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Long work on a terminal tells how far it is, and how fast; Ctrl-C ends it in order, with what was found so far. In a
# pipe there is no progress.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"
# shellcheck source=tests/cli/terminal.sh
source "$(dirname "$0")/terminal.sh"

if ! command -v tmux >/dev/null; then
  echo 'SKIPPED cli progress: no tmux here'
  finish
  exit 0
fi
export PATH=$BIN:$PATH
python3 - "$TMP" <<'PYTHON'
import sys
folder = sys.argv[1]
exec_line = '{"ts":1700000000,"kind":"exec","pid":7,"start":1700000000,"path":"/opt/agent","sha256":"%s"}\n' % ("a" * 64)
with open(f"{folder}/long.jsonl", "w") as out:
    out.write(exec_line)
    for i in range(400_000):
        out.write('{"ts":%d,"kind":"connect","pid":7,"start":1700000000,"addr":"192.0.2.%d","port":443}\n'
                  % (1700000001 + i, i % 250))
with open(f"{folder}/short.jsonl", "w") as out:
    out.write(exec_line)
PYTHON
printf '# set: own\nsha256,%064d\n' 0 | tr 0 b >"$TMP/own.ioc"
printf '# set: own\nsha256,%064d\n' 0 | tr 0 a | sed 's/set: own/set: a/' >"$TMP/a.ioc"

run 0 tocsin replay "$TMP/short.jsonl" --ioc "$TMP/own.ioc"
! grep -q $'\r' "$TMP/err" || no 'progress in a pipe'

open_terminal 100 30
type_line "stty -g > '$TMP/modes.before'; PATH=$BIN:\$PATH; cd $TMP; clear"
type_line 'tocsin replay long.jsonl --ioc a.ioc; echo code $?'
shows 'MiB of 3' '/s, ' ' left'
press C-c
shows 'stopped: the rest of the file was not looked at' 'ALARM' 'code 2'
hides ' left'

type_line 'clear; tocsin scan --ioc own.ioc /usr /usr /usr; echo code $?'
shows ' files, ' 'B/s'
press C-c
shows 'stopped: the rest was not looked at' 'code 2'
sane

# A history that was begun before Ctrl-C is whole as far as it goes.
type_line 'clear; tocsin replay long.jsonl --ioc a.ioc --state-dir case; echo code $?'
shows 'MiB of 3'
press C-c
shows 'code 2'
run 1 tocsin hunt 192.0.2.7 --state-dir "$TMP/case"
says '192.0.2.7'
run 2 tocsin replay "$TMP/short.jsonl" --ioc "$TMP/own.ioc" --state-dir "$TMP/case"
complains 'there is a history already'
finish
