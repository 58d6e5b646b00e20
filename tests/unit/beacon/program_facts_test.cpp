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

TEST_CASE("shells and their commands") {
  CHECK(is_shell("/bin/bash", {"-bash"}));
  CHECK(is_shell("/bin/busybox", {"sh"}));
  CHECK(is_shell("/bin/busybox", {"busybox", "sh"}));
  CHECK_FALSE(is_shell("/bin/busybox", {"ls"}));
  CHECK(is_shell_command("/bin/sh", {"sh", "-c", "id"}));
  CHECK(is_shell_command("/bin/bash", {"bash", "-lc", "id"}));
  CHECK_FALSE(is_shell_command("/bin/sh", {"sh", "script"}));
  CHECK_FALSE(is_shell_command("/bin/sh", {}));
  CHECK_FALSE(is_shell_command("/usr/bin/gcc", {"gcc", "-c", "x.c"}));
}

TEST_CASE("an interactive shell is one that was given no command") {
  using Args = std::vector<std::string>;
  for (const auto& argv :
       {Args{}, Args{"sh"}, Args{"sh", "-i"}, Args{"-bash"}, Args{"bash", "--norc", "-i"},
        Args{"bash", "--init-file", "/x.sh"}, Args{"bash", "-o", "vi"}, Args{"sh", "-s"}})
    CHECK(is_interactive_shell("/bin/bash", argv));
  for (const auto& argv : {Args{"sh", "-c", "id"}, Args{"bash", "-lc", "id"},
                           Args{"sh", "/opt/check.sh"}, Args{"bash", "-e", "/tmp/job.sh"}})
    CHECK_FALSE(is_interactive_shell("/bin/bash", argv));
  CHECK(is_interactive_shell("/bin/busybox", {"busybox", "sh"}));
  CHECK(is_interactive_shell("/bin/busybox", {"sh", "-i"}));
  CHECK_FALSE(is_interactive_shell("/bin/busybox", {"busybox", "sh", "-c", "id"}));
  CHECK_FALSE(is_interactive_shell("/bin/busybox", {}));
  CHECK_FALSE(is_interactive_shell("/usr/bin/python3", {"python3"}));
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
  CHECK_FALSE(is_installer("/usr/bin/grep", {"grep", "npm"}));
  CHECK_FALSE(is_installer("/bin/sh", {"/bin/sh", "/var/lib/dpkg/info/x.list"}));
}

TEST_CASE("what an interpreter runs") {
  const auto code = [](const char* path, const std::vector<std::string>& argv) {
    return interpreted(path, argv, "/srv");
  };
  CHECK(code("/usr/bin/python3.11", {"python3", "-u", "x.py"})->text == "/srv/x.py");
  CHECK(code("/usr/bin/python3", {"python3", "/x.py", "-c", "no"})->text == "/x.py");
  CHECK(code("/usr/bin/python3", {"python3", "-c", "import os"})->inline_code);
  CHECK(code("/usr/bin/java", {"java", "-Xmx1g", "-jar", "/opt/a.jar"})->text == "/opt/a.jar");
  CHECK(code("/usr/bin/java", {"java", "Main"})->inline_code);
  CHECK(code("/bin/sh", {"sh", "-c", "curl x | sh"})->text == "curl x | sh");
  CHECK_FALSE(code("/bin/bash", {"-bash"}));
  CHECK_FALSE(code("/usr/bin/python3", {"python3", "-c"}));
  CHECK_FALSE(code("/usr/bin/curl", {"curl", "x"}));
  CHECK_FALSE(code("/usr/bin/perl", {}));
}
