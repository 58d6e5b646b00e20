# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# shellcheck shell=bash
# What ./run and ./check share: the package list, the installation, the build, and plain words about
# what this machine cannot do. Sourced, never run; expects the working directory to be the tree's top.

# To build.
# shellcheck disable=SC2034  # the lists are used by what sources this
TOCSIN_BUILD_PACKAGES=(
  g++ cmake ninja-build pkg-config ccache
  clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev
  libssl-dev libspdlog-dev libfmt-dev nlohmann-json3-dev libcli11-dev libtomlplusplus-dev
  libsystemd-dev libpsl-dev libidn2-dev publicsuffix
  libpcap-dev libexpat1-dev libre2-dev libcurl4-openssl-dev libc-ares-dev libsqlite3-dev libmicrohttpd-dev
  libncurses-dev
)
# To test, beside those.
# shellcheck disable=SC2034
TOCSIN_CHECK_PACKAGES=(
  catch2 clang-format-14 clang-19 libclang-rt-19-dev runc podman iproute2
  openssh-client libwrap0
  libldns-dev libgumbo-dev minisign dnsmasq-base bind9-dnsutils ngtcp2-client ngtcp2-server curl openssl musl-tools
  poppler-utils libnats-dev tmux
  busybox-static cpio kmod e2fsprogs xz-utils python3 python3-yaml libcap2-bin
  rsyslog logrotate
  crun zsh fish groff-base jq lintian
)

# To make the Debian package and to check it.
# shellcheck disable=SC2034
TOCSIN_DEB_PACKAGES=(debhelper dpkg-dev lintian libnats-dev)

say() { printf '==> %s\n' "$*"; }
warn() { printf '!!  %s\n' "$*" >&2; }
die() { warn "$@"; exit 1; }

is_root() { [[ $EUID -eq 0 ]]; }

# missing_packages NAME…: those that dpkg does not know as installed.
missing_packages() {
  local name
  for name in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || echo "$name"
  done
}

# install_packages NAME…: leaves the machine alone when everything is there.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    warn "this is not Debian: install what corresponds to these packages yourself: $*"
    return 0  # the build says what is really missing
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [[ ${#missing[@]} -eq 0 ]]; then
    say "packages: all $# are installed"
    return 0
  fi
  is_root || die "packages missing: ${missing[*]} (run this with sudo, or install them)"
  say "packages: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -o DPkg::Lock::Timeout=300 update ||
    warn "apt-get update had trouble; going on with the package lists that are there"
  apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}" || true
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -eq 0 ]] || die "apt-get could not install: ${missing[*]} (Debian 12 has them)"
}

# unpack_package NAME: into build/test-programs/NAME without installing it, for programs whose
# installation would change this machine (systemd-resolved takes over /etc/resolv.conf).
unpack_package() {
  local name=$1 to=build/test-programs/$1 box
  [[ ! -e $to ]] || return 0
  command -v apt-get >/dev/null || return 0
  box=$(mktemp -d)
  if (cd "$box" && apt-get -q download "$name" >/dev/null 2>&1); then
    mkdir -p build/test-programs
    dpkg-deb -x "$box"/*.deb "$to"
  else
    warn "package $name could not be fetched: its tests will be skipped"
  fi
  rm -rf "$box"
}

# How many compilers fit: one a processor, and 1.5 GiB of memory each.
build_jobs() {
  local processors memory_kib fit
  processors=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  fit=$((memory_kib / 1572864))
  ((fit >= 1)) || fit=1
  echo $((processors < fit ? processors : fit))
}

# build_preset NAME [TARGET…]: configures and builds into build/NAME.
build_preset() {
  local preset=$1
  shift
  local targets=()
  [[ $# -eq 0 ]] || targets=(--target "$@")
  say "building build/$preset with $(build_jobs) jobs"
  cmake --preset "$preset" >"build/.configure-$preset.log" 2>&1 || {
    cat "build/.configure-$preset.log" >&2
    return 1
  }
  # Compilers ask for memory in small pages, which cost a third of the time in a virtual machine.
  GLIBC_TUNABLES=glibc.malloc.hugetlb=1 \
    cmake --build --preset "$preset" -j "$(build_jobs)" "${targets[@]}"
}

# next_package DEB TO: the same package as a later version, for tests of upgrades.
next_package() {
  local box
  box=$(mktemp -d)
  dpkg-deb -R "$1" "$box/package"
  sed -i 's/^Version: .*/&.1/' "$box/package/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$box/package" "$2" >/dev/null
  rm -rf "$box"
}

# first_alarm_words BEGUN PACKAGED BUILT ALARMED: what of the time to the first alarm went where; each a second since 1970,
# as EPOCHREALTIME has it.
first_alarm_words() {
  awk -v begun="$1" -v packaged="$2" -v built="$3" -v alarmed="$4" 'BEGIN {
    printf "first alarm after %.0f s: packages %.0f s, build %.0f s, start %.1f s\n",
      alarmed - begun, packaged - begun, built - packaged, alarmed - built }'
}

# Under sudo the tree belongs to somebody else: leave no root-owned files in it.
give_build_back() {
  ! is_root || [[ ! -d build ]] || chown -R --reference=. build
}

# One line for each thing without which the daemon cannot watch this machine; nothing when it can.
machine_lacks() {
  [[ $(uname -s) == Linux ]] || echo "this is not Linux"
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) echo "processor $(uname -m): only x86_64 and aarch64 are known to work" ;;
  esac
  is_root || echo "not root: loading BPF programs needs it (start this with sudo)"
  [[ -r /sys/kernel/btf/vmlinux ]] ||
    echo "no /sys/kernel/btf/vmlinux: the kernel is built without BTF (CONFIG_DEBUG_INFO_BTF), Debian's has it"
  grep -qw cgroup2 /proc/filesystems || echo "the kernel has no cgroup2: connects cannot be watched"
  if is_root && ! capability_held 39 && ! capability_held 21; then
    echo "root here has neither CAP_BPF nor CAP_SYS_ADMIN: a container without rights? Use the host or a virtual machine"
  fi
}

# capability_held NUMBER: whether this shell has it in its effective set.
capability_held() {
  local effective
  effective=$(awk '/^CapEff:/ { print $2 }' /proc/self/status)
  (((16#$effective >> $1) & 1))
}
