# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Script: writes OUT, a source with the guard lists of FOLDER as texts, so that no program is ever
# without them.
file(GLOB lists ${FOLDER}/*.json)
set(source "#include \"indicators/built_in_guard.hpp\"\n\nnamespace tocsin {\n\n")
string(APPEND source "std::span<const BuiltInList> built_in_guard_lists() {\n")
string(APPEND source "  static constexpr BuiltInList kLists[] = {\n")
foreach(list IN LISTS lists)
  get_filename_component(name "${list}" NAME)
  file(READ "${list}" text)
  string(APPEND source "{\"${name}\", R\"json(${text})json\"},\n")
endforeach()
string(APPEND source "  };\n  return kLists;\n}\n\n}  // namespace tocsin\n")
file(WRITE "${OUT}" "${source}")
