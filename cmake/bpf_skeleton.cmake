# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# tocsin_bpf_skeleton(NAME): bpf/NAME.bpf.c -> object -> NAME.skel.h on the include path of
# tocsin_skeletons. The kernel's types come from bpf/kernel_types.h (CO-RE), so the build needs no
# BTF of the machine that builds.
find_program(TOCSIN_BPF_CLANG NAMES clang-14 clang REQUIRED)
find_program(TOCSIN_BPFTOOL bpftool PATHS /usr/sbin REQUIRED)
find_program(TOCSIN_LLVM_STRIP NAMES llvm-strip-14 llvm-strip REQUIRED)

add_library(tocsin_skeletons INTERFACE)
set(TOCSIN_SKELETON_DIR ${CMAKE_BINARY_DIR}/skel)
file(MAKE_DIRECTORY ${TOCSIN_SKELETON_DIR})
# SYSTEM: generated code is not held to our warnings.
target_include_directories(tocsin_skeletons SYSTEM INTERFACE ${TOCSIN_SKELETON_DIR})

function(tocsin_bpf_skeleton name)
  set(src ${CMAKE_SOURCE_DIR}/bpf/${name}.bpf.c)
  set(obj ${TOCSIN_SKELETON_DIR}/${name}.bpf.o)
  set(skel ${TOCSIN_SKELETON_DIR}/${name}.skel.h)
  # asm/types.h lies in the multiarch folder, which clang's BPF target does not search.
  set(arch x86)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(arch arm64)
  endif()
  add_custom_command(
    OUTPUT ${skel}
    COMMAND ${TOCSIN_BPF_CLANG} -target bpf -O2 -g -std=gnu11 -Wall -Wextra -Werror
            -Wno-unused-parameter -D__TARGET_ARCH_${arch} -I${CMAKE_SOURCE_DIR}/bpf
            -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${obj}.d -MT ${skel}
            -c ${src} -o ${obj}
    COMMAND ${TOCSIN_LLVM_STRIP} -g ${obj}
    COMMAND ${TOCSIN_BPFTOOL} gen skeleton ${obj} name ${name}_bpf > ${skel}
    DEPENDS ${src}
    DEPFILE ${obj}.d
    COMMENT "BPF ${name}"
    VERBATIM)
  add_custom_target(skeleton_${name} DEPENDS ${skel})
  add_dependencies(tocsin_skeletons skeleton_${name})
endfunction()
