#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The files that the documents name are those that packaging/build-deb makes.
# shellcheck source=tests/cli/library.sh
source "$(dirname "$0")/library.sh"

changelog=$TREE/packaging/debian/changelog
version=$(sed -n '1s/^tocsin (\([^)]*\)).*/\1/p' "$changelog")
program=$("$BIN/tocsin" --version)
[[ $program == "tocsin $version" ]] || no "the package is $version, the program says $program"
# A revision belongs to sources that come from elsewhere.
if grep -q native "$TREE/packaging/debian/source/format"; then
  [[ $version != *-* ]] || no "a native package of version $version"
fi
named=$(grep -rhoE 'tocsin(-[a-z]+)?_[0-9][^ `]*\.deb' "$TREE/docs" "$TREE/README.md" "$TREE/packaging" --include='*.md' \
  --include=Dockerfile | sort -u)
[[ -n $named ]] || no 'no document names a package'
while read -r name; do
  [[ $name =~ ^tocsin(-fleet)?_${version//./\\.}_(amd64|arm64)\.deb$ ]] || no "no such package is made: $name"
done <<<"$named"
for name in tocsin tocsin-fleet; do
  grep -q "^Package: $name\$" "$TREE/packaging/debian/control" || no "there is no package $name"
done
# What was built, if anything was, with these very names.
while read -r built; do
  [[ ${built##*/} == *_"${version}"_* ]] || no "built as ${built##*/}, not $version"
done < <(find "$TREE/build/deb" -maxdepth 1 -name 'tocsin*.deb' -newer "$changelog" 2>/dev/null || true)
finish
