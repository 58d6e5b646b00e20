#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Completions are valid for their shells and know the whole command tree.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

for shell in bash zsh fish; do
  run 0 "$BIN/tocsin" completion "$shell"
  cp "$TMP/out" "$TMP/$shell"
  for word in doctor who extract rollback --follow --severity; do says "${word#--}"; done
  if command -v "$shell" >/dev/null; then
    "$shell" -n "$TMP/$shell" 2>"$TMP/err" || no "$shell does not take its script: $(head -n 3 "$TMP/err")"
  else
    echo "SKIPPED completion for $shell: it is not installed"
  fi
done

# complete_bash WORD…: what bash would offer for the last word.
complete_bash() {
  (
    # shellcheck source=/dev/null
    source "$TMP/bash"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _tocsin
    printf '%s\n' "${COMPREPLY[@]}"
  ) >"$TMP/out"
}
complete_bash tocsin al
[[ $(cat "$TMP/out") == alerts ]] || no "bash offers for 'al': $(cat "$TMP/out")"
complete_bash tocsin --json ioc ''
says extract
says --socket
! grep -qx doctor "$TMP/out" || no 'bash offers doctor below ioc'
complete_bash tocsin alerts --us
[[ $(cat "$TMP/out") == --user ]] || no "bash offers for 'alerts --us': $(cat "$TMP/out")"
# It is for those who build packages.
run 0 "$BIN/tocsin" --help
! grep -q completion "$TMP/out" || no 'the help shows completion'
run 2 "$BIN/tocsin" completion tcsh
finish
