#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# doctor works for anybody, and its exit code follows its own lines.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

# What this machine offers is its own business; the shape is ours.
code=0
"$BIN/tocsin" doctor --json >"$TMP/out" 2>"$TMP/err" || code=$?
json_only
python3 - "$TMP/out" "$code" <<'PYTHON' || no 'the lines of doctor'
import json, sys
checks = [json.loads(line) for line in open(sys.argv[1])]
names = [c["check"] for c in checks]
for name in ["kernel", "btf", "ring buffer", "cgroup2", "CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN",
             "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH", "lsm", "sysctl", "memlock"]:
    assert name in names, name
assert any(n.startswith("hook") for n in names), names
failed = 0
for c in checks:
    assert c["verdict"] in ("ok", "warn", "fail"), c
    failed += c["verdict"] == "fail"
    if c["verdict"] == "fail":
        assert c["lost"] and c["fix"], c
assert int(sys.argv[2]) == (1 if failed else 0), (sys.argv[2], failed)
PYTHON

if ((EUID == 0)); then
  chmod 755 "$TMP"
  cp "$BIN/tocsin" "$TMP/tocsin"
  # Nobody has no capability: told as a warning with sudo as the way out, not as a broken host.
  "$TMP/tocsin" doctor --json >"$TMP/out" || true
  setpriv --reuid=65534 --regid=65534 --clear-groups "$TMP/tocsin" doctor >"$TMP/out" 2>"$TMP/err" || true
  says 'sudo tocsin doctor'
  # A bounding set without CAP_BPF is a broken host.
  run 1 setpriv --bounding-set=-bpf,-sys_admin --inh-caps=-bpf,-sys_admin "$TMP/tocsin" doctor
  says 'fail CAP_BPF'
else
  echo 'SKIPPED cli doctor without rights: needs root to drop them'
fi
finish
