// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/digest_file.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <vector>

#include "hash/file_identity_check.hpp"

namespace tocsin {
namespace {

// Larger files are worth telling the kernel that they are read from end to end.
constexpr std::uint64_t kReadAheadFromBytes = 1024ULL * 1024;

struct FreeMd {
  void operator()(EVP_MD* md) const { EVP_MD_free(md); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// One algorithm, fetched once: fetching by name costs more than hashing a small file.
class Algorithm {
 public:
  explicit Algorithm(const char* name)
      : md_(EVP_MD_fetch(nullptr, name, nullptr)), context_(EVP_MD_CTX_new()) {}

  [[nodiscard]] bool available() const { return md_ != nullptr && context_ != nullptr; }
  bool begin() { return EVP_DigestInit_ex2(context_.get(), md_.get(), nullptr) == 1; }
  bool update(std::span<const std::uint8_t> bytes) {
    return EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
  }
  template <std::size_t N>
  bool finish(DigestOf<N>& out) {
    unsigned size = 0;
    return EVP_DigestFinal_ex(context_.get(), out.bytes.data(), &size) == 1 && size == N;
  }

 private:
  std::unique_ptr<EVP_MD, FreeMd> md_;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

std::string errno_text(const char* doing, int errno_value) {
  return std::string(doing) + ": " + std::generic_category().message(errno_value);
}

}  // namespace

struct FileDigester::State {
  Algorithm sha256{"SHA256"};
  Algorithm sha1{"SHA1"};
  Algorithm md5{"MD5"};
  std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(kDigestChunkBytes);

  bool begin(DigestNeeds needs) {
    return sha256.begin() && (!needs.sha1 || sha1.begin()) && (!needs.md5 || md5.begin());
  }
  bool update(DigestNeeds needs, std::span<const std::uint8_t> bytes) {
    return sha256.update(bytes) && (!needs.sha1 || sha1.update(bytes)) &&
           (!needs.md5 || md5.update(bytes));
  }
  std::optional<FileDigests> finish(DigestNeeds needs) {
    FileDigests out;
    if (!sha256.finish(out.sha256)) return std::nullopt;
    if (needs.sha1 && !sha1.finish(out.sha1.emplace())) return std::nullopt;
    if (needs.md5 && !md5.finish(out.md5.emplace())) return std::nullopt;
    return out;
  }
  // Feeds the whole file; fills miss and detail of out when it could not.
  bool read_all(int fd, const DigestOptions& options, DigestNeeds needs, DigestOutcome& out);
};

bool FileDigester::State::read_all(int fd, const DigestOptions& options, DigestNeeds needs,
                                   DigestOutcome& out) {
  // One byte more than the file has is asked for, so that growth shows without another look.
  while (out.bytes_read <= out.file.size) {
    if (options.stop.stop_requested()) {
      out.stopped = true;
      out.miss = HashMiss::kUnreadable;
      out.detail = "stopped while reading";
      return false;
    }
    if (options.pulse_ns != nullptr)
      options.pulse_ns->store(steady_ns(), std::memory_order_relaxed);
    const auto got = pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(out.bytes_read));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      out.miss = HashMiss::kUnreadable;
      out.detail = errno_text("read", errno);
      return false;
    }
    if (got == 0) break;
    out.bytes_read += static_cast<std::uint64_t>(got);
    if (!update(needs, {buffer.data(), static_cast<std::size_t>(got)})) {
      out.miss = HashMiss::kUnreadable;
      out.detail = "OpenSSL could not hash";
      return false;
    }
  }
  if (out.bytes_read == out.file.size) return true;
  out.miss = HashMiss::kChanged;
  out.detail = "its size changed while it was read";
  return false;
}

FileDigester::FileDigester(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileDigester::FileDigester(FileDigester&&) noexcept = default;
FileDigester& FileDigester::operator=(FileDigester&&) noexcept = default;
FileDigester::~FileDigester() = default;

Result<FileDigester> FileDigester::create() {
  auto state = std::make_unique<State>();
  if (!state->sha256.available())
    return fail(ErrorCode::kUnsupported, "OpenSSL offers no SHA-256 (no provider loaded?)");
  return FileDigester(std::move(state));
}

DigestNeeds FileDigester::available() const {
  return {state_->sha1.available(), state_->md5.available()};
}

DigestOutcome FileDigester::digest(int fd, const DigestOptions& options) {
  DigestOutcome out;
  const auto miss = [&out](HashMiss why, std::string detail) -> DigestOutcome& {
    out.miss = why;
    out.detail = std::move(detail);
    return out;
  };
  const DigestNeeds needs{options.needs.sha1 && state_->sha1.available(),
                          options.needs.md5 && state_->md5.available()};

  const auto before = stat_fd(fd, StatSync::kFull);
  if (!before) return miss(HashMiss::kUnreadable, before.error().message);
  out.file = before->file;
  if (!S_ISREG(out.file.mode)) return miss(HashMiss::kNotRegular, "not a regular file");
  if (options.expected != nullptr) {
    const auto check = check_identity(*options.expected, *before);
    out.unlinked_since = check.verdict == IdentityVerdict::kUnlinkedSince;
    if (check.verdict != IdentityVerdict::kSame && !out.unlinked_since)
      return miss(HashMiss::kChanged,
                  "another " + std::string(check.differs) + " when it was opened for reading");
  }
  if (out.file.size > options.max_bytes)
    return miss(HashMiss::kTooLarge, std::to_string(out.file.size) + " bytes, the limit is " +
                                         std::to_string(options.max_bytes));
  if (out.file.size >= kReadAheadFromBytes) posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);

  if (!state_->begin(needs)) return miss(HashMiss::kUnreadable, "OpenSSL could not begin");
  if (!state_->read_all(fd, options, needs, out)) return out;
  const auto digests = state_->finish(needs);
  if (!digests) return miss(HashMiss::kUnreadable, "OpenSSL could not finish");

  const auto after = stat_fd(fd, StatSync::kFull);
  if (!after) return miss(HashMiss::kUnreadable, after.error().message);
  const auto check = check_identity(out.file, *after);
  if (check.verdict == IdentityVerdict::kUnlinkedSince) {
    out.unlinked_since = true;
  } else if (check.verdict != IdentityVerdict::kSame) {
    return miss(HashMiss::kChanged,
                "its " + std::string(check.differs) + " changed while it was read");
  }
  out.digests = digests;
  return out;
}

}  // namespace tocsin
