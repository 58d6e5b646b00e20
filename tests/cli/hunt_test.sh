#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Hunting in the files of a history, without a daemon: verdicts, exit codes, hostile state folders.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

socket=$TMP/control.sock
run 3 "$BIN/tocsin" hunt evil.example.org --socket "$socket"
silent
complains 'tocsind is not reachable'
run 3 "$BIN/tocsin" hunt --json evil.example.org --socket "$socket"
silent
run 2 "$BIN/tocsin" hunt --socket "$socket" 'no value at all'
complains 'no digest, address'
run 2 "$BIN/tocsin" hunt --socket "$socket" evil.org --since never
run 2 "$BIN/tocsin" hunt --state-dir "$TMP" evil.org
complains seen.db

state=$TMP/state
mkdir -p "$state/history"
python3 - "$state/history/seen.db" "$TREE/tests/cli/history_seen.sql" <<'PYTHON'
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.executescript(open(sys.argv[2]).read())
day = 86400 * 10**9
now = time.time_ns()
db.execute("INSERT INTO run VALUES(1,'b','1','6.1',?,?,?,'{}')", (now - 30 * day, now - 20 * day, now - 20 * day))
db.execute("INSERT INTO run VALUES(2,'b','1','6.1',?,?,NULL,'{}')", (now - 19 * day, now - 1 * day))
db.execute("INSERT INTO lost VALUES(?,'ring/connect',311)", ((now - 25 * day) // (60 * 10**9),))
db.execute("INSERT INTO hashed VALUES(?,'gone',14)", ((now - 25 * day) // (60 * 10**9),))
db.execute("INSERT INTO who VALUES(1,'d',?)", ('{"path":"/usr/bin/curl\\u001b[2J","user":"alice","lineage":[{"path":"/bin/sh"}]}',))
db.execute("INSERT INTO seen VALUES(4,?,?,'',?,?,213,12,8,1,1,77,5,77,5)", (b'org.evil.www', b'\x01' * 32, now - 28 * day, now - 5 * day))
db.execute("INSERT INTO content VALUES(?,NULL,NULL,5,'/usr/bin/curl')", (b'\x01' * 32,))
db.commit()
db.close()
PYTHON

run 1 "$BIN/tocsin" hunt --state-dir "$state" 'evil[.]org' 198.51.100.7 journalide.org
says 'SEEN  evil.org (domain)'
says '213 times on 12 days'
says 'by /usr/bin/curl'
says '\x1b'
says 'No sighting of 2 of 3 values between'
says '2 gaps in which nobody watched'
says '311 events lost (ring/connect 311)'
says '14 executions not hashed'
run 0 "$BIN/tocsin" hunt --state-dir "$state" journalide.org
run 0 "$BIN/tocsin" hunt --state-dir "$state" evil.org --since 2d
says 'Not in this period, but before it: evil.org'
run 0 "$BIN/tocsin" hunt --state-dir "$state" notevil.org --since 60d
says 'not kept that long'
run 0 "$BIN/tocsin" hunt --state-dir "$state" d41d8cd98f00b204e9800998ecf8427e
says 'cannot know: MD5 was not computed for 1 of 1 files'
run 1 "$BIN/tocsin" hunt --json --state-dir "$state" evil.org
json_only
printf 'Indicators of compromise\n\nwww[.]evil[.]org\n' >"$TMP/report.txt"
run 1 "$BIN/tocsin" hunt --state-dir "$state" --file "$TMP/report.txt"
printf '# set: mine\ndomain,evil.org\ndomain,other-evil.org\n' >"$TMP/mine.ioc"
mkdir -p "$state/iocs"
cp "$TMP/mine.ioc" "$state/iocs/mine.ioc"
run 1 "$BIN/tocsin" hunt --state-dir "$state" --set mine
says 'No sighting of 1 of 2 values'
run 2 "$BIN/tocsin" hunt --state-dir "$state" --set nobodys
complains nobodys
# Ten thousand values in one go, past what one request holds.
python3 -c 'for i in range(10000): print("host%d.zone.org" % i)' >"$TMP/many"
mapfile -t many <"$TMP/many"
run 1 "$BIN/tocsin" hunt --json --state-dir "$state" evil.org "${many[@]}"
json_only
[[ $(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["asked"])' "$TMP/out") == 10001 ]] ||
  no 'not all of 10001 values were asked'

# A daemon that was killed: its last transaction stands in the log beside the file.
python3 - "$state/history/seen.db" <<'PYTHON' || true
import os, signal, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA wal_autocheckpoint=0")
now = time.time_ns()
db.execute("INSERT INTO seen VALUES(4,?,?,'',?,?,1,1,4,1,1,77,5,77,5)", (b'org.late', b'\x01' * 32, now, now))
db.commit()
os.kill(os.getpid(), signal.SIGKILL)
PYTHON
[[ -s $state/history/seen.db-wal ]] || no 'the log is not there'

# A copy that nothing may be written into.
if ((EUID == 0)); then
  mkdir "$TMP/ro"
  if unshare -m true 2>/dev/null; then
    # shellcheck disable=SC2016
    run 1 unshare -m bash -c 'mount --bind "$1" "$2" && mount -o remount,ro,bind "$2" && "$3" hunt --state-dir "$2" evil.org late.org' \
      _ "$state" "$TMP/ro" "$BIN/tocsin"
    says 'SEEN  late.org'
  else
    echo 'SKIPPED cli hunt read-only: mount namespaces are refused'
  fi
  chmod 700 "$TMP/state"
  chmod 755 "$TMP"
  cp "$BIN/tocsin" "$TMP/tocsin"
  run 2 setpriv --reuid=65534 --regid=65534 --clear-groups "$TMP/tocsin" hunt --state-dir "$state" evil.org
fi

run 1 "$BIN/tocsin" hunt --state-dir "$state" late.org
# Files that are no history.
printf 'not a database' >"$state/history/seen.db"
rm -f "$state/history/seen.db-wal" "$state/history/seen.db-shm"
run 2 "$BIN/tocsin" hunt --state-dir "$state" evil.org
complains seen.db
finish
