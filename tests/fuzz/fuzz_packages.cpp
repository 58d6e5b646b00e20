// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "packages/apk_format.hpp"
#include "packages/dpkg_format.hpp"
#include "packages/package_limits.hpp"
#include "packages/rpm_header.hpp"

using namespace tocsin;

namespace {

void need(bool holds) {
  if (!holds) std::abort();
}

void read_dpkg(std::string_view text) {
  dpkg::read_status(text, [](const dpkg::Package& package) {
    need(!package.name.empty());
    for (const auto& conffile : package.conffiles) need(conffile.path.starts_with('/'));
  });
  dpkg::Md5Sums sums;
  dpkg::read_md5sums(text, sums);
  dpkg::read_list(text, [](std::string_view path) { need(path.size() > 1 && path[0] == '/'); });
  dpkg::read_diversions(text);
}

void read_apk(std::string_view text) {
  std::size_t digest_bytes = 0;
  apk::read_installed(text, {.package =
                                 [&](const apk::Package& package) {
                                   need(!package.name.empty());
                                   digest_bytes = package.digest == RecordKind::kSha1     ? 20
                                                  : package.digest == RecordKind::kSha256 ? 32
                                                                                          : 0;
                                 },
                             .file =
                                 [&](const apk::File& file) {
                                   need(file.path.starts_with('/'));
                                   need(file.digest.empty() || file.digest.size() == digest_bytes);
                                 }});
}

void read_rpm(std::span<const std::byte> blob) {
  const auto header = rpm::read_header(blob);
  if (!header) return;
  need(header->files.size() + header->faults <= 3 * blob.size());
  for (const auto& file : header->files) need(file.path.size() <= limits::kPackagePathBytesMax);
}

}  // namespace

// The first byte chooses the format.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      read_dpkg(text);
      break;
    case 1:
      read_apk(text);
      break;
    default:
      read_rpm(std::as_bytes(std::span(text)));
      break;
  }
  return 0;
}
