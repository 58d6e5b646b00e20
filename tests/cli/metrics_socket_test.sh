#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# tocsin-relay answers on a socket that systemd opened for it, of whatever family.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

if ! command -v systemd-socket-activate >/dev/null; then
  echo 'SKIPPED metrics socket: systemd-socket-activate is not installed'
  exit 0
fi
relay=("$BIN/tocsin-relay" --socket "$TMP/no-daemon.sock" -o "relay.state_dir=$TMP/state" -o "relay.feeds=$TMP/none.toml"
  -o resolve.enabled=false)
trap 'kill "${activator:-}" 2>/dev/null || true; rm -rf "$TMP"' EXIT

# activate SOCKET [SOCKET…]: listens there; the relay starts with the first connection.
activate() {
  systemd-socket-activate "${@/#/--listen=}" "${relay[@]}" 2>"$TMP/log" &
  activator=$!
  for _ in {1..100}; do
    ! grep -q "Listening on ${!#}" "$TMP/log" || return 0
    sleep 0.1
  done
  no "nobody listens: $(cat "$TMP/log")"
}

activate "$TMP/metrics.sock"
run 0 curl -sS --max-time 20 --unix-socket "$TMP/metrics.sock" http://relay/metrics
says 'tocsin_up 0'
run 0 curl -sS --max-time 20 --unix-socket "$TMP/metrics.sock" http://relay/metrics
says 'tocsin_up 0'
kill "$activator"
wait "$activator" || no "the relay ended with $?: $(cat "$TMP/log")"

# Two are one too many: which is meant is not guessed.
activate "$TMP/one.sock" "$TMP/two.sock"
curl -sS --max-time 5 --unix-socket "$TMP/one.sock" http://relay/metrics >/dev/null 2>&1 || true
code=0
wait "$activator" || code=$?
[[ $code -eq 2 ]] || no "two sockets: exit $code instead of 2"
grep -q '2 descriptors came from the service manager' "$TMP/log" || no "two sockets: $(cat "$TMP/log")"
finish
