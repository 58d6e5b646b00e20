// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/command_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "base/path_name.hpp"

namespace tocsin {
namespace {

using Arg = std::string_view;
using Args = std::span<const std::string>;
using Told = std::optional<InterpretedCode>;

// As the resolved file is called: /bin/csh of Debian is bsd-csh. Versions are left out.
constexpr Arg kPowerShell = "pwsh";
constexpr std::array<Arg, 19> kShells = {"sh",        "bash",        "dash",       "zsh",   "ksh",
                                         "ash",       "fish",        "mksh",       "csh",   "tcsh",
                                         "bsd-csh",   "lksh",        "oksh",       "yash",  "posh",
                                         kPowerShell, "bash-static", "zsh-static", "elvish"};
constexpr std::array<Arg, 2> kShellValues = {"--init-file", "--rcfile"};
constexpr std::array<Arg, 7> kPowerShellCode = {
    "c", "command", "e", "ec", "encodedcommand", "cwa", "commandwithargs"};
constexpr std::array<Arg, 2> kPowerShellFile = {"f", "file"};
constexpr std::array<Arg, 9> kPowerShellValues = {
    "executionpolicy", "ep",           "workingdirectory", "wd",
    "inputformat",     "outputformat", "settingsfile",     "configurationname",
    "custompipename"};

constexpr std::array<Arg, 1> kPythonValues = {"--check-hash-based-pycs"};
constexpr std::array<Arg, 6> kRubyValues = {"--encoding",          "--external-encoding",
                                            "--internal-encoding", "--enable",
                                            "--disable",           "--backtrace-limit"};
constexpr std::array<Arg, 2> kNodeCode = {"--eval", "--print"};
constexpr std::array<Arg, 14> kNodeValues = {"--require",
                                             "--import",
                                             "--loader",
                                             "--experimental-loader",
                                             "--conditions",
                                             "--input-type",
                                             "--env-file",
                                             "--title",
                                             "--icu-data-dir",
                                             "--openssl-config",
                                             "--unhandled-rejections",
                                             "--inspect-port",
                                             "--redirect-warnings",
                                             "--disable-warning"};
constexpr std::array<Arg, 1> kPhpCode = {"--run"};
constexpr std::array<Arg, 5> kPhpValues = {"--define", "--php-ini", "--server", "--docroot",
                                           "--zend-extension"};
constexpr std::array<Arg, 13> kJavaValues = {"-cp",
                                             "-classpath",
                                             "--class-path",
                                             "-p",
                                             "--module-path",
                                             "--add-modules",
                                             "--add-reads",
                                             "--add-opens",
                                             "--add-exports",
                                             "--limit-modules",
                                             "--source",
                                             "--patch-module",
                                             "--upgrade-module-path"};

// One interpreter's options. Letters may be joined; what belongs to one is the rest of the argument
// or, where there is no rest, the next argument.
struct Dialect {
  Arg name;
  Arg code, module, file, value;  // letters, by what belongs to them
  Arg rest;                       // letters to which only the rest of the argument belongs
  std::span<const Arg> long_code, long_values;
};
constexpr std::array<Dialect, 6> kDialects = {{
    {"python", "c", "m", "", "WXQ", "", {}, kPythonValues},
    {"perl", "eE", "", "", "I", "MmiDCFxV", {}, {}},
    {"ruby", "e", "", "", "rICE", "xFiKTW", {}, kRubyValues},
    {"node", "ep", "", "", "rC", "", kNodeCode, kNodeValues},
    {"nodejs", "ep", "", "", "rC", "", kNodeCode, kNodeValues},
    {"php", "rBRE", "", "fF", "cdzSt", "", kPhpCode, kPhpValues},
}};
constexpr Arg kJava = "java";

bool among(Arg word, std::span<const Arg> words) {
  return std::ranges::find(words, word) != words.end();
}

const Dialect* dialect_of(Arg path) {
  const auto* found =
      std::ranges::find(kDialects, without_version(base_name(path)), &Dialect::name);
  return found == kDialects.end() ? nullptr : found;
}

bool is_java(Arg path) {
  return without_version(base_name(path)) == kJava;
}

// What is left behind the name of the program: of busybox behind the shell's.
Args arguments(Arg path, const std::vector<std::string>& argv) {
  const bool of_many =
      !argv.empty() && base_name(path) == "busybox" && base_name(argv[0]) == "busybox";
  return Args(argv).subspan(std::min<std::size_t>(argv.size(), of_many ? 2 : 1));
}

bool names_shell(Arg name) {
  return among(name, kShells) || among(without_version(name), kShells);
}

// The descriptor that a path stands for: of the process itself, whatever it is called.
std::optional<int> descriptor_of(Arg path) {
  if (path == "/dev/stdin") return 0;
  for (const Arg folder : {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"})
    if (path.starts_with(folder) && path.size() == folder.size() + 1 && path.back() >= '0' &&
        path.back() <= '9')
      return path.back() - '0';
  return std::nullopt;
}

// Nothing of no name, or of the standard input by one of its names.
Told file_told(Arg name, Arg cwd) {
  if (name.empty() || name == "-" || descriptor_of(name) == 0) return std::nullopt;
  std::string path(name);
  if (path[0] != '/' && !cwd.empty()) path.insert(0, std::string(cwd) + '/');
  return InterpretedCode{CodeOrigin::kFile, std::move(path)};
}

Told told_to_shell(Args args, Arg cwd) {
  bool command = false, standard_input = false;
  std::size_t i = 0;
  for (; i < args.size(); ++i) {
    const Arg arg = args[i];
    if (arg == "-" || arg == "--") {
      ++i;
      break;
    }
    if (arg.starts_with("--")) {
      i += among(arg, kShellValues) ? 1 : 0;
      continue;
    }
    if (arg.size() < 2 || (arg[0] != '-' && arg[0] != '+')) break;
    for (const char letter : arg.substr(1)) {
      command = command || (letter == 'c' && arg[0] == '-');
      standard_input = standard_input || letter == 's';
      i += letter == 'o' || letter == 'O' ? 1 : 0;  // "-euo pipefail"
    }
  }
  if (i >= args.size() || args[i].empty()) return std::nullopt;
  if (command) return InterpretedCode{CodeOrigin::kCommandLine, args[i]};
  if (standard_input) return std::nullopt;
  return file_told(args[i], cwd);
}

// One argument of joined letters: what it tells to run, and whether the next argument is part of
// it.
struct Letters {
  std::optional<CodeOrigin> tells;
  Arg rest;  // of the argument, for what the last letter looked at takes
  bool takes_next = false;
};

Letters read_letters(const Dialect& dialect, Arg letters) {
  const auto has = [](Arg set, char letter) { return set.find(letter) != Arg::npos; };
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const char letter = letters[i];
    if (has(dialect.rest, letter)) return {};
    Letters out;
    if (has(dialect.code, letter)) out.tells = CodeOrigin::kCommandLine;
    if (has(dialect.module, letter)) out.tells = CodeOrigin::kModule;
    if (has(dialect.file, letter)) out.tells = CodeOrigin::kFile;
    if (!out.tells && !has(dialect.value, letter)) continue;
    out.rest = letters.substr(i + 1);
    // "-pe": both say that code follows.
    if (out.tells && out.rest.find_first_not_of(dialect.code) == Arg::npos) out.rest = {};
    out.takes_next = out.rest.empty();
    return out;
  }
  return {};
}

Told told(CodeOrigin origin, Arg text, Arg cwd) {
  if (text.empty()) return std::nullopt;
  if (origin == CodeOrigin::kFile) return file_told(text, cwd);
  return InterpretedCode{origin, std::string(text)};
}

Told told_to_interpreter(const Dialect& dialect, Args args, Arg cwd) {
  const auto next = [&](std::size_t i) { return i + 1 < args.size() ? Arg(args[i + 1]) : Arg(); };
  for (std::size_t i = 0; i < args.size(); ++i) {
    const Arg arg = args[i];
    if (arg == "-") return std::nullopt;
    if (arg == "--") return told(CodeOrigin::kFile, next(i), cwd);
    if (arg.starts_with("--")) {
      const auto name = arg.substr(0, arg.find('='));
      const bool whole = name.size() == arg.size();
      if (among(name, dialect.long_code))
        return told(CodeOrigin::kCommandLine, whole ? next(i) : arg.substr(name.size() + 1), cwd);
      i += whole && among(name, dialect.long_values) ? 1 : 0;
      continue;
    }
    if (arg.empty()) continue;
    if (arg[0] != '-') return told(CodeOrigin::kFile, arg, cwd);
    const auto letters = read_letters(dialect, arg.substr(1));
    if (letters.tells)
      return told(*letters.tells, letters.takes_next ? next(i) : letters.rest, cwd);
    i += letters.takes_next ? 1 : 0;
  }
  return std::nullopt;
}

Told told_to_java(Args args, Arg cwd) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    const Arg arg = args[i];
    const bool last = i + 1 == args.size();
    if (arg == "-jar") return last ? Told() : file_told(args[i + 1], cwd);
    if (arg == "-m" || arg == "--module")
      return last ? Told() : InterpretedCode{CodeOrigin::kModule, args[i + 1]};
    if (among(arg, kJavaValues)) {
      ++i;
      continue;
    }
    if (arg.empty() || arg[0] == '-' || arg[0] == '@') continue;
    if (arg.ends_with(".java")) return file_told(arg, cwd);
    return InterpretedCode{CodeOrigin::kModule, args[i]};
  }
  return std::nullopt;
}

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// Its options are words in any case; a lone word is a script, "-" its standard input.
Told told_to_powershell(Args args, Arg cwd) {
  const auto next = [&](std::size_t i) { return i + 1 < args.size() ? Arg(args[i + 1]) : Arg(); };
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!args[i].starts_with('-')) return file_told(args[i], cwd);
    std::string option = args[i].substr(std::min(args[i].find_first_not_of('-'), args[i].size()));
    std::ranges::transform(option, option.begin(), lower);
    const bool code = among(option, kPowerShellCode);
    if (code && next(i) != "-") return told(CodeOrigin::kCommandLine, next(i), cwd);
    if (code || option.empty()) return std::nullopt;
    if (among(option, kPowerShellFile)) return file_told(next(i), cwd);
    i += among(option, kPowerShellValues) ? 1 : 0;
  }
  return std::nullopt;
}

Told told_to_any_shell(Arg path, const std::vector<std::string>& argv, Arg cwd) {
  const auto args = arguments(path, argv);
  return without_version(base_name(path)) == kPowerShell ? told_to_powershell(args, cwd)
                                                         : told_to_shell(args, cwd);
}

}  // namespace

std::string_view without_version(std::string_view name) {
  const auto end = name.find_last_not_of("0123456789.-");
  return end == std::string_view::npos ? name : name.substr(0, end + 1);
}

bool is_shell(std::string_view path, const std::vector<std::string>& argv) {
  if (names_shell(base_name(path))) return true;
  // One binary for all: the name it was called by decides.
  return base_name(path) == "busybox" && !argv.empty() &&
         (among(base_name(argv[0]), kShells) || (argv.size() > 1 && among(argv[1], kShells)));
}

bool is_interactive_shell(std::string_view path, const std::vector<std::string>& argv) {
  if (!is_shell(path, argv)) return false;
  const auto code = told_to_any_shell(path, argv, {});
  // A descriptor of one digit was named by hand; further up lie a shell's own pipes, "<(...)".
  return !code || (code->origin == CodeOrigin::kFile &&
                   (descriptor_of(code->text) || code->text == "/dev/tty"));
}

bool is_shell_command(std::string_view path, const std::vector<std::string>& argv) {
  if (!is_shell(path, argv)) return false;
  const auto code = told_to_any_shell(path, argv, {});
  return code && code->origin == CodeOrigin::kCommandLine;
}

std::optional<InterpretedCode> interpreted(std::string_view path,
                                           const std::vector<std::string>& argv,
                                           std::string_view cwd) {
  if (is_shell(path, argv)) return told_to_any_shell(path, argv, cwd);
  const auto args = arguments(path, argv);
  if (is_java(path)) return told_to_java(args, cwd);
  const auto* dialect = dialect_of(path);
  return dialect == nullptr ? Told() : told_to_interpreter(*dialect, args, cwd);
}

bool runs_standard_input(std::string_view path, const std::vector<std::string>& argv) {
  return (is_shell(path, argv) || dialect_of(path) != nullptr) && !interpreted(path, argv, {});
}

}  // namespace tocsin
