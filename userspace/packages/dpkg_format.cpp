// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/dpkg_format.hpp"

#include <array>

#include "base/text.hpp"
#include "packages/package_database.hpp"

namespace tocsin::dpkg {
namespace {

constexpr std::size_t kMd5Digits = 2 * Md5::kBytes;

// "Field: value" -> value, when the line is that field.
std::optional<std::string_view> field(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return std::nullopt;
  return trim(line.substr(name.size()));
}

// " /etc/file DIGEST [obsolete]": dpkg writes "newconffile" where it does not know the digest yet.
void read_conffile(std::string_view line, Package& package) {
  line = trim(line);
  const auto blank = line.find(' ');
  if (line.empty() || line[0] != '/' || blank == std::string_view::npos) return;
  const auto rest = line.substr(blank + 1);
  if (const auto md5 = Md5::parse(rest.substr(0, rest.find(' '))))
    package.conffiles.push_back({line.substr(0, blank), *md5});
}

// "want flag state": whether files of the package lie on the disk.
bool state_has_files(std::string_view status) {
  const auto state = status.substr(status.rfind(' ') + 1);
  return !state.empty() && state != "not-installed" && state != "config-files";
}

}  // namespace

std::uint64_t read_status(std::string_view text, const std::function<void(const Package&)>& take) {
  std::uint64_t faults = 0;
  Package package;
  bool begun = false;
  bool in_conffiles = false;
  const auto end_paragraph = [&] {
    if (begun && package.name.empty()) ++faults;
    if (!package.name.empty()) take(package);
    package = {};
    begun = in_conffiles = false;
  };
  for_each_line(text, [&](std::string_view line) {
    if (line.empty()) return end_paragraph();
    begun = true;
    if (line[0] == ' ' || line[0] == '\t') {
      if (in_conffiles) read_conffile(line, package);
      return;
    }
    in_conffiles = line.starts_with("Conffiles:");
    if (const auto value = field(line, "Package:")) package.name = *value;
    if (const auto value = field(line, "Architecture:")) package.architecture = *value;
    if (const auto value = field(line, "Version:")) package.version = *value;
    if (const auto value = field(line, "Status:")) package.has_files = state_has_files(*value);
  });
  end_paragraph();
  return faults;
}

std::uint64_t read_md5sums(std::string_view text, Md5Sums& sums) {
  std::uint64_t faults = 0;
  for_each_line(text, [&](std::string_view line) {
    if (line.empty()) return;
    const auto md5 = Md5::parse(line.substr(0, kMd5Digits));
    const auto path = line.size() > kMd5Digits + 2 ? line.substr(kMd5Digits + 2) : "";
    if (!md5 || path.empty() || line[kMd5Digits] != ' ') {
      ++faults;
    } else {
      sums.insert_or_assign(path, *md5);
    }
  });
  return faults;
}

void read_list(std::string_view text, const std::function<void(std::string_view path)>& take) {
  std::string_view held;
  for_each_line(text, [&](std::string_view line) {
    // A directory stands in front of what is in it.
    const bool directory =
        line.size() > held.size() && line.starts_with(held) && line[held.size()] == '/';
    if (!held.empty() && !directory) take(held);
    held = line.size() > 1 && line[0] == '/' && line != "/." ? line : std::string_view();
  });
  if (!held.empty()) take(held);
}

Diversions read_diversions(std::string_view text) {
  Diversions out;
  std::array<std::string_view, 3> lines;
  std::size_t at = 0;
  for_each_line(text, [&](std::string_view line) {
    lines[at++] = line;
    if (at < lines.size()) return;
    at = 0;
    out.insert_or_assign(std::string(lines[0]),
                         Diversion{std::string(lines[1]), std::string(lines[2])});
  });
  return out;
}

}  // namespace tocsin::dpkg
