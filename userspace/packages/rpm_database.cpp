// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include "base/database.hpp"
#include "packages/package_database.hpp"
#include "packages/package_limits.hpp"
#include "packages/rpm_header.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRpmFolders[] = {"var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"};
// Of rpm before 4.16, and of SUSE: formats of their own.
constexpr const char* kOldFiles[] = {"Packages", "Packages.db"};

void take(ByteSpan blob, const PackageSource& source, PackageDatabase& report) {
  const auto header = rpm::read_header(blob);
  if (!header) {
    report.error = header.error().message;
    return;
  }
  // The keys that packages are checked with are kept as packages without files.
  if (header->name == "gpg-pubkey") return;
  ++report.packages;
  report.faults += header->faults;
  source.index.begin_package({.name = header->name,
                              .version = header->version,
                              .manager = PackageManager::kRpm,
                              .digest = header->digest});
  for (const auto& file : header->files) {
    ++report.files;
    source.index.add_file(source.aliases.true_path(file.path), file.digest);
  }
}

Result<void> read_sqlite(const fs::path& path, const PackageSource& source,
                         PackageDatabase& report) {
  TOCSIN_TRY(auto database, Database::open(path.string(), {}));
  TOCSIN_TRY(auto rows, database.prepare("SELECT blob FROM Packages"));
  for (;;) {
    TOCSIN_TRY(const bool more, rows.step());
    if (!more) return {};
    const auto blob = rows.bytes(0);
    if (blob.size() > limits::kPackageFileBytesMax) {
      report.error = fmt::format("a header of {} bytes, at most {} are read", blob.size(),
                                 limits::kPackageFileBytesMax);
      continue;
    }
    take(std::as_bytes(std::span(blob)), source, report);
  }
}

}  // namespace

std::optional<PackageDatabase> read_rpm(const PackageSource& source) {
  std::error_code ec;
  for (const auto* folder : kRpmFolders) {
    const auto path = source.root / folder / "rpmdb.sqlite";
    if (!fs::exists(path, ec)) continue;
    PackageDatabase report{.manager = PackageManager::kRpm, .path = path};
    if (const auto read = read_sqlite(path, source, report); !read)
      report.error = read.error().message;
    return report;
  }
  for (const auto* folder : kRpmFolders)
    for (const auto* file : kOldFiles)
      if (const auto path = source.root / folder / file; fs::exists(path, ec))
        return PackageDatabase{.manager = PackageManager::kRpm,
                               .path = path,
                               .error =
                                   "unsupported: a Berkeley or ndb database, only "
                                   "rpmdb.sqlite (rpm 4.16 and later) is read"};
  return std::nullopt;
}

}  // namespace tocsin
