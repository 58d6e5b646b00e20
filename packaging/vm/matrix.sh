# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# shellcheck shell=bash
# Each directive of tocsind.service alone, and all of them: which event sources the self-test still
# proves. Job of packaging/test-vm --matrix, run as root inside the machine beside tocsin.deb and the
# unit. docs/hardening.md has the outcome.
# shellcheck source=packaging/vm/steps.sh
source ./steps.sh
readonly unit=/etc/systemd/system/tocsind.service
# Without these it is not this service.
readonly essential='^(Type|Exec[A-Za-z]*|User|Group|UMask|AmbientCapabilities|CapabilityBoundingSet|[A-Za-z]*Directory(Mode)?)='

bare_unit() {
  printf '[Service]\n'
  sed -n '/^\[Service\]/,/^\[Install\]/p' tocsind.service | grep -E "$essential"
}

# What may be left out, one group a line, joined by "|": lines that only make sense together.
directives() {
  sed -n '/^\[Service\]/,/^\[Install\]/p' tocsind.service | grep -E '^[A-Z][A-Za-z]*=' |
    grep -vE "$essential|^(Restart|RestartSec|TimeoutStopSec)=" |
    awk -F= '{ key = $1 ~ /^IPAddress/ ? "IPAddress" : $1
               if (!(key in group)) order[++n] = key
               group[key] = group[key] (group[key] == "" ? "" : "|") $0 }
             END { for (i = 1; i <= n; ++i) print group[order[i]] }'
}

# The event sources that came through, by the self-test; what did not, with its state.
sources() {
  local code=0
  tocsin --json selftest >/job/out/selftest || code=$?
  ((code <= 1)) || { echo 'it does not run'; return 1; }
  # Members stand in the order of the alphabet.
  grep -o '"action":"[^{}]*"state":"[^"]*"' /job/out/selftest >/job/out/actions
  awk -F'"' '{ ++all; if ($(NF - 1) == "proved") ++proved; else rest = rest "; " $4 " " $(NF - 1) }
             END { print proved + 0 " of " all " event sources" rest; exit !all || proved != all }' /job/out/actions
}

proved() {
  local code=0
  sources >/job/out/sources || code=$?
  note "$(cat /job/out/sources)"
  return "$code"
}

under() {
  { bare_unit; tr '|' '\n' <<<"$1"; } >"$unit"
  systemctl daemon-reload
  systemctl restart tocsind
  proved
}

# What the unit does without: shown, not judged.
left_by() {
  local why
  under "$1" || why=$(journalctl -u tocsind -o cat -n 5 | grep -a 'not started' | tail -n 1)
  [[ -z ${why-} ]] || note "$why"
}

apt-get -q -y --no-install-recommends install ./tocsin.deb >/job/out/apt 2>&1
step 'the unit as shipped' proved
for directive in RestrictSUIDSGID=yes PrivateUsers=yes ProcSubset=pid; do
  step "not in the unit: $directive" left_by "$directive"
done
step 'without any directive' under ''
while IFS= read -r group; do step "${group//|/ }" under "$group"; done < <(directives)
((failures == 0)) || { echo "failed: $failures"; exit 1; }
echo 'every directive leaves every event source'
