// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/apk_format.hpp"
#include "packages/package_database.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPlaces[] = {"lib/apk/db/installed", "usr/lib/apk/db/installed"};

}  // namespace

std::optional<PackageDatabase> read_apk(const PackageSource& source) {
  std::error_code ec;
  for (const auto* place : kPlaces) {
    const auto path = source.root / place;
    if (!fs::exists(path, ec)) continue;
    PackageDatabase report{.manager = PackageManager::kApk, .path = path};
    const auto text = read_database_file(path);
    if (!text) {
      report.error = text.error().message;
      return report;
    }
    report.faults = apk::read_installed(
        *text, {.package =
                    [&](const apk::Package& package) {
                      ++report.packages;
                      source.index.begin_package({.name = package.name,
                                                  .version = package.version,
                                                  .manager = PackageManager::kApk,
                                                  .digest = package.digest});
                    },
                .file =
                    [&](const apk::File& file) {
                      ++report.files;
                      source.index.add_file(source.aliases.true_path(file.path), file.digest);
                    }});
    return report;
  }
  return std::nullopt;
}

}  // namespace tocsin
