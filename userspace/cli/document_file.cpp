// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/document_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include "base/fd.hpp"
#include "cli/pace.hpp"
#include "extract/extract_limits.hpp"

namespace tocsin::cli {
namespace {

constexpr std::size_t kMappedFrom = 16UL * 1024 * 1024;
constexpr std::size_t kReadBytes = 256UL * 1024;
constexpr std::chrono::milliseconds kShownEvery{100};

Result<std::string> read_all(int fd, const std::string& name) {
  std::string out;
  std::vector<char> buffer(kReadBytes);
  for (;;) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading " + name, errno);
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > limits::kExtractDocumentBytesMax)
      return fail(ErrorCode::kLimit,
                  fmt::format("{} has more than {} bytes", name, limits::kExtractDocumentBytesMax));
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

DocumentFile::DocumentFile(DocumentFile&& other) noexcept
    : owned_(std::move(other.owned_)),
      map_(std::exchange(other.map_, nullptr)),
      map_bytes_(std::exchange(other.map_bytes_, 0)),
      was_pdf_(other.was_pdf_) {}

DocumentFile::~DocumentFile() {
  if (map_ != nullptr) ::munmap(map_, map_bytes_);
}

Result<DocumentFile> DocumentFile::open(const std::string& path) {
  DocumentFile out;
  if (path == "-") {
    TOCSIN_TRY(out.owned_, read_all(STDIN_FILENO, "standard input"));
  } else {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) return fail_errno("opening " + path, errno);
    struct stat st {};
    if (fstat(fd.get(), &st) != 0) return fail_errno("reading " + path, errno);
    if (S_ISDIR(st.st_mode)) return fail(ErrorCode::kInvalidInput, path + " is a folder");
    const auto size = static_cast<std::size_t>(st.st_size);
    if (S_ISREG(st.st_mode) && size >= kMappedFrom && size <= limits::kExtractDocumentBytesMax) {
      void* map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
      if (map == MAP_FAILED) return fail_errno("mapping " + path, errno);
      out.map_ = static_cast<char*>(map);
      out.map_bytes_ = size;
      ::madvise(map, size, MADV_SEQUENTIAL);
    } else {
      TOCSIN_TRY(out.owned_, read_all(fd.get(), path));
    }
  }
  if (out.bytes().starts_with("%PDF-")) {
    TOCSIN_TRY(auto text, pdf_text(out.bytes()));
    DocumentFile converted;
    converted.owned_ = std::move(text);
    converted.was_pdf_ = true;
    return converted;
  }
  return out;
}

std::function<void(std::uint64_t at)> reading_progress(Output& out, std::string name,
                                                       std::uint64_t bytes) {
  if (!out.shows_progress()) return {};
  return [&out, bytes, pace = Pace(), shown = Pace::Clock::now(),
          name = std::move(name)](std::uint64_t at) mutable {
    const auto now = Pace::Clock::now();
    if (now - shown < kShownEvery) return;
    shown = now;
    out.progress(fmt::format("{}: {}", name, pace.bytes_words(std::min(at, bytes), bytes, now)));
  };
}

}  // namespace tocsin::cli
