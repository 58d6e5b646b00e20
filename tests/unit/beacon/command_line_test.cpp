// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/command_line.hpp"

#include "support/test.hpp"

using namespace tocsin;

namespace {

using Args = std::vector<std::string>;

// "file /x.py", "code import os", "module http.server"; "-": its standard input.
std::string told(const char* path, const Args& argv) {
  const auto code = interpreted(path, argv, "/srv");
  if (!code) return "-";
  static constexpr const char* kOrigins[] = {"file ", "code ", "module "};
  return kOrigins[static_cast<std::size_t>(code->origin)] + code->text;
}

}  // namespace

TEST_CASE("shells and their commands") {
  CHECK(is_shell("/bin/bash", {"-bash"}));
  CHECK(is_shell("/bin/busybox", {"sh"}));
  CHECK(is_shell("/bin/busybox", {"busybox", "sh"}));
  CHECK_FALSE(is_shell("/bin/busybox", {"ls"}));
  // As the resolved files are called.
  for (const auto* name : {"tcsh", "bsd-csh", "ksh93", "bash-static", "zsh5", "zsh-5.9", "yash",
                           "lksh", "pwsh", "ksh2020", "oksh"})
    CHECK(is_shell(std::string("/usr/bin/") + name, {}));
  for (const auto* name : {"ssh", "show", "bashful", "fishd", "mosh", "2"})
    CHECK_FALSE(is_shell(std::string("/usr/bin/") + name, {}));
  CHECK(is_shell_command("/bin/sh", {"sh", "-c", "id"}));
  CHECK(is_shell_command("/bin/bash", {"bash", "-lc", "id"}));
  CHECK(is_shell_command("/bin/bash", {"bash", "-ceu", "id"}));
  CHECK(is_shell_command("/bin/bash", {"bash", "-euo", "pipefail", "-c", "id"}));
  CHECK_FALSE(is_shell_command("/bin/sh", {"sh", "script"}));
  CHECK_FALSE(is_shell_command("/bin/sh", {"sh", "script", "-c"}));
  CHECK_FALSE(is_shell_command("/bin/sh", {}));
  CHECK_FALSE(is_shell_command("/usr/bin/gcc", {"gcc", "-c", "x.c"}));
}

TEST_CASE("an interactive shell is one that was given no command") {
  for (const auto& argv :
       {Args{}, Args{"sh"}, Args{"sh", "-i"}, Args{"-bash"}, Args{"bash", "--norc", "-i"},
        Args{"bash", "--init-file", "/x.sh"}, Args{"bash", "-o", "vi"}, Args{"sh", "-s"},
        Args{"sh", "-s", "argument"}})
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

TEST_CASE("a script that is the standard input by another name is none") {
  for (const auto* name : {"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}) {
    CHECK(is_interactive_shell("/bin/sh", {"sh", name}));
    CHECK(told("/bin/sh", {"sh", name}) == "-");
    CHECK(runs_standard_input("/usr/bin/python3", {"python3", name}));
  }
  for (const auto* name : {"/dev/fd/3", "/proc/self/fd/9", "/dev/tty"}) {
    CHECK(is_interactive_shell("/bin/sh", {"sh", name}));
    // It need not be what its standard input is.
    CHECK_FALSE(runs_standard_input("/bin/sh", {"sh", name}));
  }
  // "bash <(curl …)", which is nothing that anybody types.
  CHECK_FALSE(is_interactive_shell("/bin/bash", {"bash", "/dev/fd/63"}));
  CHECK_FALSE(is_interactive_shell("/bin/bash", {"bash", "/dev/stdin.sh"}));
}

TEST_CASE("PowerShell's options are words") {
  constexpr auto kPath = "/opt/microsoft/powershell/7/pwsh";
  for (const auto& argv :
       {Args{"pwsh"}, Args{"pwsh", "-NoLogo", "-Interactive"},
        Args{"pwsh", "-ExecutionPolicy", "Bypass"}, Args{"pwsh", "-Command", "-"},
        Args{"pwsh", "-"}, Args{"pwsh", "-File", "-"}})
    CHECK(is_interactive_shell(kPath, argv));
  CHECK(told(kPath, {"pwsh", "-NoProfile", "-Command", "Get-Date"}) == "code Get-Date");
  CHECK(told(kPath, {"pwsh", "-nop", "-EC", "SQBFAFgA"}) == "code SQBFAFgA");
  CHECK(told(kPath, {"pwsh", "-ep", "Bypass", "-File", "x.ps1"}) == "file /srv/x.ps1");
  CHECK(told(kPath, {"pwsh", "/opt/x.ps1", "-c"}) == "file /opt/x.ps1");
  CHECK(is_shell_command(kPath, {"pwsh", "-c", "id"}));
}

TEST_CASE("a shell's options are settings, and \"-c\" alone is followed by code") {
  CHECK(told("/bin/sh", {"sh", "-c", "curl x | sh"}) == "code curl x | sh");
  CHECK(told("/bin/bash", {"bash", "-e", "/tmp/x.sh"}) == "file /tmp/x.sh");
  CHECK(told("/bin/bash", {"bash", "-eux", "x.sh", "-c"}) == "file /srv/x.sh");
  CHECK(told("/bin/bash", {"bash", "-euo", "pipefail", "/tmp/x.sh"}) == "file /tmp/x.sh");
  CHECK(told("/bin/bash", {"bash", "-p", "--", "/tmp/x.sh"}) == "file /tmp/x.sh");
  CHECK(told("/bin/bash", {"bash", "--rcfile", "/etc/x", "-c", "id"}) == "code id");
  CHECK(told("/bin/busybox", {"busybox", "sh", "-c", "id"}) == "code id");
  CHECK(told("/bin/bash", {"-bash"}) == "-");
  CHECK(told("/bin/sh", {"sh", "-c"}) == "-");
  CHECK(runs_standard_input("/bin/sh", {"sh", "-s", "x"}));
  CHECK_FALSE(runs_standard_input("/bin/sh", {"sh", "-c", "id"}));
  CHECK_FALSE(runs_standard_input("/usr/bin/curl", {"curl"}));
}

TEST_CASE("each interpreter has options of its own") {
  constexpr auto kPython = "/usr/bin/python3.11";
  CHECK(told(kPython, {"python3", "-u", "x.py"}) == "file /srv/x.py");
  CHECK(told(kPython, {"python3", "-E", "/tmp/implant.py"}) == "file /tmp/implant.py");
  CHECK(told(kPython, {"python3", "-W", "ignore", "-Xdev", "/x.py"}) == "file /x.py");
  CHECK(told(kPython, {"python3", "/x.py", "-c", "no"}) == "file /x.py");
  CHECK(told(kPython, {"python3", "-c", "import os"}) == "code import os");
  CHECK(told(kPython, {"python3", "-Ic", "import os"}) == "code import os");
  CHECK(told(kPython, {"python3", "-cimport os"}) == "code import os");
  CHECK(told(kPython, {"python3", "-m", "http.server"}) == "module http.server");
  CHECK(told(kPython, {"python3", "-c"}) == "-");
  CHECK(told(kPython, {"python3", "-"}) == "-");
  constexpr auto kPerl = "/usr/bin/perl";
  CHECK(told(kPerl, {"perl", "-e", "print"}) == "code print");
  CHECK(told(kPerl, {"perl", "-lane", "print"}) == "code print");
  CHECK(told(kPerl, {"perl", "-MSocket", "-E", "say"}) == "code say");
  CHECK(told(kPerl, {"perl", "-I", "/lib", "-w", "/x.pl"}) == "file /x.pl");
  CHECK(told(kPerl, {}) == "-");
  constexpr auto kRuby = "/usr/bin/ruby3.1";
  CHECK(told(kRuby, {"ruby", "-rsocket", "-e", "x"}) == "code x");
  CHECK(told(kRuby, {"ruby", "-r", "socket", "-E", "utf-8", "/x.rb"}) == "file /x.rb");
  constexpr auto kNode = "/usr/bin/node";
  CHECK(told(kNode, {"node", "-r", "dotenv/config", "/x.js"}) == "file /x.js");
  CHECK(told(kNode, {"node", "--require", "x", "--import=y", "/x.js"}) == "file /x.js");
  CHECK(told(kNode, {"node", "-e", "f()"}) == "code f()");
  CHECK(told(kNode, {"node", "-pe", "f()"}) == "code f()");
  CHECK(told(kNode, {"node", "--eval=f()"}) == "code f()");
  constexpr auto kPhp = "/usr/bin/php8.2";
  CHECK(told(kPhp, {"php", "-d", "x=1", "-r", "f();"}) == "code f();");
  CHECK(told(kPhp, {"php", "-e", "-f", "/x.php"}) == "file /x.php");
  constexpr auto kJava = "/usr/bin/java";
  CHECK(told(kJava, {"java", "-Xmx1g", "-jar", "/opt/a.jar"}) == "file /opt/a.jar");
  CHECK(told(kJava, {"java", "-cp", "/opt/a.jar", "Main"}) == "module Main");
  CHECK(told("/usr/bin/curl", {"curl", "x"}) == "-");
}
