# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# The program for more than one host. It alone links the broker's client library, so a tree without
# that library builds everything else.
pkg_check_modules(NATS QUIET IMPORTED_TARGET libnats>=3.4)
if(NOT NATS_FOUND)
  message(STATUS "No tocsin-fleet: it needs libnats (libnats-dev)")
  return()
endif()
file(GLOB TOCSIN_FLEET_SOURCES CONFIGURE_DEPENDS userspace/fleet/*.cpp)
list(FILTER TOCSIN_FLEET_SOURCES EXCLUDE REGEX "/(main|brokers|server_version|validity)\\.cpp$")
add_library(tocsin_fleet STATIC ${TOCSIN_FLEET_SOURCES})
target_link_libraries(tocsin_fleet PUBLIC tocsin_core PkgConfig::NATS)
tocsin_unity(tocsin_fleet ${TOCSIN_FLEET_SOURCES})
add_executable(tocsin-fleet userspace/fleet/main.cpp)
target_link_libraries(tocsin-fleet PRIVATE tocsin_fleet)
