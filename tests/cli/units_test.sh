#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The units are hardened as far as measured to work, and no one loosens them by accident.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

if ! command -v systemd-analyze >/dev/null; then
  echo 'SKIPPED units: systemd-analyze is not installed'
  exit 0
fi
declare -A most=([tocsind]=18 [tocsin-relay]=18 [tocsin-fleet]=18 [tocsin-fleet-watch]=18)
for unit in "${!most[@]}"; do
  systemd-analyze security --offline=true --no-pager --threshold="${most[$unit]}" \
    "$TREE/systemd/$unit.service" >"$TMP/out" 2>&1 ||
    no "$unit.service: $(tail -n 1 "$TMP/out")"
  # Unknown keys and sections are only warnings there; that the programs are not installed is known.
  systemd-analyze verify "$TREE/systemd/$unit.service" 2>&1 |
    grep -v -e 'is not executable: No such file' -e "Command 'man " -e 'Unit tocsin' >"$TMP/out" || true
  [[ ! -s $TMP/out ]] || no "$unit.service: $(cat "$TMP/out")"
done
# What the daemon and its canary call and a deny list before would have taken: the last line wins.
allowed=$(grep '^SystemCallFilter=[^~@]' "$TREE/systemd/tocsind.service" | tail -n 1)
for call in bpf capset open_by_handle_at @chown; do
  [[ " ${allowed#SystemCallFilter=} " == *" $call "* ]] ||
    no "tocsind.service: SystemCallFilter= does not allow $call"
done
# It makes systemd refuse openat2(), and scripts are hashed by it.
! grep -q '^RestrictSUIDSGID=' "$TREE/systemd/tocsind.service" || no 'tocsind.service: RestrictSUIDSGID= blinds it'

# Root's only, and not there in fleets of before: without either line a unit fails there.
for unit in tocsin-fleet tocsin-fleet-watch; do
  for line in 'LoadCredential=brokers:/etc/tocsin/fleet/' 'SetCredential=brokers:#'; do
    grep -q "^$line" "$TREE/systemd/$unit.service" || no "$unit.service: no $line"
  done
done

if command -v systemd-sysusers >/dev/null; then
  mkdir -p "$TMP/root/etc"
  systemd-sysusers --root="$TMP/root" "$TREE/systemd/tocsin.sysusers" >"$TMP/out" 2>&1 ||
    no "tocsin.sysusers: $(cat "$TMP/out")"
  for user in tocsin tocsin-relay; do
    grep -q "^$user:" "$TMP/root/etc/passwd" || no "tocsin.sysusers makes no user $user"
  done
else
  echo 'SKIPPED sysusers: systemd-sysusers is not installed'
fi
finish
