#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# ioc extract: documents in, canonical indicators out, reasons on stderr, exit codes.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

extract=("$BIN/tocsin" ioc extract)
digest=5d1c7a0e9b3f48621c7d0e5a9f3b86427d1e0c5a9b3f48626c7d1e0f5a9b3c84

printf 'It calls hxxps://evil-name[.]com/a?b=1,2 often.\n\nHashes:\n\n- %s\n' "$digest" >"$TMP/report.md"
run 0 "${extract[@]}" "$TMP/report.md"
says "sha256,$digest"
says 'url,"https://evil-name.com/a?b=1,2"'
complains '2 accepted, 0 for review, 0 refused'
run 0 "${extract[@]}" --why "$TMP/report.md"
complains '5:3'
complains 'defanged'

run 0 "${extract[@]}" --json "$TMP/report.md"
json_only
says '"counts":{"accept":2'
says '"sha256":"'"$(sha256sum <"$TMP/report.md" | cut -d' ' -f1)"

printf 'It then asks other-name.com for more orders.\nevil-name[.]com\n' >"$TMP/held.txt"
run 0 "${extract[@]}" "$TMP/held.txt"
says 'domain,other-name.com,review'

code=0
"${extract[@]}" - <"$TMP/report.md" >"$TMP/out" 2>"$TMP/err" || code=$?
[[ $code -eq 0 ]] || no "standard input: exit $code"
says "sha256,$digest"

# Nothing taken is an error that says why.
printf 'References\n\n- [a](https://vendor-name.com/b)\n' >"$TMP/links.md"
run 2 "${extract[@]}" "$TMP/links.md"
silent
complains 'all refused: 1 reference'
printf 'nothing here\n' >"$TMP/none.txt"
run 2 "${extract[@]}" "$TMP/none.txt"
complains 'nothing in it looks like an indicator'
: >"$TMP/empty"
run 2 "${extract[@]}" "$TMP/empty"
complains 'empty'
run 2 "${extract[@]}" "$TMP/nowhere"
complains 'No such file'
run 2 "${extract[@]}" "$TMP"
printf '{"type":"bundle","id":"bundle--1","objects":[' >"$TMP/cut.json"
run 2 "${extract[@]}" "$TMP/cut.json"
silent
complains 'line 1, column'
printf 'rule a {\n strings:\n  $b = "c"\n condition:\n  $b\n}\n' >"$TMP/a.yar"
run 2 "${extract[@]}" "$TMP/a.yar"
complains YARA
# One that cannot be read does not hide what another gives.
run 2 "${extract[@]}" "$TMP/cut.json" "$TMP/report.md"
says "sha256,$digest"

# A PDF file by pdftotext, and a clear message when there is none.
printf 'BT /F1 12 Tf 50 700 Td (Calls evil-name[.]com) Tj ET' >"$TMP/stream"
{
  printf '%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n'
  printf '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n'
  printf '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R'
  printf '/Resources<</Font<</F1 5 0 R>>>>>>endobj\n4 0 obj<</Length %d>>stream\n' \
    "$(stat -c %s "$TMP/stream")"
  cat "$TMP/stream"
  printf '\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n'
  printf 'trailer<</Root 1 0 R>>\n%%%%EOF\n'
} >"$TMP/a.pdf"
if command -v pdftotext >/dev/null; then
  run 0 "${extract[@]}" "$TMP/a.pdf"
  says 'domain,evil-name.com'
  head -c 100 "$TMP/a.pdf" >"$TMP/torn.pdf"
  run 2 "${extract[@]}" "$TMP/torn.pdf"
  complains pdftotext
fi
finish
