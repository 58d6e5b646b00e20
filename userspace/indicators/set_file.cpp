// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/set_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "base/fd.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kReadBytes = 256UL * 1024;
constexpr std::size_t kExcerptBytes = 120;  // of a refused line
constexpr std::string_view kUtf8Bom = "\xef\xbb\xbf";

std::string default_set_name(std::string_view file_name) {
  std::string name = std::filesystem::path(file_name).stem().string().substr(0, 64);
  for (char& c : name)
    if (!is_set_name({&c, 1})) c = '_';
  return name.empty() ? "unnamed" : name;
}

// False only if every byte is printable ASCII; eight bytes at a time.
bool has_unusual(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  std::uint64_t unusual = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    const std::uint64_t del = word ^ (kOnes * 0x7f);
    unusual |= word | (word - kOnes * 0x20) | (del - kOnes);
  }
  for (; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c >= 0x7f) return true;
  }
  return (unusual & kHigh) != 0;
}

// Tabs are the only control characters a line may hold.
std::optional<LineFault> unprintable(std::string_view line) {
  if (!has_unusual(line)) return std::nullopt;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto c = static_cast<unsigned char>(line[i]);
    if ((c >= 0x20 && c != 0x7f) || c == '\t') continue;
    return LineFault{static_cast<std::uint32_t>(i + 1),
                     c == 0 ? "NUL byte" : fmt::format("control character \\x{:02x}", c)};
  }
  const auto bad = invalid_utf8_at(line);
  if (bad == std::string_view::npos) return std::nullopt;
  return LineFault{static_cast<std::uint32_t>(bad + 1), "not valid UTF-8"};
}

}  // namespace

std::string to_string(const Refusal& refusal, std::string_view file) {
  const auto column = refusal.column == 0 ? "" : fmt::format(":{}", refusal.column);
  return fmt::format("{}:{}{}: {}: {}", file, refusal.line, column, refusal.reason, refusal.text);
}

std::uint64_t SetFileSummary::accepted_total() const {
  return std::accumulate(accepted.begin(), accepted.end(), std::uint64_t{0});
}

SetFileReader::SetFileReader(Options options, RowSink sink)
    : options_(std::move(options)), sink_(std::move(sink)) {
  out_.meta.file = options_.file_name;
  out_.meta.set = default_set_name(options_.file_name);
}

void SetFileReader::refuse(std::string_view line, LineFault fault) {
  ++out_.refused;
  if (out_.refusals.size() >= limits::kIndicatorRefusalsShownMax) return;
  out_.refusals.push_back(
      {out_.lines, fault.column, std::move(fault.reason), printable(line, kExcerptBytes)});
}

void SetFileReader::feed(std::string_view bytes) {
  out_.bytes += bytes.size();
  while (!bytes.empty() && out_.error.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    const bool complete = end != std::string_view::npos;
    bytes.remove_prefix(complete ? end + 1 : bytes.size());
    if (complete && partial_.empty() && !overlong_ &&
        piece.size() <= limits::kIndicatorLineBytesMax) {
      take_line(piece);
      continue;
    }
    if (!overlong_ && partial_.size() + piece.size() > limits::kIndicatorLineBytesMax) {
      partial_.append(piece.substr(0, kExcerptBytes));
      ++out_.lines;
      refuse(std::string_view(partial_).substr(0, kExcerptBytes),
             {0, fmt::format("the line is longer than {} bytes", limits::kIndicatorLineBytesMax)});
      overlong_ = true;
      partial_.clear();
    }
    if (!overlong_) partial_.append(piece);
    if (!complete) continue;
    if (!overlong_) take_line(partial_);
    partial_.clear();
    overlong_ = false;
  }
}

void SetFileReader::take_line(std::string_view line) {
  ++out_.lines;
  if (out_.lines == 1) {
    if (line.starts_with("\xff\xfe") || line.starts_with("\xfe\xff")) {
      out_.error = "the file is UTF-16; a set is UTF-8 (tocsin ioc import converts)";
      return;
    }
    if (line.starts_with(kUtf8Bom)) line.remove_prefix(kUtf8Bom.size());
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  take_content(line);
}

void SetFileReader::take_content(std::string_view line) {
  if (auto bad = unprintable(line)) return refuse(line, std::move(*bad));
  const auto content = trim(line);
  if (content.empty()) return;
  if (content.front() != '#') return take_row(line);
  SetMeta changed = out_.meta;
  const auto is_header = parse_header(content, changed);
  if (!is_header) return refuse(line, is_header.error());
  if (!*is_header) return;
  // Rows already handed on carry the old values; a set has one head.
  if (rows_begun_) return refuse(line, {1, "keys of the set stand before its first row"});
  out_.meta = std::move(changed);
}

void SetFileReader::take_row(std::string_view line) {
  rows_begun_ = true;
  const auto state = parse_row(line, out_.meta, buffer_);
  if (!state) return refuse(line, state.error());
  auto& row = buffer_.row;
  const auto column = buffer_.fields[1].column;
  if (options_.guard != nullptr) {
    if (auto reason = options_.guard->refuses(row, out_.meta.allow))
      return refuse(line, {column, std::move(*reason)});
  }
  row.line = out_.lines;
  if (*state == RowState::kReview) {
    ++out_.review;
    if (options_.review_sink) (void)options_.review_sink(out_.meta, row);
    return;
  }
  if (auto taken = sink_(out_.meta, row); !taken)
    return refuse(line, {column, std::move(taken).error().message});
  ++out_.accepted[static_cast<std::size_t>(row.type)];
  if (buffer_.remark.host_bits_cleared) ++out_.host_bits_cleared;
  if (row.expires_ns && *row.expires_ns <= options_.now_ns) ++out_.expired;
}

SetFileSummary SetFileReader::finish() {
  if (!partial_.empty() && out_.error.empty()) take_line(partial_);
  partial_.clear();
  return std::move(out_);
}

Result<SetFileSummary> read_set_file(const std::filesystem::path& path,
                                     SetFileReader::Options options, RowSink sink) {
  // Non-blocking: a named pipe in a folder of sets must not hold up the daemon.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return fail_errno("opening " + path.string(), errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("reading " + path.string(), errno);
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::kInvalidInput, path.string() + " is not a regular file");
  SetFileReader reader(std::move(options), std::move(sink));
  std::vector<char> buffer(kReadBytes);
  for (;;) {
    const auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading " + path.string(), errno);
    if (got == 0 || reader.hopeless()) return reader.finish();
    reader.feed({buffer.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace tocsin
