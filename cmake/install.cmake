# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# What a package or `cmake --install` puts on a host, and where.
include(GNUInstallDirs)

install(TARGETS tocsind tocsin-relay RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS tocsin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# What tocsind starts to prove that it sees, and the script that this executes.
install(TARGETS tocsin-canary RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/tocsin)
install(PROGRAMS iocs/selftest-marker.sh DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/tocsin)
# Made: the manual page of the configuration from the configuration that is shipped, completions from
# the command line itself.
find_program(TOCSIN_AWK awk REQUIRED)
set(TOCSIN_TOML_MAN ${CMAKE_BINARY_DIR}/tocsin.toml.5)
add_custom_command(
  OUTPUT ${TOCSIN_TOML_MAN}
  COMMAND ${TOCSIN_AWK} -f ${CMAKE_SOURCE_DIR}/cmake/toml_man.awk
          ${CMAKE_SOURCE_DIR}/systemd/tocsin.toml > ${TOCSIN_TOML_MAN}
  DEPENDS systemd/tocsin.toml cmake/toml_man.awk
  VERBATIM)
add_custom_target(tocsin_man ALL DEPENDS ${TOCSIN_TOML_MAN})
add_dependencies(tocsin tocsin_man)
# Completion knows the fleet's commands by asking its program.
set(TOCSIN_COMPLETIONS ${CMAKE_BINARY_DIR}/completions)
file(MAKE_DIRECTORY ${TOCSIN_COMPLETIONS})
set(TOCSIN_COMPLETION_NEEDS tocsin)
if(TARGET tocsin-fleet)
  list(APPEND TOCSIN_COMPLETION_NEEDS tocsin-fleet)
endif()
add_custom_command(
  OUTPUT ${TOCSIN_COMPLETIONS}/tocsin ${TOCSIN_COMPLETIONS}/_tocsin ${TOCSIN_COMPLETIONS}/tocsin.fish
  COMMAND tocsin completion bash > ${TOCSIN_COMPLETIONS}/tocsin
  COMMAND tocsin completion zsh > ${TOCSIN_COMPLETIONS}/_tocsin
  COMMAND tocsin completion fish > ${TOCSIN_COMPLETIONS}/tocsin.fish
  DEPENDS ${TOCSIN_COMPLETION_NEEDS}
  VERBATIM)
add_custom_target(tocsin_completions ALL DEPENDS ${TOCSIN_COMPLETIONS}/tocsin)
install(FILES ${TOCSIN_COMPLETIONS}/tocsin
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${TOCSIN_COMPLETIONS}/_tocsin
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${TOCSIN_COMPLETIONS}/tocsin.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${TOCSIN_TOML_MAN} docs/man/tocsin-events.5 docs/man/tocsin-iocs.5
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES docs/man/tocsin.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/man/tocsind.8 docs/man/tocsin-relay.8
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
file(GLOB TOCSIN_SETS CONFIGURE_DEPENDS iocs/*.ioc)
install(FILES ${TOCSIN_SETS} DESTINATION ${CMAKE_INSTALL_DATADIR}/tocsin/iocs)
install(PROGRAMS iocs/selftest-marker.sh DESTINATION ${CMAKE_INSTALL_DATADIR}/tocsin)
install(FILES systemd/tocsin.toml systemd/response.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(DIRECTORY packaging/monitoring packaging/siem packaging/kubernetes packaging/container
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
# Where `tocsin doctor` points to.
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.svg")
# systemd looks in lib, also where the processor's own libraries lie elsewhere.
install(FILES systemd/tocsind.service systemd/tocsin-relay.service systemd/tocsin-metrics.socket
        DESTINATION lib/systemd/system)
install(FILES systemd/tocsin.sysusers DESTINATION lib/sysusers.d RENAME tocsin.conf)
install(FILES systemd/tocsin.tmpfiles DESTINATION lib/tmpfiles.d RENAME tocsin.conf)
install(FILES systemd/tocsin.catalog DESTINATION lib/systemd/catalog)

# A package of its own: cmake --install with --component fleet; the rest is without it.
if(TARGET tocsin-fleet)
  install(TARGETS tocsin-fleet RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT fleet)
  install(FILES docs/man/tocsin-fleet.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT fleet)
  install(FILES systemd/tocsin-fleet.service systemd/tocsin-fleet-watch.service DESTINATION lib/systemd/system COMPONENT fleet)
  install(FILES packaging/fleet/one-broker.conf packaging/fleet/three-brokers.conf
          DESTINATION ${CMAKE_INSTALL_DATADIR}/tocsin-fleet COMPONENT fleet)
endif()
