#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The shipped rsyslog configuration, run by the real rsyslogd: every alert of the file arrives byte by byte, over
# a rotation and a restart of rsyslogd, the long ones, too.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

rsyslogd=$(PATH=$PATH:/usr/sbin command -v rsyslogd || true)
if [[ -z $rsyslogd || $EUID -ne 0 ]]; then
  echo 'SKIPPED rsyslog: rsyslogd is not installed, or this is not root'
  exit 0
fi

# Real alerts, and one as long as a command line makes it.
scenario=$TREE/tests/scenario/connect-to-badcall
long=$(head -c 60000 /dev/zero | tr '\0' 'a')
sed "s/\"argv\":\[\"sysnetd\"\]/\"argv\":[\"sysnetd\",\"$long\"]/" "$scenario/events.jsonl" >"$TMP/events.jsonl"
run 0 "$BIN/tocsin" replay "$TMP/events.jsonl" --ioc "$scenario/indicators.ioc" --json
cp "$TMP/out" "$TMP/made"
[[ $(wc -l <"$TMP/made") -eq 2 && $(head -n 1 "$TMP/made" | wc -c) -gt 60000 ]] || no 'no two long alerts to send'

cat >"$TMP/receiver.py" <<'PY'
import os, socket, sys
server = socket.create_server(("127.0.0.1", 0))
with open(sys.argv[1] + ".new", "w") as port:
    port.write(str(server.getsockname()[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
with open(sys.argv[2], "ab", buffering=0) as out:
    while True:
        connection, _ = server.accept()
        with connection:
            while data := connection.recv(65536):
                out.write(data)
PY
python3 "$TMP/receiver.py" "$TMP/port" "$TMP/received" &
receiver=$!
daemon=
stop() {
  local pid
  for pid in $daemon $receiver; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$TMP"
}
trap stop EXIT
wait_for() {
  local i
  for ((i = 0; i < 300; ++i)); do
    "$@" && return
    sleep 0.1
  done
  no "waited in vain for: $*"
}
wait_for test -e "$TMP/port"

# The shipped file, but for where it reads and sends.
mkdir "$TMP/log" "$TMP/work"
{
  printf 'global(workDirectory="%s")\n' "$TMP/work"
  sed -e "s|/var/log/tocsin/|$TMP/log/|; s|siem\.example|127.0.0.1|; s|\"5514\"|\"$(cat "$TMP/port")\"|" \
    "$TREE/packaging/siem/rsyslog.conf"
} >"$TMP/rsyslog.conf"
"$rsyslogd" -N1 -f "$TMP/rsyslog.conf" >"$TMP/out" 2>&1 || no "rsyslogd does not take it: $(cat "$TMP/out")"
start() {
  "$rsyslogd" -n -f "$TMP/rsyslog.conf" -i "$TMP/pid" >"$TMP/rsyslogd.log" 2>&1 &
  daemon=$!
}
received() { [[ -e $TMP/received && $(wc -l <"$TMP/received") -ge $1 ]]; }

cat "$TMP/made" >"$TMP/log/alerts.jsonl"
start
wait_for received 2
# As the daemon rotates: the file gets another name, and a new one comes.
cat "$TMP/made" >>"$TMP/log/alerts.jsonl"
mv "$TMP/log/alerts.jsonl" "$TMP/log/alerts.jsonl.1"
head -n 1 "$TMP/made" >"$TMP/log/alerts.jsonl"
wait_for received 5
kill "$daemon"
wait "$daemon" || true
tail -n 1 "$TMP/made" >>"$TMP/log/alerts.jsonl"
start
wait_for received 6
cat "$TMP/made" "$TMP/made" "$TMP/made" >"$TMP/expected"
cmp -s <(sort "$TMP/expected") <(sort "$TMP/received") ||
  no "what arrived is not what was written: $(wc -l <"$TMP/received") lines, $(cat "$TMP/rsyslogd.log")"
finish
