# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The tocsin authors
# What a package or `cmake --install` puts on a host, and where.
include(GNUInstallDirs)

install(TARGETS tocsind tocsin-relay RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS tocsin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# What tocsind starts to prove that it sees, and the script that this executes.
install(TARGETS tocsin-canary RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/tocsin)
install(PROGRAMS iocs/selftest-marker.sh DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/tocsin)
install(FILES docs/man/tocsin.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/man/tocsind.8 docs/man/tocsin-relay.8
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
file(GLOB TOCSIN_SETS CONFIGURE_DEPENDS iocs/*.ioc)
install(FILES ${TOCSIN_SETS} DESTINATION ${CMAKE_INSTALL_DATADIR}/tocsin/iocs)
install(PROGRAMS iocs/selftest-marker.sh DESTINATION ${CMAKE_INSTALL_DATADIR}/tocsin)
install(FILES systemd/tocsin.toml systemd/response.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(DIRECTORY packaging/monitoring DESTINATION ${CMAKE_INSTALL_DOCDIR})
# systemd looks in lib, also where the processor's own libraries lie elsewhere.
install(FILES systemd/tocsind.service systemd/tocsin-relay.service DESTINATION lib/systemd/system)
install(FILES systemd/tocsin.sysusers DESTINATION lib/sysusers.d RENAME tocsin.conf)
install(FILES systemd/tocsin.tmpfiles DESTINATION lib/tmpfiles.d RENAME tocsin.conf)
install(FILES systemd/tocsin.catalog DESTINATION lib/systemd/catalog)
