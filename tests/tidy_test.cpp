// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The rules of the house that a machine can check: sizes, heads, includes, borders. An exception
// stands in kExceptions with its reason; one that is no longer needed is a fault, too.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include <nlohmann/json.hpp>

#include "support/test.hpp"

namespace {

namespace fs = std::filesystem;
using Faults = std::vector<std::string>;

struct Source {
  std::string path;  // from the top of the tree
  std::vector<std::string> lines;
  [[nodiscard]] bool under(std::string_view folder) const { return path.starts_with(folder); }
  [[nodiscard]] bool ends(std::string_view suffix) const { return path.ends_with(suffix); }
  [[nodiscard]] bool code() const {
    return ends(".cpp") || ends(".hpp") || ends(".c") || ends(".h");
  }
};

struct Exception {
  const char* rule;
  const char* path;
  const char* reason;
};
const std::vector<Exception> kExceptions = {
    {"size", "bpf/tocsin_wire.h", "everything that crosses the border stands in this one header"},
    {"include", "userspace/process/process_table.hpp", "an image keeps the digest of what it runs"},
    {"include", "userspace/event/event_json.hpp", "an exec line carries digest and provenance"},
    {"include", "userspace/detect/indicator_match.hpp", "its input is the compiled index"},
    {"include", "userspace/detect/name_match.hpp", "its input is the compiled index"},
    {"parameters", "userspace/relay/metrics_listener.cpp", "the library calls it back like that"},
    {"parameters", "userspace/fleet/publisher.cpp", "the library calls it back like that"},
};

// What a stranger expects to find at the top, and what a build or an editor leaves there.
const std::set<std::string> kTop = {
    "CMakeLists.txt", "bpf",        "userspace", "iocs",
    "tests",          "systemd",    "README.md", "CMakePresets.json",
    "CHANGELOG.md",   "LICENSE",    "docs",      "bench",
    "cmake",          "packaging",  ".ci",       ".clang-format",
    ".clang-tidy",    ".gitignore", "run",       "check"};
const std::set<std::string> kTopOfOthers = {".git", "build", ".cache", "compile_commands.json"};

// In the order of an event's way; a stage sees value headers and limits of stages before it.
const std::vector<std::string> kStages = {
    "base",    "signature",  "containers", "capture", "event",  "process", "hash",
    "names",   "indicators", "extract",    "intake",  "detect", "beacon",  "alert",
    "sink",    "history",    "packages",   "control", "canary", "proof",   "relay",
    "respond", "daemon",     "report",     "top",     "cli",    "fleet"};
const std::set<std::string> kValueHeaders = {
    "event/event.hpp",          "event/event_head.hpp",
    "event/name_event.hpp",     "names/name_candidate.hpp",
    "event/event_json.hpp",     "hash/hash_result.hpp",
    "indicators/indicator.hpp", "indicators/indicator_row.hpp",
    "indicators/normalise.hpp", "indicators/guard.hpp",
    "indicators/set_line.hpp",  "indicators/set_file.hpp",
    "detect/finding.hpp",       "beacon/finding.hpp",
    "beacon/incident.hpp",      "alert/alert.hpp",
    "alert/alert_kind.hpp",     "alert/message.hpp",
    "alert/rendered_alert.hpp", "canary/action.hpp",
    "history/hunt_value.hpp",   "history/contacts.hpp",
    "event/login_session.hpp",  "containers/container_facts.hpp"};

// ---- The tree

std::vector<std::string> read_lines(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool is_source(const fs::path& path) {
  static const std::set<std::string> kSuffixes = {".cpp", ".hpp", ".c", ".h", ".sh", ".cmake"};
  return kSuffixes.contains(path.extension()) || path.filename() == "CMakeLists.txt" ||
         path == "run" || path == "check" || path == ".ci/run";
}

const std::vector<Source>& sources() {
  static const std::vector<Source> all = [] {
    const fs::path top = TOCSIN_SOURCE_DIR;
    std::vector<Source> found;
    for (auto it = fs::recursive_directory_iterator(top); it != fs::end(it); ++it) {
      const std::string path = fs::relative(it->path(), top);
      if (kTopOfOthers.contains(path))
        it.disable_recursion_pending();
      else if (it->is_regular_file() && is_source(fs::path(path)))
        found.push_back({path, read_lines(*it)});
    }
    return found;
  }();
  return all;
}

// ---- A view of code without comments and literals

// Same lines; what a comment or a literal held is gone. Raw strings with a delimiter are not used
// here.
std::vector<std::string> bare_code(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  char inside = 0;  // '*' block comment, '"' or '\'' literal, 'R' raw string
  for (const std::string& line : lines) {
    std::string bare;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string_view rest = std::string_view(line).substr(i);
      if (inside == '*') {
        if (rest.starts_with("*/")) inside = 0, ++i;
      } else if (inside == 'R') {
        if (rest.starts_with(")\"")) inside = 0, ++i;
      } else if (inside != 0) {
        if (line[i] == '\\')
          ++i;
        else if (line[i] == inside)
          inside = 0;
      } else if (rest.starts_with("//")) {
        break;
      } else if (rest.starts_with("/*")) {
        inside = '*', ++i;
      } else if (rest.starts_with("R\"(")) {
        inside = 'R', i += 2;
      } else if (line[i] == '"' || (line[i] == '\'' && (i == 0 || !std::isxdigit(line[i - 1])))) {
        inside = line[i];
      } else {
        bare += line[i];
      }
    }
    if (inside == '"' || inside == '\'') inside = 0;
    out.push_back(bare.starts_with("#") ? std::string() : bare);
  }
  return out;
}

struct Function {
  std::string head;  // from its first token to the brace
  std::size_t first_line = 0, lines = 0;
};

// Definitions at namespace or class level, found by their braces.
std::vector<Function> functions(const std::vector<std::string>& lines) {
  static const std::regex kTransparent(
      R"((^|\s)(namespace|class|struct|union|enum|extern)\b[^()=]*$)");
  struct Open {
    std::string head;
    std::size_t line;
    bool function;
  };
  std::vector<Open> open;
  std::vector<Function> found;
  std::string head;
  std::size_t head_line = 0;
  const std::vector<std::string> bare = bare_code(lines);
  for (std::size_t n = 0; n < bare.size(); ++n) {
    for (const char c : bare[n] + " ") {
      if (c == '{') {
        const bool within =
            std::any_of(open.begin(), open.end(), [](auto& o) { return o.function; });
        const bool transparent = std::regex_search(head, kTransparent);
        const bool function = !within && !transparent && head.find('(') != std::string::npos;
        open.push_back({head, head_line, function});
        head.clear();
      } else if (c == '}' && !open.empty()) {
        if (open.back().function)
          found.push_back({open.back().head, open.back().line + 1, n - open.back().line + 1});
        open.pop_back();
        head.clear();
      } else if (c == ';') {
        head.clear();
      } else if (!head.empty() || !std::isspace(static_cast<unsigned char>(c))) {
        if (head.empty()) head_line = n;
        head += c;
      }
    }
  }
  return found;
}

// Parameters of the first parenthesis pair that follows a name; brackets of all kinds nest.
std::size_t parameter_count(const std::string& head) {
  const std::size_t begin = head.find('(');
  if (begin == std::string::npos) return 0;
  int depth = 0;
  std::size_t commas = 0;
  bool any = false;
  for (std::size_t i = begin; i < head.size(); ++i) {
    const char c = head[i];
    if (c == '(' || c == '<' || c == '[') ++depth;
    if (c == ')' || (c == '>' && head[i - 1] != '-') || c == ']') --depth;
    if (depth == 0) break;
    if (c == ',' && depth == 1) ++commas;
    if (i > begin && !std::isspace(static_cast<unsigned char>(c))) any = true;
  }
  return any ? commas + 1 : 0;
}

// ---- Rules: each adds what it finds

std::string place(const Source& s, std::size_t line) {
  return s.path + ":" + std::to_string(line);
}

void rule_size(const Source& s, Faults& faults) {
  if (!s.code()) return;
  std::size_t most = 500;
  if (s.under("bpf/"))
    most = 250;
  else if (s.ends(".hpp") || s.ends(".h"))
    most = 200;
  else if (s.ends("_test.cpp"))
    most = 400;
  if (s.lines.size() > most)
    faults.push_back(s.path + ": " + std::to_string(s.lines.size()) + " lines, at most " +
                     std::to_string(most));
}

void rule_line(const Source& s, Faults& faults) {
  if (!s.code()) return;
  for (std::size_t n = 0; n < s.lines.size(); ++n) {
    const auto columns = std::count_if(s.lines[n].begin(), s.lines[n].end(),
                                       [](char c) { return (c & 0xc0) != 0x80; });  // UTF-8
    if (columns > 100) faults.push_back(place(s, n + 1) + ": longer than 100 columns");
  }
}

void rule_function(const Source& s, Faults& faults) {
  if (!s.code()) return;
  for (const Function& f : functions(s.lines))
    if (f.lines > 70)
      faults.push_back(place(s, f.first_line) + ": a function of " + std::to_string(f.lines) +
                       " lines, at most 70");
}

void rule_parameters(const Source& s, Faults& faults) {
  if (!s.code() || s.under("bpf/")) return;  // BPF_PROG's list is the kernel's, not ours
  for (const Function& f : functions(s.lines))
    if (parameter_count(f.head) > 4)
      faults.push_back(place(s, f.first_line) + ": more than 4 parameters: use an options struct");
}

void rule_head(const Source& s, Faults& faults) {
  const std::size_t first = !s.lines.empty() && s.lines[0].starts_with("#!") ? 1 : 0;
  const std::string licence = s.under("bpf/") ? "(GPL-2.0-only OR BSD-2-Clause)" : "Apache-2.0";
  const auto has = [&](std::size_t n, const std::string& text) {
    return n < s.lines.size() && s.lines[n].find(text) != std::string::npos;
  };
  if (!has(first, "SPDX-License-Identifier: " + licence) ||
      !has(first + 1, "Copyright 2026 The tocsin authors"))
    faults.push_back(s.path + ": the two-line head with " + licence + " is missing");
}

void rule_include(const Source& s, Faults& faults) {
  static const std::regex kInclude("^#include \"([a-z_]+)/([a-z0-9_./]+)\"");
  if (!s.under("userspace/")) return;
  const std::string own = s.path.substr(10, s.path.find('/', 10) - 10);
  const auto own_at = std::find(kStages.begin(), kStages.end(), own);
  if (own_at == kStages.end()) faults.push_back(s.path + ": not in a known stage");
  // Whole programs, and what two of them share of the library.
  static const std::set<std::string> kSeeAll = {"daemon", "cli", "relay", "intake",
                                                "report", "top", "fleet"};
  if (kSeeAll.contains(own)) return;
  for (std::size_t n = 0; n < s.lines.size(); ++n) {
    std::smatch m;
    if (!std::regex_search(s.lines[n], m, kInclude) || m[1] == own || m[1] == "base") continue;
    const bool earlier = std::find(kStages.begin(), own_at, m[1].str()) != own_at;
    const auto header = m[1].str() + "/" + m[2].str();
    if (!earlier || !(kValueHeaders.contains(header) || header.ends_with("_limits.hpp")))
      faults.push_back(place(s, n + 1) + ": a stage sees base/, itself, value headers and limits " +
                       "of earlier stages, not " + header);
  }
}

void rule_wire(const Source& s, Faults& faults) {
  if (s.under("bpf/") || s.under("tests/") || s.under("bench/") || s.under("userspace/capture/") ||
      s.under("userspace/event/decode"))
    return;
  for (std::size_t n = 0; n < s.lines.size(); ++n)
    if (s.lines[n].starts_with("#include") && s.lines[n].find("tocsin_wire.h") != std::string::npos)
      faults.push_back(place(s, n + 1) + ": wire structs stop at the decoder");
}

void rule_ring(const Source& s, Faults& faults) {
  if (!s.under("bpf/") || s.path == "bpf/emit.bpf.h") return;
  const std::vector<std::string> bare = bare_code(s.lines);
  for (std::size_t n = 0; n < bare.size(); ++n)
    if (bare[n].find("bpf_ringbuf_") != std::string::npos)
      faults.push_back(place(s, n + 1) + ": only emit.bpf.h writes to the ring, and counts");
}

void rule_unfinished(const Source& s, Faults& faults) {
  static const std::regex kMark("\\b([T]ODO|[F]IXME|[X]XX)\\b");
  for (std::size_t n = 0; n < s.lines.size(); ++n)
    if (std::regex_search(s.lines[n], kMark)) faults.push_back(place(s, n + 1) + ": unfinished");
  if (fs::path(s.path).stem().string().find("util") != std::string::npos)
    faults.push_back(s.path + ": a name that says nothing");
}

using Rule = void (*)(const Source&, Faults&);
const std::map<std::string, Rule> kRules = {
    {"size", rule_size}, {"line", rule_line},       {"function", rule_function},
    {"head", rule_head}, {"include", rule_include}, {"parameters", rule_parameters},
    {"wire", rule_wire}, {"ring", rule_ring},       {"unfinished", rule_unfinished}};

Faults faults_of(const std::string& rule, const std::string& path,
                 const std::vector<std::string>& lines) {
  Faults faults;
  kRules.at(rule)({path, lines}, faults);
  return faults;
}

std::string joined(const Faults& faults) {
  std::string text;
  for (const std::string& f : faults) text += f + "\n";
  return text;
}

}  // namespace

TEST_CASE("the tree keeps the rules of the house", "[tidy]") {
  REQUIRE(sources().size() > 50);
  for (const auto& [name, rule] : kRules) {
    Faults faults;
    for (const Source& s : sources()) {
      const bool excepted = std::any_of(kExceptions.begin(), kExceptions.end(), [&](auto& e) {
        return e.rule == name && e.path == s.path;
      });
      Faults own;
      rule(s, own);
      if (!excepted)
        faults.insert(faults.end(), own.begin(), own.end());
      else if (own.empty())
        faults.push_back(s.path + ": no longer needs its exception");
    }
    INFO("rule " << name << "\n" << joined(faults));
    CHECK(faults.empty());
  }
}

TEST_CASE("the top of the tree holds only what a stranger expects", "[tidy]") {
  for (const auto& entry : fs::directory_iterator(TOCSIN_SOURCE_DIR)) {
    INFO(entry.path());
    const fs::path name = entry.path().filename();
    CHECK((kTop.contains(name) || kTopOfOthers.contains(name)));
  }
}

TEST_CASE("every source file is part of a target", "[tidy]") {
  std::ifstream in(TOCSIN_BIN_DIR "/../compile_commands.json");
  REQUIRE(in);
  std::string compiled;
  for (const auto& command : nlohmann::json::parse(in)) {
    const auto file = command.at("file").get<std::string>();
    compiled += file + '"';
    for (const std::string& line : read_lines(file))  // of cmake/unity.cmake's files
      if (line.starts_with("#include \"/")) compiled += line;
  }
  const auto build = joined(read_lines(TOCSIN_SOURCE_DIR "/CMakeLists.txt"));
  for (const Source& s : sources()) {
    INFO(s.path);
    if (s.ends(".bpf.c"))
      CHECK(build.find("(" + fs::path(s.path).stem().stem().string() + ")") != std::string::npos);
    else if (s.ends(".cpp") || s.ends(".c"))
      CHECK(compiled.find("/" + s.path + '"') != std::string::npos);
  }
}

TEST_CASE("the rules find what they are for", "[tidy]") {
  const std::vector<std::string> filler(80, "  call();");
  std::vector<std::string> longer = {"int f(int a,", "      int b) {"};
  longer.insert(longer.end(), filler.begin(), filler.end());
  longer.push_back("}");
  CHECK(faults_of("function", "userspace/base/a.cpp", longer).size() == 1);
  longer.erase(longer.begin() + 2, longer.begin() + 20);
  CHECK(faults_of("function", "userspace/base/a.cpp", longer).empty());
  CHECK(faults_of("size", "userspace/base/a.hpp", std::vector<std::string>(201)).size() == 1);
  CHECK(faults_of("line", "tests/a.cpp", {std::string(101, 'x')}).size() == 1);
  CHECK(faults_of("head", "bpf/a.bpf.c", {"/* SPDX-License-Identifier: Apache-2.0 */"}).size() ==
        1);
  CHECK(faults_of("parameters", "bench/a.cpp", {"int f(int a, B<c, d> b, int e) {", "}"}).empty());
  CHECK(faults_of("parameters", "bench/a.cpp", {"int f(int a, int b, int c, int d, int e) {", "}"})
            .size() == 1);
  CHECK(faults_of("include", "userspace/hash/a.cpp", {"#include \"alert/alert.hpp\""}).size() == 1);
  CHECK(faults_of("include", "userspace/alert/a.cpp", {"#include \"hash/hash_service.hpp\""})
            .size() == 1);
  CHECK(
      faults_of("include", "userspace/alert/a.cpp", {"#include \"hash/hash_result.hpp\""}).empty());
  CHECK(faults_of("wire", "userspace/alert/a.cpp", {"#include \"tocsin_wire.h\""}).size() == 1);
  CHECK(faults_of("ring", "bpf/a.bpf.c", {"bpf_ringbuf_submit(r, 0);"}).size() == 1);
  CHECK(faults_of("ring", "bpf/a.bpf.c", {"/* bpf_ringbuf_submit */"}).empty());
  CHECK(faults_of("unfinished", "bpf/a.bpf.c", {std::string("// TO") + "DO"}).size() == 1);
}
