// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/apk_format.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "packages/package_database.hpp"
#include "packages/package_limits.hpp"

namespace tocsin::apk {
namespace {

// "Q1" and a SHA-1, "Q2" and a SHA-256, in base64.
struct Checksum {
  RecordKind kind = RecordKind::kNone;
  std::vector<std::uint8_t> bytes;
};

Checksum read_checksum(std::string_view text) {
  constexpr std::size_t kEncodedMax = 44;  // of 32 bytes
  const auto kind = text.substr(0, 2);
  const auto encoded = text.substr(std::min<std::size_t>(2, text.size()));
  const std::size_t size = kind == "Q1" ? Sha1::kBytes : kind == "Q2" ? Sha256::kBytes : 0;
  if (size == 0 || encoded.size() != (size + 2) / 3 * 4) return {};
  std::array<unsigned char, kEncodedMax> decoded;
  const int got =
      EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(encoded.data()),
                      static_cast<int>(encoded.size()));
  if (got < static_cast<int>(size)) return {};
  return {kind == "Q1" ? RecordKind::kSha1 : RecordKind::kSha256,
          {decoded.begin(), decoded.begin() + static_cast<std::ptrdiff_t>(size)}};
}

class Reader {
 public:
  explicit Reader(const Callbacks& callbacks) : callbacks_(callbacks) {}

  void line(std::string_view line) {
    if (line.empty()) return end_package();
    begun_ = true;
    if (line.size() < 2 || line[1] != ':') return;
    const auto value = line.substr(2);
    switch (line[0]) {
      case 'P':
        package_.name = value;
        break;
      case 'V':
        package_.version = value;
        break;
      case 'F':
        folder_ = value;
        break;
      case 'R':
        // One more than the index takes, so that it counts what is left out.
        if (files_.size() <= limits::kPackageFilesMax)
          files_.push_back(
              {folder_.empty() ? fmt::format("/{}", value) : fmt::format("/{}/{}", folder_, value),
               {}});
        break;
      case 'Z':
        checksum(value);
        break;
      default:
        break;
    }
  }
  void end_package() {
    if (begun_ && package_.name.empty()) ++faults_;
    if (!package_.name.empty()) {
      callbacks_.package(package_);
      for (auto& file : files_) callbacks_.file(file);
    }
    package_ = {};
    folder_ = {};
    files_.clear();
    begun_ = false;
  }
  [[nodiscard]] std::uint64_t faults() const { return faults_; }

 private:
  // Of the file named last.
  void checksum(std::string_view value) {
    auto sum = read_checksum(value);
    if (sum.kind == RecordKind::kNone || files_.empty()) {
      ++faults_;
    } else if (package_.digest == RecordKind::kNone || package_.digest == sum.kind) {
      package_.digest = sum.kind;
      files_.back().digest = std::move(sum.bytes);
    }
  }

  const Callbacks& callbacks_;
  Package package_;
  std::string_view folder_;
  std::vector<File> files_;
  std::uint64_t faults_ = 0;
  bool begun_ = false;
};

}  // namespace

std::uint64_t read_installed(std::string_view text, const Callbacks& callbacks) {
  Reader reader(callbacks);
  for_each_line(text, [&](std::string_view line) { reader.line(line); });
  reader.end_package();
  return reader.faults();
}

}  // namespace tocsin::apk
