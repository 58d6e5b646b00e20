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

type_line 'clear; tocsin scan --ioc own.ioc /usr /usr /usr /usr; echo code $?'
shows ' files, ' 'B/s' ' left'
press C-c
shows 'stopped: the rest was not looked at' 'code 2'
sane

# Within one file, too: nothing of it is told before its end.
truncate -s 100G "$TMP/sparse"
type_line 'clear; echo be''gun; tocsin scan --ioc own.ioc sparse; echo code $?'
shows 'begun'
sleep 0.5
press C-c
shows 'stopped: the rest was not looked at' 'code 2'
rm "$TMP/sparse"

# Documents: how much of them was read.
python3 -c 'import sys
for i in range(1_500_000): sys.stdout.write("host%d.journalide.org\n" % (i % 500))' >"$TMP/long.txt"
type_line 'clear; tocsin ioc extract long.txt >/dev/null; echo code $?'
shows 'long.txt: ' 'MiB of 3' ' left'
press C-c

# A daemon that is long at one question: the first Ctrl-C is enough.
python3 - "$TMP/slow.sock" <<'PYTHON' &
import json, socket, struct, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
while True:
    client, _ = server.accept()
    hello = json.dumps({"hello": "tocsin", "protocol": 1, "version": "0.1.0", "access": "read"}).encode()
    client.sendall(struct.pack("<I", len(hello)) + hello)
    while client.recv(4096):
        pass
PYTHON
slow=$!
for ((i = 0; i < 200; i++)); do [[ -S $TMP/slow.sock ]] && break || sleep 0.1; done
trap 'kill "$slow" 2>/dev/null || true; close_terminal; rm -rf "$TMP"' EXIT
type_line 'clear; tocsin hunt journalide.org --socket slow.sock; echo code $?'
shows 'asking the history'
press C-c
shows 'stopped before the daemon had answered' 'code 2'

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
