# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# shellcheck shell=bash
# The test image: a small Debian made of this machine's own packages, with the programs and the
# tests of a build at the same absolute paths as here; and for each kernel a first root that finds
# it. Sourced by ../run_vm, with the working directory at the tree's top.

# Whole programs and libraries of these packages come along; what is not installed here does not,
# and its tests say SKIPPED.
readonly VM_PACKAGES=(
  bash dash coreutils util-linux mount procps sed grep gawk mawk findutils tar kmod hostname
  libc-bin
  iproute2 curl openssl dnsmasq-base bind9-dnsutils ngtcp2-client ngtcp2-server runc bpftool
)
# Beside them: what programs open by name.
readonly VM_FILES=(
  /etc/passwd /etc/group /etc/nsswitch.conf /etc/host.conf /etc/services /etc/protocols
  /usr/lib/ssl/openssl.cnf /usr/share/publicsuffix/public_suffix_list.dafsa
  /usr/lib/x86_64-linux-gnu/libnss_files.so.2 /usr/lib/x86_64-linux-gnu/libnss_dns.so.2
)
# Of the tree: what tests read.
readonly VM_TREE=(iocs packaging/monitoring tests/cli build/test-programs)
# Needed to find the image, and by tests; what a kernel has built in is left out by modprobe.
readonly VM_MODULES=(virtio_pci virtio_blk ext4 overlay veth dummy loop autofs4)
readonly VM_IMAGE_MIB=1200

# Paths, one a line → with every symbolic link on the way and the file that it ends at.
vm_follow() {
  local path target
  while IFS= read -r path; do
    while [[ -L $path ]]; do
      vm_real_folder "$path"
      target=$(readlink "$path")
      [[ $target == /* ]] || target=$(dirname "$path")/$target
      path=$target
    done
    [[ ! -e $path ]] || vm_real_folder "$path"
  done
}

vm_real_folder() {
  printf '%s/%s\n' "$(cd "$(dirname "$1")" && pwd -P)" "$(basename "$1")"
}

# Programs, one a line → the shared libraries that they load.
vm_libraries() {
  # A script or a static program has none, which ldd calls a failure.
  { xargs -r -d '\n' ldd 2>/dev/null || true; } |
    awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// && $2 ~ /^\(/ { print $1 }' | sort -u
}

# The files of the image that are this machine's own.
vm_host_files() {
  local programs
  programs=$(dpkg-query -L "${VM_PACKAGES[@]}" 2>/dev/null | grep -E '^(/usr)?/s?bin/.' | sort -u || true)
  {
    printf '%s\n' "$programs" "${VM_FILES[@]}" /usr/bin/awk
    {
      printf '%s\n' "$programs"
      find "$VM_BIN" build/test-programs -type f -perm -u+x 2>/dev/null || true
    } | vm_libraries
  } | vm_follow | sort -u
}

# Of the packages that the image is made of, so that ownership can be asked.
vm_package_database() {
  local to=$1/var/lib/dpkg package
  mkdir -p "$to/info"
  for package in libc6 libssl3 "${VM_PACKAGES[@]}"; do
    dpkg-query -s "$package" >>"$to/status" 2>/dev/null || continue
    echo >>"$to/status"
    cp -f /var/lib/dpkg/info/"$package"[.:]*{list,md5sums} "$to/info/" 2>/dev/null || true
  done
}

# Debug information would be half of the image.
vm_strip() {
  find "$1" -type f \( -name 'tocsin*' -o -name '*.so' \) -exec strip --strip-debug {} + 2>/dev/null || true
}

vm_root() {
  local root=$1 here name
  here=$(pwd -P)
  mkdir -p "$root"/{usr/bin,usr/sbin,usr/lib,usr/lib64,usr/lib32,usr/libx32}
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
  mkdir -p "$root"/{proc,sys,dev,run,tmp,root,mnt,etc,var/tmp,var/lib,var/log,job}
  vm_host_files | tar -cPf - --no-recursion -T - | tar -xf - -C "$root" 2>/dev/null || return 1
  mkdir -p "$root$here" "$root$VM_BIN" "$root$VM_BUILD/actions"
  for name in "${VM_TREE[@]}"; do [[ ! -e $name ]] || tar -cf - "$name" | tar -xf - -C "$root$here"; done
  cp -a "$VM_BIN"/{tocsin,tocsind,tocsin-relay,tocsin-canary,tocsin_kernel_test,selftest-marker.sh} \
    "$root$VM_BIN/" || return 1
  cp -a "$VM_BUILD"/actions/* "$root$VM_BUILD/actions/" 2>/dev/null || true
  vm_strip "$root$VM_BIN"
  vm_package_database "$root"
  printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
  : >"$root/etc/resolv.conf"
  : >"$root/etc/machine-id"
  cp tests/kernel/vm/guest.sh "$root/guest.sh"
  ldconfig -r "$root"
}

# vm_image: prints the image's path, made anew when anything that is in it is newer.
vm_image() {
  local image=build/vm/root.img root=build/vm/root
  if [[ -e $image && -z $(find "$VM_BIN" "$VM_BUILD/actions" tests/kernel/vm iocs \
    -type f -newer "$image" \( -path "$VM_BIN/tocsin*" -o -not -path "$VM_BIN/*" \) | head -n 1) ]]; then
    echo "$image"
    return 0
  fi
  mkdir -p build/vm
  rm -rf "$root" "$image"
  vm_root "$root" || return 1
  mke2fs -q -F -t ext4 -O "^has_journal" -d "$root" "$image.new" "${VM_IMAGE_MIB}M" >/dev/null || return 1
  rm -rf "$root"
  mv "$image.new" "$image"
  echo "$image"
}

# vm_first_root KERNEL_FOLDER: prints the path of the archive that the kernel starts with.
vm_first_root() {
  local kernel=$1 release out=$1/first_root.cpio box=$1/first_root name line modules=()
  release=$(cat "$kernel/release")
  rm -rf "$box"
  mkdir -p "$box"/{bin,modules,proc,sys,dev,new}
  cp "$(command -v busybox)" "$box/bin/busybox"
  cp tests/kernel/vm/init "$box/init"
  for name in "${VM_MODULES[@]}"; do
    while IFS= read -r line; do
      [[ $line == insmod* ]] && modules+=("$(awk '{ print $2 }' <<<"$line")")
    done < <(modprobe -S "$release" -d "$kernel" --show-depends "$name" 2>/dev/null)
  done
  for line in "${modules[@]}"; do
    name=$(basename "$line" .xz)
    case $line in
      *.xz) xz -dc "$line" >"$box/modules/$name" ;;
      *) cp "$line" "$box/modules/$name" ;;
    esac
    grep -qx "$name" "$box/modules/order" 2>/dev/null || echo "$name" >>"$box/modules/order"
  done
  (cd "$box" && find . | cpio -o -H newc --quiet) >"$out.new" && mv "$out.new" "$out"
  rm -rf "$box"
  echo "$out"
}
