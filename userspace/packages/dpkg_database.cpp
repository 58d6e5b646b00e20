// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include "packages/dpkg_format.hpp"
#include "packages/package_database.hpp"

namespace tocsin {
namespace {

namespace fs = std::filesystem;

class DpkgReader {
 public:
  DpkgReader(const PackageSource& source, fs::path folder, PackageDatabase& report)
      : source_(source), folder_(std::move(folder)), report_(report) {}

  void read() {
    const auto status = read_database_file(folder_ / "status");
    if (!status) {
      report_.error = status.error().message;
      return;
    }
    // Absent on a host that never diverted anything.
    if (const auto text = read_database_file(folder_ / "diversions"))
      diversions_ = dpkg::read_diversions(*text);
    report_.faults +=
        dpkg::read_status(*status, [this](const dpkg::Package& package) { take(package); });
  }

 private:
  // The files of one architecture of a package that may be there in several carry its name.
  [[nodiscard]] Result<std::string> info(const dpkg::Package& package, const char* suffix) const {
    const auto one_of_several =
        folder_ / "info" / fmt::format("{}:{}.{}", package.name, package.architecture, suffix);
    std::error_code ec;
    if (fs::exists(one_of_several, ec)) return read_database_file(one_of_several);
    return read_database_file(folder_ / "info" / fmt::format("{}.{}", package.name, suffix));
  }

  void take(const dpkg::Package& package) {
    if (!package.has_files || package.name.find('/') != std::string_view::npos ||
        package.architecture.find('/') != std::string_view::npos)
      return;
    const auto list = info(package, "list");
    if (!list) {
      report_.error = list.error().message;
      return;
    }
    // Beyond the limit its files are counted as left out.
    if (source_.index.begin_package({.name = package.name,
                                     .version = package.version,
                                     .manager = PackageManager::kDpkg,
                                     .digest = RecordKind::kMd5}))
      ++report_.packages;
    const auto sums_text = info(package, "md5sums");  // a package may come without
    dpkg::Md5Sums sums;
    if (sums_text) report_.faults += dpkg::read_md5sums(*sums_text, sums);
    for (const auto& conffile : package.conffiles)
      sums.insert_or_assign(conffile.path.substr(1), conffile.md5);
    dpkg::read_list(*list, [&](std::string_view path) {
      const auto sum = sums.find(path.substr(1));
      add(package, path,
          sum == sums.end() ? std::span<const std::uint8_t>() : std::span(sum->second.bytes));
    });
  }

  void add(const dpkg::Package& package, std::string_view path,
           std::span<const std::uint8_t> digest) {
    ++report_.files;
    const auto diverted = diversions_.find(std::string(path));
    if (diverted != diversions_.end() && diverted->second.by != package.name)
      path = diverted->second.to;
    source_.index.add_file(source_.aliases.true_path(path), digest);
  }

  const PackageSource& source_;
  fs::path folder_;
  PackageDatabase& report_;
  dpkg::Diversions diversions_;
};

}  // namespace

std::optional<PackageDatabase> read_dpkg(const PackageSource& source) {
  const auto folder = source.root / "var/lib/dpkg";
  std::error_code ec;
  if (!fs::exists(folder / "status", ec)) return std::nullopt;
  PackageDatabase report{.manager = PackageManager::kDpkg, .path = folder};
  DpkgReader(source, folder, report).read();
  return report;
}

}  // namespace tocsin
