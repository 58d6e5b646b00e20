// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/program_facts.hpp"

#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("where a file lies") {
  CHECK(in_temp_folder("/dev/shm/x"));
  CHECK(in_temp_folder("/tmp/ld.py"));
  CHECK_FALSE(in_temp_folder("/tmpfiles/x"));
  CHECK(in_memory("/memfd:x (deleted)"));
  CHECK_FALSE(in_memory("/usr/bin/memfd"));
  CHECK(hidden_in_home("/home/u/.config/sysmon/sysmon.py"));
  CHECK(hidden_in_home("/root/.x/y"));
  CHECK_FALSE(hidden_in_home("/home/u/.profile"));  // a hidden file is no hidden folder
  CHECK_FALSE(hidden_in_home("/home/u/src/x"));
  CHECK_FALSE(hidden_in_home("/opt/.x/y"));
  CHECK(never_packaged("/home/u/x"));
  CHECK_FALSE(never_packaged("/opt/vendor/x"));
  CHECK(in_system_folder("/usr/lib/systemd/systemd-timesyncd"));
  CHECK_FALSE(in_system_folder("/usr/local/bin/x"));
  CHECK_FALSE(in_system_folder("/opt/x"));
}

TEST_CASE("a system program's name elsewhere is posing") {
  CHECK(poses_as_system("/tmp/sshd", {"sshd"}));
  CHECK(poses_as_system("/var/lib/x/systemd-networkd", {}));
  CHECK(poses_as_system("/dev/shm/k", {"[kworker/0:1]"}));
  CHECK_FALSE(poses_as_system("/usr/sbin/sshd", {"sshd"}));
  CHECK_FALSE(poses_as_system("/opt/agent/agent", {"agent"}));
  CHECK_FALSE(poses_as_system("", {}));
}

TEST_CASE("a login program is the system's own, whatever others are called") {
  CHECK(is_login("/usr/sbin/sshd"));
  CHECK(is_login("/usr/lib/openssh/sshd-session"));
  CHECK(is_login("/bin/login"));
  CHECK_FALSE(is_login("/tmp/sshd"));
  CHECK_FALSE(is_login("/usr/bin/bash"));
}

TEST_CASE("installers are known by program, by interpreter's script and by package script") {
  CHECK(is_installer("/usr/bin/dpkg", {"dpkg"}));
  CHECK(is_installer("/usr/bin/node", {"node", "/usr/lib/node_modules/npm/bin/npm-cli.js", "i"}));
  CHECK(is_installer("/bin/sh", {"/bin/sh", "/var/lib/dpkg/info/x.postinst", "configure"}));
  CHECK(is_installer("/usr/bin/python3", {"python3", "/usr/bin/pip", "install", "x"}));
  CHECK(is_installer("/usr/bin/python3.11", {"python3", "-m", "pip", "install", "x"}));
  CHECK(is_installer("/usr/bin/python3.11", {"python3", "-Im", "pip", "install", "x"}));
  CHECK(is_installer("/usr/bin/python3.11", {"python3", "/usr/local/bin/pip3.11", "install"}));
  for (const auto* name : {"poetry", "pipx", "pip"})
    CHECK(
        is_installer("/usr/bin/python3", {"python3", std::string("/usr/bin/") + name, "install"}));
  for (const auto* name : {"gem", "bundle", "bundle3.1"})
    CHECK(is_installer("/usr/bin/ruby3.1", {"ruby", std::string("/usr/bin/") + name, "install"}));
  for (const auto* name : {"composer", "composer.phar"})
    CHECK(is_installer("/usr/bin/php8.2", {"php", std::string("/usr/bin/") + name, "install"}));
  // What they only start is no installation.
  CHECK_FALSE(is_installer("/usr/bin/ruby", {"ruby", "/usr/bin/bundle", "exec", "puma"}));
  CHECK_FALSE(is_installer("/usr/bin/python3", {"python3", "/usr/bin/poetry", "shell"}));
  CHECK_FALSE(is_installer("/usr/bin/python3", {"python3", "-m", "http.server"}));
  CHECK_FALSE(is_installer("/usr/bin/python3", {"python3", "-c", "pip"}));
  CHECK_FALSE(is_installer("/usr/bin/grep", {"grep", "npm"}));
  CHECK_FALSE(is_installer("/bin/sh", {"/bin/sh", "/var/lib/dpkg/info/x.list"}));
}

TEST_CASE("servers are known by program, and by an interpreter's script, module and class") {
  CHECK(is_server("/usr/sbin/apache2", {}));
  CHECK(is_server("/usr/sbin/php-fpm8.2", {}));
  CHECK(is_server("/usr/bin/gunicorn3", {}));  // the path of a script
  CHECK(is_server("/usr/bin/python3.11", {"python3", "/srv/venv/bin/gunicorn", "app:app"}));
  CHECK(is_server("/usr/bin/python3.11", {"python3", "-m", "gunicorn", "app:app"}));
  CHECK(is_server("/usr/bin/bash", {"sh", "/opt/tomcat/bin/catalina.sh", "run"}));
  CHECK(is_server("/usr/bin/java", {"java", "-classpath", "/opt/tomcat/bin/bootstrap.jar",
                                    "-Dcatalina.base=/opt/tomcat",
                                    "org.apache.catalina.startup.Bootstrap", "start"}));
  CHECK_FALSE(is_server("/usr/bin/java", {"java", "-jar", "/opt/agent.jar"}));
  CHECK_FALSE(is_server("/usr/bin/python3", {"python3", "-c", "gunicorn"}));
  CHECK_FALSE(is_server("/usr/bin/grep", {"grep", "gunicorn"}));
  CHECK_FALSE(is_server("", {}));
}
