#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# scan and ioc check without a daemon, on the shipped indicators and on own ones.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

iocs=$TREE/iocs
mkdir -p "$TMP/tree/deep"
cp "$iocs/selftest-marker.sh" "$TMP/tree/deep/$'renamed\n'.sh"
echo harmless >"$TMP/tree/file"
ln -s /etc "$TMP/tree/link"

run 1 "$BIN/tocsin" scan --ioc "$iocs" "$TMP/tree"
says MATCH
says deep/
says 'set selftest'
says '2 files'
complaints=$(<"$TMP/err")
[[ -z $complaints ]] || no "scan complained, and shows progress to a file: $complaints"
! grep -q $'\e' "$TMP/out" || no 'colour in a file'
run 1 "$BIN/tocsin" scan --ioc "$iocs" "$TMP/tree" --json
json_only
says '"kind":"match"'
says '"kind":"summary"'
run 0 "$BIN/tocsin" scan --ioc "$iocs" "$TMP/tree/file"
says '0 matched'
run 2 "$BIN/tocsin" scan --ioc "$iocs" "$TMP/nowhere"
complains 'nowhere: No such file'
# One that cannot be read does not hide a match in another.
run 1 "$BIN/tocsin" scan --ioc "$iocs" "$TMP/nowhere" "$TMP/tree"
run 2 "$BIN/tocsin" scan --ioc "$TMP/nowhere.ioc" "$TMP/tree"

# SHA-1 and MD5 are computed when a set asks for them, and only the digest has to fit.
{
  echo '# set: own'
  printf 'md5,%s\n' "$(md5sum <"$TMP/tree/file" | cut -d' ' -f1)"
} >"$TMP/own.ioc"
run 1 "$BIN/tocsin" scan --ioc "$TMP/own.ioc" "$TMP/tree/file"
says 'set own'
echo 'sha256,nonsense' >>"$TMP/own.ioc"
run 1 "$BIN/tocsin" scan --ioc "$TMP/own.ioc" "$TMP/tree/file"
complains 'own.ioc:3'

# Ctrl-C: what was found so far is told, and that the rest was not looked at.
code=0
timeout --preserve-status -s INT 1 "$BIN/tocsin" scan --json --ioc "$TMP/own.ioc" /usr /usr /usr /usr /usr \
  >"$TMP/out" 2>"$TMP/err" || code=$?
[[ $code -eq 2 ]] || no "exit $code after Ctrl-C"
says '"stopped":true'
complains 'stopped: the rest was not looked at'

check=("$BIN/tocsin" ioc check --file "$iocs")
run 1 "${check[@]}" www.journalide.org
says '3cx-2023'
run 1 "${check[@]}" 'www[.]journalide[.]org'
run 0 "${check[@]}" journalide.org.example
says 'no match'
run 2 "${check[@]}" 'no such..value'
run 2 "${check[@]}" 'no such..value' www.journalide.org
says '3cx-2023'
run 1 "${check[@]}" --json 198.51.100.77 192.0.2.1
json_only
[[ $(wc -l <"$TMP/out") -eq 2 ]] || no 'one document for each value'
run 2 "$BIN/tocsin" ioc check --file "$TMP/nowhere.ioc" x.test
silent
finish
