#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# tocsin fleet: handed over with all its words when tocsin-fleet is there, told what to install when not.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

run 0 "$BIN/tocsin" --help
says fleet

if [[ -x /usr/sbin/tocsin-fleet ]]; then
  echo 'SKIPPED tocsin without tocsin-fleet: it is installed here'
else
  mkdir "$TMP/alone"
  cp "$BIN/tocsin" "$TMP/alone/tocsin"
  for words in 'fleet' 'fleet status' 'fleet status --json' 'fleet hunt --help'; do
    # shellcheck disable=SC2086  # words
    run 2 "$TMP/alone/tocsin" $words
    silent
    complains 'install tocsin-fleet'
  done
fi

if [[ ! -x $BIN/tocsin-fleet ]]; then
  echo 'SKIPPED tocsin-fleet: it was not built (libnats-dev)'
  finish
  exit
fi
run 0 "$BIN/tocsin" fleet --help
says 'Example:'
mapfile -t commands < <(sed -n '/^Subcommands:/,/^$/p' "$TMP/out" | awk 'NF > 1 { print $1 }' | grep -v :)
((${#commands[@]} >= 5)) || no "too few commands: ${commands[*]}"
for command in "${commands[@]}"; do
  run 0 "$BIN/tocsin" fleet "$command" --help
  says 'Example:'
  grep -qE "(Ic|Cm) $command" "$TREE/docs/man/tocsin-fleet.8" || no "tocsin-fleet.8 lacks $command"
  while read -r option; do
    grep -qE "Fl (o , Fl )?$option" "$TREE/docs/man/tocsin-fleet.8" || no "tocsin-fleet.8 lacks -$option of $command"
  done < <(sed -n '/^Options:/,/^$/p' "$TMP/out" | grep -oE -- '--[a-z-]+' | sed 's/^-//' | grep -v help | sort -u)
  # Completion and help of tocsin know what there is.
  complete=$("$BIN/tocsin" completion bash | grep "'/fleet/$command')") || no "completion lacks $command"
  while read -r option; do
    [[ $complete == *" $option"[\ \']* || $complete == *"'$option"[\ \']* ]] || no "completion of $command lacks $option"
  done < <(sed -n '/^Options:/,/^$/p' "$TMP/out" | grep -oE -- '--[a-z-]+')
done

run 2 "$BIN/tocsin" fleet dance
run 0 "$BIN/tocsin" fleet enroll --out "$TMP/f" --broker broker.test web-1 db-1
says "made $TMP/f/hosts/web-1"
run 0 "$BIN/tocsin" --json fleet enroll --out "$TMP/f" web-2
json_only
says '"made":["hosts/web-2"]'
[[ $(stat -c %a "$TMP/f/ca.key") == 600 ]] || no 'the CA is not its owner'"'"'s only'
run 2 "$BIN/tocsin" fleet enroll --out "$TMP/f" 'web.3'
complains "'web.3' is no name"
[[ $(cat "$TMP/f/operator/brokers" "$TMP/f/hosts/web-2/brokers" | sort -u) == broker.test ]] ||
  no 'the broker does not stand beside the certificates'
run 0 "$BIN/tocsin" fleet enroll --out "$TMP/g" web-1
run 2 "$BIN/tocsin" fleet status --credentials "$TMP/g/operator"
complains 'no broker is named'
run 2 "$BIN/tocsin" fleet enroll --out "$TMP/g" --here
complains '--here sets up a broker: name it, with --broker'
# Renewed: who is named, and nobody else.
sum() { cksum <"$TMP/f/$1"; }
web=$(sum hosts/web-1/host.pem) db=$(sum hosts/db-1/host.pem) operator=$(sum operator/operator.pem)
run 0 "$BIN/tocsin" fleet enroll --out "$TMP/f" --renew web-1
says "made $TMP/f/hosts/web-1"
[[ $(sum hosts/web-1/host.pem) != "$web" && $(sum hosts/db-1/host.pem) == "$db" &&
  $(sum operator/operator.pem) == "$operator" ]] || no '--renew web-1 did not renew that one alone'
run 0 "$BIN/tocsin" fleet enroll --out "$TMP/f" --renew
[[ $(sum operator/operator.pem) != "$operator" && $(sum hosts/db-1/host.pem) == "$db" ]] ||
  no "--renew did not renew the operator's alone"
run 2 "$BIN/tocsin" fleet status --credentials "$TMP/nowhere"
complains "$TMP/nowhere/operator.pem"
run 2 "$BIN/tocsin" fleet run -o fleet.site=Main
complains 'must be 1 to 64'
run 2 "$BIN/tocsin" fleet run -o 'fleet.servers=["127.0.0.1:1"]' -o fleet.certificate="$TMP/f/operator/operator.pem" \
  -o fleet.key="$TMP/f/operator/operator.key" -o fleet.ca="$TMP/f/ca.pem"
complains 'no host of a fleet'
finish
