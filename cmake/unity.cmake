# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# Compiling several files of one folder together halves the time to the first alarm of somebody who
# builds from source: most of a file's cost is the headers of CLI11, nlohmann/json and fmt. The dev
# preset compiles each file alone, which shows missing includes. Files of a folder therefore share
# their unnamed namespaces: a name that stands in two of them is an error of the compiler.
option(TOCSIN_UNITY "Compile several files of a folder together: faster from scratch" OFF)
set(TOCSIN_UNITY_FILES 11)

# tocsin_unity(TARGET SOURCE…): groups the sources by folder; those marked SKIP_UNITY_BUILD_INCLUSION
# stay alone.
function(tocsin_unity target)
  if(NOT TOCSIN_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # An unnamed namespace of a file that is included is as private as one of the file itself.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  foreach(source ${ARGN})
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${source})
    get_filename_component(folder ${folder} DIRECTORY)
    string(MAKE_C_IDENTIFIER "${folder}" folder)
    if(NOT DEFINED files_${folder})
      set(files_${folder} 0)
    endif()
    math(EXPR group "${files_${folder}} / ${TOCSIN_UNITY_FILES}")
    math(EXPR files_${folder} "${files_${folder}} + 1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder}_${group})
  endforeach()
endfunction()
