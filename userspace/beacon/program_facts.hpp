// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/path_name.hpp"

// What a path or a command line says about a program. Names are evidence for or against, never an
// identity: none of them excludes anything.
namespace tocsin {

bool in_temp_folder(std::string_view path);
// A memory file's name, or a program run by descriptor, whose file may have none.
bool in_memory(std::string_view path);
// Below a folder that begins with a dot in somebody's home.
bool hidden_in_home(std::string_view path);
// In a home, a temporary or a memory folder: no package manager installs there.
bool never_packaged(std::string_view path);
// /usr/local: a host's own administrators install there.
bool in_local_folder(std::string_view path);
// Where only packages of the distribution install: not /opt, not /usr/local.
bool in_system_folder(std::string_view path);
// A system program's or a kernel thread's name on a file outside the system's folders.
bool poses_as_system(std::string_view path, const std::vector<std::string>& argv);

// whoami, id, uname, …: what an intruder looks around with.
bool is_recon(std::string_view path);
// nginx, postgres, gunicorn, Tomcat, …, also when an interpreter runs it as a script, a module or a
// class.
bool is_server(std::string_view path, const std::vector<std::string>& argv);
// dpkg, rpm, apt, npm, pip, …, the same way, and a package's own script.
bool is_installer(std::string_view path, const std::vector<std::string>& argv);
bool is_scheduler(std::string_view path);
// The system's own sshd, login, …: what it starts is a person's session.
bool is_login(std::string_view path);
// Node and its kin give their children socket pairs for pipes.
bool gives_socket_pairs(std::string_view path);

}  // namespace tocsin
