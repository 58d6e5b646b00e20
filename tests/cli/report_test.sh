#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# A page out of the files of a history, without a daemon: what it says, and how carefully it is written.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

state=$TMP/state
id=$(python3 "$TREE/tests/cli/report_history.py" "$state" "$TREE/tests/unit/alert/golden/incident.json")
[[ -n $id ]] || no 'no history was made'

page=$TMP/page.html
run 0 "$BIN/tocsin" report "${id:0:12}" --state-dir "$state" -o "$page"
says 'readable by you only'
[[ $(stat -c %a "$page") == 600 ]] || no "the page has mode $(stat -c %a "$page")"
(($(stat -c %s "$page") < 300000)) || no 'the page is too large'
cp "$page" "$TMP/out"
for part in 'Content-Security-Policy' "default-src &#39;none&#39;" 'calls c2[.]example:443' \
  'every 5 min' 'The program was changed' '/usr/bin/curl' 'updates[.]example' 'Nobody watched during 1 gap' \
  '14 executions could not be hashed' 'Contacts per hour' 'Bytes sent in each contact' 'no package owns the file' \
  "tocsin hunt &#39;c2[.]example&#39;"; do says "$part"; done
for part in '<script' 'href=' 'src=' 'style=' ' on[a-z]*=' 'url('; do
  if grep -o -- "<[a-z][^>]*$part" "$page" | grep -q .; then no "the page has $part"; fi
done

# A file that is there is kept, and nothing is written through a link.
run 2 "$BIN/tocsin" report "$id" --state-dir "$state" -o "$page"
complains 'is there already'
run 0 "$BIN/tocsin" report "$id" --state-dir "$state" -o "$page" --force
echo precious >"$TMP/precious"
ln -s "$TMP/precious" "$TMP/link.html"
run 2 "$BIN/tocsin" report "$id" --state-dir "$state" -o "$TMP/link.html" --force
complains 'symbolic link'
ln -s "$TMP/nowhere" "$TMP/dangling.html"
run 2 "$BIN/tocsin" report "$id" --state-dir "$state" -o "$TMP/dangling.html" --force
[[ $(<"$TMP/precious") == precious && ! -e $TMP/nowhere ]] || no 'something was written through a link'
mkdir "$TMP/folder.html"
run 2 "$BIN/tocsin" report "$id" --state-dir "$state" -o "$TMP/folder.html" --force
complains 'not a regular file'
run 2 "$BIN/tocsin" report "$id" --state-dir "$state" -o "$TMP/none/page.html"

run 0 "$BIN/tocsin" report "$id" --state-dir "$state" -o -
says '<!DOCTYPE html>'
run 2 "$BIN/tocsin" report "$id" --state-dir "$state" -o - --json
complains 'cannot go to standard output'
if "$BIN/tocsin" report "$id" --state-dir "$state" -o - >/dev/full 2>"$TMP/err"; then
  no 'a page that could not be written is no error'
fi
complains 'could be written'
run 0 "$BIN/tocsin" report --json "$id" --state-dir "$state" -o "$TMP/second.html"
json_only
run 0 "$BIN/tocsin" report --since 2d --state-dir "$state" -o "$TMP/period.html"
cp "$TMP/period.html" "$TMP/out"
says '1 alert: 1 critical.'
says 'Nobody watched during 1 gap'
run 0 "$BIN/tocsin" report --since now --state-dir "$state" -o "$TMP/quiet.html"
cp "$TMP/quiet.html" "$TMP/out"
says 'Nothing was raised'

# A period that has ended is judged by itself: the gap came after it, and no alert names the host.
run 0 "$BIN/tocsin" report --since 11h --until 10h --state-dir "$state" -o "$TMP/past.html"
cp "$TMP/past.html" "$TMP/out"
says 'Nothing was raised'
says "host $(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["host"]["name"])' \
  "$TREE/tests/unit/alert/golden/incident.json")"
! grep -q 'Nobody watched' "$TMP/out" || no 'a gap outside the period is told'
run 0 "$BIN/tocsin" report --since 14h --until 11h --state-dir "$state" -o "$TMP/gap.html"
grep -q 'Nobody watched during 1 gap (1 h together)\|Nobody watched during 1 gap (60 min together)' "$TMP/gap.html" ||
  no "the gap of the period: $(grep -o 'Nobody watched[^<]*' "$TMP/gap.html")"

# What explain says to do next works as it is printed, there.
run 0 "$BIN/tocsin" explain "$id" --state-dir "$state"
grep -o '^    tocsin .*' "$TMP/out" >"$TMP/steps"
(($(wc -l <"$TMP/steps") >= 4)) || no "few steps: $(cat "$TMP/steps")"
mkdir "$TMP/elsewhere"
while read -r step; do
  [[ $step == *"--state-dir $state"* ]] || no "it asks somewhere else: $step"
  code=0
  (cd "$TMP/elsewhere" && PATH=$BIN:$PATH bash -c "$step") >"$TMP/out" 2>"$TMP/err" </dev/null || code=$?
  ((code <= 1)) || no "exit $code: $step ($(head -c 300 "$TMP/err"))"
done <"$TMP/steps"
grep -q '1 alert: 1 critical' "$TMP/elsewhere/around.html" || no 'the alert is not in what was raised around it'

run 2 "$BIN/tocsin" report -o "$TMP/x.html"
complains 'tocsin alerts'
run 2 "$BIN/tocsin" report "$id" --since today -o "$TMP/x.html"
run 2 "$BIN/tocsin" report "$id" --state-dir "$state"
complains 'see: tocsin report --help'
run 2 "$BIN/tocsin" report 0NOSUCH --state-dir "$state" -o "$TMP/x.html"
complains 'no alert 0NOSUCH is kept'
run 2 "$BIN/tocsin" report "$id" --state-dir "$TMP" -o "$TMP/x.html"
run 2 "$BIN/tocsin" report --since soon --state-dir "$state" -o "$TMP/x.html"
run 3 "$BIN/tocsin" report "$id" --socket "$TMP/none.sock" -o "$TMP/x.html"
complains 'tocsind is not reachable'
[[ ! -e $TMP/x.html ]] || no 'a page was written after an error'
finish
