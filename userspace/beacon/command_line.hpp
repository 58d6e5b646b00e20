// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the command line of a shell or an interpreter says it runs. Each has options of its own:
// "-e" is code for perl and no more than a setting for a shell.
namespace tocsin {

// "python3.11" is python.
std::string_view without_version(std::string_view name);

bool is_shell(std::string_view path, const std::vector<std::string>& argv);
// A shell that reads commands from its standard input: neither "-c" nor a script is given, or the
// script is that input by another name.
bool is_interactive_shell(std::string_view path, const std::vector<std::string>& argv);
// "sh -c …".
bool is_shell_command(std::string_view path, const std::vector<std::string>& argv);

enum class CodeOrigin : std::uint8_t {
  kFile,         // text is its absolute path
  kCommandLine,  // text is the code itself
  kModule        // text is the name of a module or class, which the interpreter finds by itself
};

// What an interpreter was told to run, for programs that the kernel did not start as a script.
struct InterpretedCode {
  CodeOrigin origin = CodeOrigin::kFile;
  std::string text;
};
// Nothing when path is no interpreter or it reads its standard input.
std::optional<InterpretedCode> interpreted(std::string_view path,
                                           const std::vector<std::string>& argv,
                                           std::string_view cwd);
// An interpreter that was told of no code: it runs what comes by its standard input.
bool runs_standard_input(std::string_view path, const std::vector<std::string>& argv);

}  // namespace tocsin
