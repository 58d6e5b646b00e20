# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# shellcheck shell=bash
# Sourced by the command-line tests: BIN (folder of the programs), TREE (top of the sources), a
# temporary folder TMP that goes away, and functions that count what does not hold.
set -euo pipefail
# shellcheck disable=SC2034  # for the tests
BIN=$1 TREE=$2
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
unset TOCSIN_SOCKET NO_COLOR
failures=0

no() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

# run EXPECTED_CODE COMMAND…: output is in $TMP/out and $TMP/err afterwards.
run() {
  local expected=$1 code=0
  shift
  "$@" >"$TMP/out" 2>"$TMP/err" </dev/null || code=$?
  [[ $code -eq $expected ]] && return
  no "exit $code instead of $expected: $*"
  sed 's/^/    out: /' "$TMP/out" | head -n 20
  sed 's/^/    err: /' "$TMP/err" | head -n 20
}

says() { grep -qF -- "$1" "$TMP/out" || no "stdout lacks: $1 ($(head -c 300 "$TMP/out"))"; }
complains() { grep -qF -- "$1" "$TMP/err" || no "stderr lacks: $1 ($(head -c 300 "$TMP/err"))"; }
silent() { [[ ! -s $TMP/out ]] || no "stdout is not empty: $(head -c 300 "$TMP/out")"; }
# Every line on stdout is one JSON document.
json_only() {
  python3 -c 'import json,sys
for line in open(sys.argv[1], encoding="utf-8"): json.loads(line)' "$TMP/out" 2>"$TMP/json" ||
    no "stdout is not JSON lines: $(tail -n 1 "$TMP/json")"
}

# Every command that can be typed, one a line: out of the command tree, so that a new one cannot be forgotten. "fleet" is
# another program's tree, "completion" stands in no list.
all_commands() {
  "$BIN/tocsin" completion bash | sed -n "s|^    '/\(.*\)') words=.*|\1|p" | tr / ' ' | grep -v '^fleet' |
    awk '{ seen[NR] = $0; for (i = 1; i < NF; i++) inner[$i] = 1 } END { for (n = 1; n <= NR; n++) if (!(seen[n] in inner)) print seen[n] }'
  echo completion
}

finish() {
  if ((failures > 0)); then
    printf '%d failures\n' "$failures"
    exit 1
  fi
  echo ok
}
