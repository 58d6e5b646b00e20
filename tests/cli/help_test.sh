#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Every command explains itself with an example, and mistakes name the way to that help.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

mapfile -t commands < <(all_commands)
((${#commands[@]} >= 30)) || no "only ${#commands[@]} commands were found"

run 0 "$BIN/tocsin" --version
says 'tocsin '
run 0 "$BIN/tocsin" --help
for command in "${commands[@]}"; do [[ $command == completion ]] || says "${command%% *}"; done
says 'Exit codes'

for command in "${commands[@]}"; do
  read -ra words <<<"$command"
  run 0 "$BIN/tocsin" "${words[@]}" --help
  says 'Example:'
  says "tocsin $command"
  [[ $command != completion ]] || continue  # it is for those who build packages
  # The manual page knows the command and every option of it.
  grep -qF "Ic $command" "$TREE/docs/man/tocsin.1" || no "tocsin.1 lacks $command"
  while read -r option; do
    grep -qF "Fl $option" "$TREE/docs/man/tocsin.1" || no "tocsin.1 lacks -$option of $command"
  done < <(sed -n '/^Options:/,/^$/p' "$TMP/out" | grep -oE -- '--[a-z]+' | sed 's/^-//' | grep -v help | sort -u)
done

run 2 "$BIN/tocsin"
complains 'see: tocsin --help'
run 2 "$BIN/tocsin" statsu
complains 'there is no command "statsu"'
run 2 "$BIN/tocsin" $'bell\a'
complains '\x07'
run 2 "$BIN/tocsin" ioc
complains 'see: tocsin ioc --help'
run 2 "$BIN/tocsin" alerts --loud
complains 'see: tocsin alerts --help'
run 2 "$BIN/tocsin" alerts --severity loud
run 2 "$BIN/tocsin" alerts --since soon
complains '"soon" is not a time'
run 2 "$BIN/tocsin" events --kind exec,dance
run 2 "$BIN/tocsin" scan
run 2 "$BIN/tocsin" explain
silent
finish
