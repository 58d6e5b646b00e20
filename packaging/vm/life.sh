# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# shellcheck shell=bash
# The life of the package on a Debian 12 that was booted: job of packaging/test-vm, run as root inside
# the machine beside tocsin.deb and next.deb (a later version of the same).
# shellcheck source=packaging/vm/steps.sh
source ./steps.sh
readonly dropins=/etc/systemd/system/tocsind.service.d
readonly set_file=/etc/tocsin/iocs.d/vm.ioc program=/usr/local/bin/vm-program
readonly FIRST_ALARM_SECONDS_MAX=300  # from the package to the first alarm, whatever is downloaded
readonly address=203.0.113.7 domain=bad.vm-domain.net

booted() {
  systemctl is-system-running --wait >/dev/null || true
  note "Linux $(uname -r), systemd $(systemctl --version | awk 'NR == 1 { print $2 }'), up for $(cut -d. -f 1 /proc/uptime) s"
}

apt_get() { apt-get -q -y --no-install-recommends "$@"; }

installed() {
  apt_get install ./tocsin.deb
  milliseconds >/job/installed
  note "$(dpkg-query -W tocsin | tr '\t' ' '), dependencies unpacked with it"
}

active() {
  is tocsind ActiveState active
  is tocsind Type notify
  is tocsind NRestarts 0
  [[ $(show tocsind WatchdogUSec) != 0 ]] || fail 'the watchdog is on'
  [[ $(systemctl is-enabled tocsind) == enabled ]] || fail 'it starts at boot'
  [[ $(systemctl is-enabled tocsin-relay || true) == disabled ]] || fail 'the relay waits'
  systemctl status tocsind
  note "watchdog $(show tocsind WatchdogUSec), $(journalctl -u tocsind -o cat | grep -a -m 1 READY)"
}

confined() {
  local pid
  pid=$(show tocsind MainPID)
  grep -E '^(Uid|Cap|NoNew|Seccomp)' "/proc/$pid/status"
  [[ $(stat -c %U "/proc/$pid") == tocsin ]] || fail 'it runs as its own user'
  grep -q '^NoNewPrivs:.1' "/proc/$pid/status" || fail 'no new privileges'
  grep -q '^Seccomp:.2' "/proc/$pid/status" || fail 'system calls are filtered'
  [[ $(readlink "/proc/$pid/ns/net") != $(readlink /proc/1/ns/net) ]] || fail 'it has no network'
  note "user tocsin, capabilities $(awk '/^CapEff/ { print $2 }' "/proc/$pid/status") after the start"
}

exposure() {
  local unit
  for unit in tocsind tocsin-relay; do
    systemd-analyze security --no-pager --threshold=18 "$unit.service" >/job/out/security
    note "$(tail -n 1 /job/out/security | sed 's/^[^A-Za-z]*//')"
  done
}

doctor() {
  local code=0
  tocsin doctor >/job/out/doctor || code=$?
  cat /job/out/doctor
  ((code <= 1)) || fail "doctor ended with $code"
  note "exit $code, $(wc -l </job/out/doctor) lines"
}

# The first lines of the README, for a stranger.
tocsin_says() { tocsin alerts | grep -qF "its content matches"; }

first_alarm() {
  /usr/share/tocsin/selftest-marker.sh
  wait_for 30 tocsin_says
  local took
  took=$(seconds_since "$1")
  note "$took s after the installation was begun, of at most $FIRST_ALARM_SECONDS_MAX"
  awk -v took="$took" -v most="$FIRST_ALARM_SECONDS_MAX" 'BEGIN { exit !(took < most) }' ||
    fail "the first alarm within $FIRST_ALARM_SECONDS_MAX s"
}

selftest() {
  tocsin selftest >/job/out/selftest || { cat /job/out/selftest; fail 'the self-test'; }
  note 'every event source, under the unit as it is shipped'
  cat /job/out/selftest >>"$detail"
}

# Content, address and name of a set that the administrator wrote.
own_set() {
  local text
  printf '#!/bin/sh\nexit 0 # %s\n' "$(cat /proc/sys/kernel/random/uuid)" >"$program"
  chmod +x "$program"
  {
    printf '# set: vm\n# campaign: test of the package\n# source: packaging/vm\n# severity: high\n'
    printf 'sha256,%s\nip,%s\ndomain,%s\n' "$(sha256sum "$program" | cut -d ' ' -f 1)" "$address" "$domain"
  } >"$set_file"
  wait_for 30 bash -c "tocsin --json ioc check $domain | grep -q vm.ioc"
  ip route add local "$address/32" dev lo
  "$program"
  bash -c "exec 3<>/dev/tcp/$address/443" || true  # refused: the attempt is what counts
  getent hosts "$domain" || true
  for text in "$program" "$address" "$domain"; do wait_for 30 matched "$text"; done
  note 'content, address and name each raised its alarm'
}

# Where the unit itself has other folders than the rest of the host, or none, and where only the owner
# gets in; a program that is over at once.
hidden_folders() {
  local folder file
  mkdir -p /home/vm /root/vm /tmp/vm /dev/shm/vm /run/vm
  for folder in /home/vm /root/vm /tmp/vm /dev/shm/vm /run/vm; do
    file=$folder/short
    cp /bin/true "$file"
    echo "$folder" >>"$file"
    chmod 0700 "$folder" "$file"
    echo "sha256,$(sha256sum "$file" | cut -d ' ' -f 1)" >>"$set_file"
  done
  chown -R nobody /home/vm
  wait_for 30 bash -c "tocsin --json ioc check $(sha256sum /run/vm/short | cut -d ' ' -f 1) | grep -q vm.ioc"
  for folder in /root/vm /tmp/vm /dev/shm/vm /run/vm; do "$folder/short"; done
  setpriv --reuid nobody --clear-groups /home/vm/short
  for folder in /home/vm /root/vm /tmp/vm /dev/shm/vm /run/vm; do
    wait_for 30 matched "\"$folder/short\""
  done
  rm -r /home/vm /root/vm /tmp/vm /dev/shm/vm /run/vm
  note 'programs in /home (of its owner only), /root, /tmp, /dev/shm, /run'
}

# A container of a real runtime: other namespaces, another control group.
container() {
  local box=/var/lib/vm-container
  mkdir -p "$box/rootfs/bin"
  cp /bin/busybox "$box/rootfs/bin/sh"
  cp "$program" "$box/rootfs/bin/contained"
  echo >>"$box/rootfs/bin/contained"
  echo "sha256,$(sha256sum "$box/rootfs/bin/contained" | cut -d ' ' -f 1)" >>"$set_file"
  wait_for 30 bash -c "tocsin --json ioc check \$(sha256sum $box/rootfs/bin/contained | cut -d ' ' -f 1) | grep -q vm.ioc"
  (cd "$box" && runc spec)
  sed -i 's/"terminal": true/"terminal": false/; s|"sh"$|"/bin/contained"|' "$box/config.json"
  runc run --bundle "$box" vm-container
  wait_for 30 matched '/bin/contained'
  grep -F /bin/contained /var/log/tocsin/alerts.jsonl | grep -qF '"vm-container"' ||
    fail 'the alarm names the container'
  note 'a program inside runc raised its alarm, with the name of the container'
}

journal() {
  journalctl -x --no-pager -u tocsind SYSLOG_IDENTIFIER=tocsin >/job/out/catalog
  grep -q 'Subject: A program whose content is an indicator was executed' /job/out/catalog ||
    { cat /job/out/catalog; fail 'the catalog explains the alert'; }
  note "$(journalctl -q --no-pager -o cat SYSLOG_IDENTIFIER=tocsin | wc -l) alerts in the journal, explained by its catalog"
}

ticks() { grep -cF '"path":"/usr/local/bin/vm-tick"' /job/out/events; }
all_ticks() { (($(ticks) >= 100)); }

reloaded() {
  local i count follower pid
  pid=$(show tocsind MainPID)
  cp /bin/true /usr/local/bin/vm-tick
  tocsin --json events --follow --kind exec,loss >/job/out/events &
  follower=$!
  sleep 2
  for i in $(seq 1 100); do
    ((i % 25)) || systemctl reload tocsind
    /usr/local/bin/vm-tick "$i"
  done
  wait_for 30 all_ticks
  kill "$follower"
  count=$(ticks)
  ((count == 100)) || fail "$count of 100 programs were seen"
  is tocsind MainPID "$pid"
  is tocsind ActiveState active
  ! grep -F '"kind":"loss"' /job/out/events || fail 'nothing is lost'
  note '100 of 100 programs were seen over 4 reloads, nothing lost'
}

relay_up() {
  curl -sS --max-time 10 http://127.0.0.1:9774/metrics >/job/out/metrics
  grep '^tocsin_up 1' /job/out/metrics
}

relay() {
  systemctl enable --now tocsin-metrics.socket
  curl -sS --max-time 60 http://127.0.0.1:9774/metrics  # the first question starts it
  wait_for 60 relay_up
  is tocsin-relay ActiveState active
  systemctl enable tocsin-relay
  tocsin feeds list
  note "started by the first question at its socket; $(grep -c '^tocsin_' /job/out/metrics) metrics"
}

restarted() { [[ $(show tocsind NRestarts) == 1 ]]; }

killed() {
  kill -KILL "$(show tocsind MainPID)"
  wait_for 60 restarted
  wait_for 60 systemctl --quiet is-active tocsind
  wait_for 60 relay_up
  note 'started anew by systemd, and the relay found it again'
}

# A stopped process turns no loop.
starved() {
  mkdir -p "$dropins"
  printf '[Service]\nWatchdogSec=5\n' >"$dropins/vm.conf"
  systemctl daemon-reload
  systemctl restart tocsind
  sleep 8
  is tocsind NRestarts 0
  kill -STOP "$(show tocsind MainPID)"
  wait_for 60 restarted
  wait_for 60 systemctl --quiet is-active tocsind
  journalctl -u tocsind -o cat | grep -F 'Watchdog timeout'
  rm -r "$dropins"
  systemctl daemon-reload
  systemctl restart tocsind
  note 'fed while it runs; a daemon that stands still is started anew'
}

verbs() {
  systemctl stop tocsind
  is tocsind ActiveState inactive
  is tocsind Result success
  is tocsin-relay ActiveState inactive
  local code=0
  tocsin status || code=$?
  ((code == 3)) || fail "status without a daemon ends with $code instead of 3"
  systemctl start tocsind tocsin-relay
  is tocsind ActiveState active
  systemctl cat tocsind tocsin-relay tocsin-metrics.socket
  man -w tocsind tocsin tocsin.toml tocsin-relay
  note 'stop, start, restart, reload, status, cat'
}

upgraded() {
  local pid hash
  pid=$(show tocsind MainPID)
  sed -i 's/^#level = "info"/level = "debug"/' /etc/tocsin/tocsin.toml
  hash=$(sha256sum "$program" | cut -d ' ' -f 1)
  apt_get install ./next.deb
  dpkg-query -W tocsin | grep -q '\.1$' || fail 'the later version is installed'
  is tocsind ActiveState active
  [[ $(show tocsind MainPID) != "$pid" ]] || fail 'the daemon was started anew'
  is tocsin-relay ActiveState active
  grep -q '^level = "debug"' /etc/tocsin/tocsin.toml || fail 'the configuration is kept'
  tocsin --json config show | grep -q debug || fail 'the configuration is read'
  local code=0
  tocsin hunt "$hash" >/job/out/hunt || code=$?
  cat /job/out/hunt
  ((code == 1)) || fail 'the history of before the upgrade is kept'
  note 'both services started anew, configuration kept, the hunt finds what ran before'
}

removed() {
  apt_get remove tocsin
  [[ ! -e /usr/sbin/tocsind ]] || fail 'the programs are gone'
  ! pgrep -l -x 'tocsind|tocsin-relay|tocsin-canary' || fail 'no process is left'
  [[ -z $(systemctl list-units --no-legend --state=failed 'tocsin*') ]] || fail 'no failed unit is left'
  [[ -e /etc/tocsin/tocsin.toml && -e $set_file && -d /var/lib/tocsin/history ]] ||
    fail 'configuration and history stay'
  note 'no program, no process, no failed unit; configuration, history and alerts stay'
}

# A container, an old kernel: here the unit is refused what it needs.
incapable() {
  mkdir -p "$dropins"
  printf '[Service]\nAmbientCapabilities=\nCapabilityBoundingSet=\n' >"$dropins/vm.conf"
  apt_get install ./next.deb
  dpkg-query -W -f '${db:Status-Status}' tocsin | grep -qx installed || fail 'the package is configured'
  [[ $(show tocsind ActiveState) != active ]] || fail 'the service cannot run'
  note "installed all the same; $(journalctl -u tocsind -o cat | grep -a 'not started' | tail -n 1)"
}

purged() {
  rm -rf "$dropins"
  apt_get purge tocsin
  rm -rf /usr/local/bin/vm-* /var/lib/vm-container
  local left
  left=$(find / -xdev \( -path /job -o -path /proc -o -path /sys -o -path /run/systemd \) -prune -o \
    -iname '*tocsin*' -not -name 'tocsin-runner*' -not -path '/var/log/journal/*' -print)
  [[ -z $left ]] || fail "nothing is left: $left"
  ! getent passwd tocsin tocsin-relay || fail 'no user is left'
  note 'no file, no user'
}

step 'boot' booted
begun=$(milliseconds)
step 'install' installed
((failures == 0)) || exit 1  # nothing to look at
step 'service is active' active
step 'confinement' confined
step 'exposure' exposure
step 'doctor' doctor
step 'first alarm' first_alarm "$begun"
step 'self-test' selftest
step 'alarms of an own set' own_set
step 'folders that the unit does not see' hidden_folders
step 'alarm in a container' container
step 'journal' journal
step 'reload' reloaded
step 'relay and metrics socket' relay
step 'killed' killed
step 'watchdog' starved
step 'systemctl verbs' verbs
step 'upgrade' upgraded
step 'remove' removed
step 'install where BPF is missing' incapable
step 'purge' purged
((failures == 0)) || { echo "failed: $failures steps"; exit 1; }
echo 'all steps held'
