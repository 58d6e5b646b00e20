// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/package_database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "packages/package_limits.hpp"

namespace tocsin {

namespace fs = std::filesystem;

RootAliases RootAliases::of(const std::filesystem::path& root) {
  RootAliases out;
  // The links below /usr first: what a link of the root leads to may lie behind one of them.
  for (const char* folder : {"/usr", "/"}) {
    std::error_code ec;
    for (fs::directory_iterator it(root / (folder + 1), ec), end; !ec && it != end;
         it.increment(ec)) {
      std::error_code unreadable;
      if (!it->is_symlink(unreadable)) continue;
      const auto target = fs::read_symlink(it->path(), unreadable);
      if (unreadable || target.empty()) continue;
      const auto alias = fs::path(folder) / it->path().filename();
      const auto inside = target.is_absolute() ? target : fs::path(folder) / target;
      out.add(alias.string(), out.true_path(inside.lexically_normal().string()));
    }
  }
  return out;
}

std::string RootAliases::true_path(std::string_view path) const {
  for (const auto& [alias, target] : aliases_)
    if (path.starts_with(alias) && (path.size() == alias.size() || path[alias.size()] == '/'))
      return target + std::string(path.substr(alias.size()));
  return std::string(path);
}

bool PackageReading::complete() const {
  return !databases.empty() && left_out == 0 &&
         std::ranges::all_of(databases, &std::string::empty, &PackageDatabase::error);
}

PackageReading read_packages(const std::filesystem::path& root) {
  const auto aliases = RootAliases::of(root);
  PackageIndexBuilder builder;
  PackageReading out;
  for (const auto read : {read_dpkg, read_apk, read_rpm})
    if (auto database = read({root, aliases, builder}))
      out.databases.push_back(std::move(*database));
  out.left_out = builder.left_out();
  out.index = std::move(builder).finish();
  return out;
}

Result<std::string> read_database_file(const std::filesystem::path& path) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(path, ec);
  if (ec) return fail_errno(path.string(), ec.value());
  if (size > limits::kPackageFileBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("{}: {} bytes, at most {} are read", path.string(),
                                               size, limits::kPackageFileBytesMax));
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail_errno(path.string(), errno);
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

void for_each_line(std::string_view text, const std::function<void(std::string_view)>& take) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace tocsin
