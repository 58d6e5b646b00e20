#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# config check and config show: places of faults, origins of values, exit codes.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

cat >"$TMP/good.toml" <<'TOML'
[control]
socket = "/tmp/somewhere.sock"
TOML
run 0 "$BIN/tocsin" config check --config "$TMP/good.toml"
says 'no faults'
run 0 "$BIN/tocsin" config check --config "$TMP/good.toml" --json
says '"ok":true'
json_only
run 0 "$BIN/tocsin" config show --config "$TMP/good.toml"
says '/tmp/somewhere.sock'
says "good.toml:2"
says '# default'
run 0 "$BIN/tocsin" config show --config "$TMP/good.toml" --json
json_only
run 0 "$BIN/tocsin" config show --config "$TMP/good.toml" -o 'control.socket=/tmp/other.sock'
says '/tmp/other.sock'

printf '[sinks]\nstdout = "loud"\n\n[nonsense]\nx = 1\n' >"$TMP/bad.toml"
run 1 "$BIN/tocsin" config check --config "$TMP/bad.toml"
says 'bad.toml:2:'
says 'bad.toml:4:'
run 1 "$BIN/tocsin" config check --config "$TMP/bad.toml" --json
says '"line":2'
json_only
run 1 "$BIN/tocsin" config show --config "$TMP/bad.toml"
complains 'bad.toml:2:'

printf '[response]\nsets = ["incident=deny", "other=shoot"]\nallow = ["10.0.0.0/99"]\n' >"$TMP/rules.toml"
run 1 "$BIN/tocsin" config check --config "$TMP/rules.toml"
says 'rules.toml:2:'
says 'alert, kill or deny'
says 'rules.toml:3:'

printf 'state_dir = "\n' >"$TMP/broken.toml"
run 1 "$BIN/tocsin" config check --config "$TMP/broken.toml"
says 'broken.toml:1:'
run 2 "$BIN/tocsin" config check --config "$TMP/missing.toml"
complains 'missing.toml'
silent
run 0 "$BIN/tocsin" config check --config "$TREE/systemd/tocsin.toml"
finish
