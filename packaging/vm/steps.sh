# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# shellcheck shell=bash
# Sourced inside the machine: one line for each step, with the time it took, and the words of what
# failed below it.
failures=0
detail=/job/detail  # a step writes here what is worth reading on its line

milliseconds() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }

seconds_since() { awk -v from="$1" -v to="$(milliseconds)" 'BEGIN { printf "%.1f", (to - from) / 1000 }'; }

# step TITLE COMMAND…: runs it in a shell of its own, which ends at the first thing that fails. What it
# says is in out/step-TITLE.
step() {
  local title=$1 begun word=ok log
  log=/job/out/step-${title//[^a-z]/-}
  shift
  begun=$(milliseconds)
  : >"$detail"
  # In the background, because bash would ignore set -e in a command that is a condition.
  (set -e -o pipefail; "$@") >"$log" 2>&1 </dev/null &
  wait $! || word=FAILED
  printf '%7s s  %-6s  %s%s\n' "$(seconds_since "$begun")" "$word" "$title" \
    "$(sed -n '1s/^/: /p' "$detail")"
  sed '1d; s/^/                     /' "$detail"
  [[ $word == FAILED ]] || return 0
  failures=$((failures + 1))
  tail -n 15 "$log" | sed 's/^/          | /'
  return 1
}

note() { printf '%s\n' "$*" >>"$detail"; }
fail() { printf 'does not hold: %s\n' "$*" && exit 1; }

# wait_for SECONDS COMMAND…: until it succeeds.
wait_for() {
  local deadline=$(($(milliseconds) + $1 * 1000))
  shift
  until "$@" >/dev/null 2>&1; do
    (($(milliseconds) < deadline)) || fail "in time: $*"
    sleep 0.2
  done
}

show() { systemctl show --value -p "$2" "$1"; }
is() { [[ $(show "$1" "$2") == "$3" ]] || fail "$1 $2=$3, it is $(show "$1" "$2")"; }
# Whether an alert about an indicator of the set vm holds a text.
matched() { grep -F '"ruleset":"vm"' /var/log/tocsin/alerts.jsonl | grep -qF -- "$1"; }
