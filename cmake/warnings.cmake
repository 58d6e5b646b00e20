# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The warning set and the sanitizer switches, in one place.
add_library(tocsin_warnings INTERFACE)
target_compile_options(
  tocsin_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                            -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
                            # GCC is the judge; clang, for the fuzzers, warns of libbpf's own macros.
                            $<$<CXX_COMPILER_ID:GNU>:-Werror>
                            -fno-omit-frame-pointer -fstack-protector-strong)
if(TOCSIN_SANITIZE)
  target_compile_options(tocsin_warnings INTERFACE -fsanitize=${TOCSIN_SANITIZE}
                                                   -fno-sanitize-recover=all)
  target_link_options(tocsin_warnings INTERFACE -fsanitize=${TOCSIN_SANITIZE})
else()
  target_compile_definitions(tocsin_warnings INTERFACE $<$<CONFIG:RelWithDebInfo>:_FORTIFY_SOURCE=2>)
endif()
if(TOCSIN_FUZZ)
  target_compile_options(tocsin_warnings INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(TOCSIN_CCACHE ccache)
if(TOCSIN_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${TOCSIN_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TOCSIN_CCACHE})
endif()
