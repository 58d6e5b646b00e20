# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# shellcheck shell=bash
# The distribution's kernels and an emulator that boots them, found through its own packages when
# they are asked for and kept in the cache. Sourced by ../run_vm; nothing of this machine's own
# package configuration is changed, nothing is installed.

# name, and the version its package must begin with ("newest": the highest of all suites).
# shellcheck disable=SC2034  # read by what sources this
VM_KERNELS=(5.10 6.1 6.12 newest)

VM_CACHE=${TOCSIN_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tocsin-vm}
readonly VM_MIRROR=${TOCSIN_VM_MIRROR:-http://deb.debian.org/debian}
readonly VM_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly VM_KERNEL_SUITES=(bullseye bookworm bookworm-backports trixie trixie-backports sid)
# Older ones crash 6.12 in a third of its boots: they patch code that is being executed.
readonly VM_QEMU_MAJOR_LEAST=10
readonly VM_QEMU_SUITES=(bookworm bookworm-backports)
# Package lists are asked for again after this time.
readonly VM_LISTS_MINUTES_MAX=$((7 * 24 * 60))

# vm_apt SOURCES PROGRAM ARGUMENT…: apt with its own state, on the suites in SOURCES.list.
vm_apt() {
  local sources=$1 program=$2
  shift 2
  "$program" -q -o "Dir::State=$VM_CACHE/apt" -o "Dir::State::lists=$VM_CACHE/apt/lists" \
    -o "Dir::Cache=$VM_CACHE/apt" -o Dir::State::status=/var/lib/dpkg/status \
    -o "Dir::Etc::sourcelist=$VM_CACHE/apt/$sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o Dir::Etc::preferences=/dev/null \
    -o Acquire::Languages=none -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User=root "$@"
}

vm_sources() {
  local suite
  for suite in "$@"; do echo "deb [signed-by=$VM_KEYRING] $VM_MIRROR $suite main"; done
}

# Package lists, at most a week old where they can be had. A suite that is gone is left out; fails
# when there are no lists at all.
vm_lists() {
  local apt=$VM_CACHE/apt suite there=()
  [[ -z $(find "$apt/updated" -mmin "-$VM_LISTS_MINUTES_MAX" 2>/dev/null) ]] || return 0
  command -v apt-get >/dev/null || return 1
  mkdir -p "$apt"/{lists,archives}/partial
  for suite in "${VM_KERNEL_SUITES[@]}"; do
    vm_sources "$suite" >"$apt/one.list"
    ! vm_apt one apt-get -o APT::Update::Error-Mode=any update >>"$apt/update.log" 2>&1 ||
      there+=("$suite")
  done
  if ((${#there[@]} > 0)); then
    vm_sources "${there[@]}" >"$apt/kernels.list"
    vm_sources "${VM_QEMU_SUITES[@]}" >"$apt/qemu.list"
    touch "$apt/updated"
  fi
  [[ -e $apt/updated ]]  # old lists are better than none
}

# Versions of the kernel meta package that NAME stands for, the highest last.
vm_kernel_versions() {
  local name=$1 prefix=
  [[ $name == newest ]] || prefix=$name.
  vm_apt kernels apt-cache madison linux-image-cloud-amd64 |
    awk -F' *[|] *' -v prefix="$prefix" 'index($2, prefix) == 1 { print $2 }' | sort -Vu
}

# depends PACKAGE=VERSION PATTERN: the packages it depends on that match.
vm_depends() {
  vm_apt kernels apt-cache show "$1" | awk '/^Depends:/ { $1 = ""; print; exit }' | tr ',|' '\n\n' |
    awk -v pattern="$2" '$1 ~ pattern { print $1 }' | sort -u
}

# vm_unpack FOLDER PACKAGE[=VERSION]…: downloads and unpacks, without installing.
vm_unpack() {
  local sources=$1 to=$2 box=$2.deb.$$ package
  shift 2
  mkdir -p "$box"
  if ! (cd "$box" && vm_apt "$sources" apt-get download "$@" >download.log 2>&1); then
    cat "$box/download.log" >&2
    rm -rf "$box"
    return 1
  fi
  mkdir -p "$to"
  for package in "$box"/*.deb; do dpkg-deb -x "$package" "$to" || return 1; done
  rm -rf "$box"
}

# vm_kernel NAME: prints the folder with vmlinuz and lib/modules, fetching it when it is not there.
vm_kernel() {
  local name=$1 version image to packages=()
  vm_lists || { echo "no package lists: is $VM_MIRROR reachable?" >&2; return 1; }
  version=$(vm_kernel_versions "$name" | tail -n 1)
  [[ -n $version ]] || { echo "no suite has a kernel $name" >&2; return 1; }
  to=$VM_CACHE/kernels/$version
  if [[ ! -e $to/vmlinuz ]]; then
    image=$(vm_depends "linux-image-cloud-amd64=$version" '^linux-image-[0-9]')
    # From 7.x on the image package is split.
    mapfile -t packages < <(vm_depends "$image" '^linux-(base|modules|binary)-[0-9]')
    rm -rf "$to" "$to.new"
    vm_unpack kernels "$to.new" "$image" "${packages[@]}" || return 1
    vm_arrange "$to.new" || { echo "$image: no kernel inside" >&2; return 1; }
    mv "$to.new" "$to"
  fi
  echo "$to"
}

# One layout for all packages, and the modules' dependencies.
vm_arrange() {
  local root=$1 modules
  cp "$(find "$root" -name 'vmlinuz*' -type f | head -n 1)" "$root/vmlinuz" || return 1
  modules=$(find "$root" -path '*/lib/modules/*' -name kernel -type d | head -n 1)
  [[ -n $modules ]] || return 1
  modules=$(dirname "$modules")
  [[ -e $root/lib ]] || ln -s usr/lib "$root/lib"
  rm -rf "$root"/boot "$root"/usr/share
  basename "$modules" >"$root/release"
  depmod -b "$root" "$(basename "$modules")"
}

# vm_qemu: prints the command that runs the emulator, one word a line.
vm_qemu() {
  local found major root=$VM_CACHE/qemu
  found=$(command -v qemu-system-x86_64 || true)
  if [[ -n $found ]]; then
    major=$("$found" --version | sed -n 's/.*version \([0-9]*\).*/\1/p' | head -n 1)
    ((major < VM_QEMU_MAJOR_LEAST)) || { echo "$found"; return 0; }
  fi
  [[ -e $root/usr/bin/qemu-system-x86_64 ]] || vm_fetch_qemu "$root" || return 1
  printf '%s\n' env "LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu" \
    "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios"
}

# With the libraries that this machine lacks, as apt would install them.
vm_fetch_qemu() {
  local root=$1 packages
  vm_lists || return 1
  mapfile -t packages < <(vm_apt qemu apt-get -s install --no-install-recommends \
    -t bookworm-backports qemu-system-x86 qemu-system-common qemu-system-data seabios |
    awk '$1 == "Inst" { version = $3 ~ /^\[/ ? $4 : $3; sub(/^\(/, "", version)
                        print $2 "=" version }')
  ((${#packages[@]} > 0)) || return 1
  rm -rf "$root" "$root.new"
  vm_unpack qemu "$root.new" "${packages[@]}" && mv "$root.new" "$root"
}
