#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Without a daemon: exit 3, a way out on stderr, nothing on stdout, nothing left behind.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

socket=$TMP/control.sock
for command in status alerts 'alerts --follow' events 'explain 01K' 'ioc list' 'ioc list --review' 'ioc stats' \
  'ioc check x.test' 'ioc export' 'ioc export --format stix' 'feeds list'; do
  read -ra words <<<"$command"
  for json in '' --json; do
    # shellcheck disable=SC2086  # an empty $json is no argument
    run 3 "$BIN/tocsin" "${words[@]}" --socket "$socket" $json
    silent
    complains 'not reachable'
    complains 'systemctl start tocsind'
  done
done
# The options may stand in front, and the variable counts, too.
run 3 "$BIN/tocsin" --json --socket "$socket" status
run 3 env TOCSIN_SOCKET="$TMP/elsewhere.sock" "$BIN/tocsin" status
complains elsewhere.sock

if ((EUID == 0)); then
  run 3 "$BIN/tocsin" ioc reload --socket "$socket"
  run 3 "$BIN/tocsin" ioc remove some --socket "$socket"
  run 3 "$BIN/tocsin" feeds update --socket "$socket"
  run 3 "$BIN/tocsin" record -o "$TMP/recording" --socket "$socket"
  [[ ! -e $TMP/recording ]] || no 'a recording that never began left a file'
  echo precious >"$TMP/there"
  run 2 "$BIN/tocsin" record -o "$TMP/there" --socket "$socket"
  complains 'take another name'
  [[ $(<"$TMP/there") == precious ]] || no 'record overwrote a file'
  run 2 "$BIN/tocsin" record -o "$TMP/recording" --for never --socket "$socket"
  # Another user: told to use sudo before anything else.
  chmod 755 "$TMP"
  cp "$BIN/tocsin" "$TMP/tocsin"
  run 2 setpriv --reuid=65534 --regid=65534 --clear-groups "$TMP/tocsin" ioc reload --socket "$socket"
  complains 'needs root'
else
  echo 'SKIPPED cli no_daemon as root: reload and record need root'
fi

# Something that is not a daemon.
python3 - "$socket" <<'PYTHON' &
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(4)
while True:
    c, _ = s.accept()
    c.sendall(b"220 mail.example ESMTP\r\n")
    c.close()
PYTHON
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$TMP"' EXIT
for _ in $(seq 100); do
  [[ ! -S $socket ]] || break
  sleep 0.05
done
code=0
"$BIN/tocsin" status --socket "$socket" >"$TMP/out" 2>"$TMP/err" || code=$?
[[ $code -eq 2 || $code -eq 3 ]] || no "a foreign server gave exit $code"
silent
finish
