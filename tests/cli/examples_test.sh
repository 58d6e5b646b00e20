#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The examples that --help prints work as printed: those that need no daemon succeed, the others get as far as not
# finding one. Only folders of the host are replaced by the test's own.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

export TOCSIN_SOCKET=$TMP/none.sock PATH=$BIN:$PATH
cd "$TMP"
scenario=$TREE/tests/scenario/azureonlinestorage-by-name
cp "$scenario/events.jsonl" events.jsonl
cp "$scenario/events.jsonl" incident.rec
cp "$scenario/indicators.ioc" my.ioc
cp "$scenario/indicators.ioc" big.ioc
printf 'Indicators of compromise\n\njournalide[.]org\n' | tee advisory.txt report.txt >/dev/null
printf '<html><body><h1>Indicators of compromise</h1><p>journalide[.]org</p></body></html>' >advisory.html
printf '{"type":"bundle","id":"bundle--1","objects":[{"type":"indicator","id":"indicator--1","pattern_type":"stix",
"pattern":"[domain-name:value = '"'"'journalide.org'"'"']"}]}' | tee report.json bundle.json >/dev/null
printf '[beacon]\n' >tocsin.toml
mkdir -p opt out srv usr
python3 "$TREE/tests/cli/report_history.py" evidence "$TREE/tests/unit/alert/golden/incident.json" >/dev/null
mkdir evidence/iocs
printf '# set: 3cx-2023\ndomain,journalide.org\n' >evidence/iocs/3cx-2023.ioc

# here EXAMPLE: with the test's own folders, and without what this machine may lack.
here() {
  local line=${1#sudo }
  line=${line//\/usr \/opt/usr opt --ioc my.ioc}  # the host may have no indicators
  line=${line//\/srv/srv}
  line=${line//\/etc\/tocsin\/iocs.d/out}
  line=${line//\/mnt\/evidence\/var\/lib\/tocsin/evidence}
  line=${line//\/var\/lib\/prometheus\/node-exporter/out}
  command -v jq >/dev/null || line=${line%% | jq*}
  printf '%s' "$line"
}

examples=0
while read -r command; do
  [[ $command == doctor ]] && continue  # it loads kernel hooks: doctor_test.sh has it
  read -ra words <<<"$command"
  "$BIN/tocsin" "${words[@]}" --help >help </dev/null
  needs=0
  grep -q 'running daemon' help && needs=1
  rm -f incident.rec  # record makes it
  [[ $command == record ]] || cp "$scenario/events.jsonl" incident.rec
  while read -r example; do
    examples=$((examples + 1))
    line=$(here "$example")
    # It asks for a terminal before it asks for a daemon.
    [[ $command != top ]] || line="script -qec '$line' /dev/null >&2"
    code=0
    bash -o pipefail -c "$line" >out/stdout 2>out/stderr </dev/null || code=$?
    # Root is asked for before the daemon is.
    [[ $code -eq 2 && $EUID -ne 0 ]] && grep -q 'needs root' out/stderr && continue
    case $needs:$code in
      1:3 | 0:0 | 0:1 | 0:3) ;;
      1:0) [[ $example == *--dry-run* ]] || no "it needed no daemon: $example" ;;
      *) no "exit $code: $example ($(head -c 300 out/stderr))" ;;
    esac
    [[ $code -ne 3 ]] || grep -q 'tocsind is not reachable' out/stderr || no "no reason given: $example"
  done < <(sed -n '/^Example:/,/^$/s/^  \(.*tocsin .*\)$/\1/p' help)
done < <(all_commands)
((examples > 35)) || no "only $examples examples were found"
finish
