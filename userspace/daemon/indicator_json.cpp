// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/indicator_json.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <set>
#include <utility>

#include "control/protocol.hpp"
#include "indicators/index_image.hpp"
#include "indicators/set_writer.hpp"

namespace tocsin {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

void add_text(Json& out, const char* name, const std::string& value) {
  if (!value.empty()) out[name] = value;
}

void add_time(Json& out, const char* name, std::optional<WallNs> time) {
  if (time) out[name] = static_cast<double>(*time) / 1e9;
}

// Walks all images of an index, some rows at a time.
class IndexWalk {
 public:
  explicit IndexWalk(std::shared_ptr<const Index> index) : index_(std::move(index)) {}
  bool step(const IndexImage::Visitor& visit) {
    while (image_ < index_->images().size()) {
      if (index_->images()[image_]->visit_some(at_, visit)) return true;
      ++image_;
      at_ = {};
    }
    return false;
  }

 private:
  std::shared_ptr<const Index> index_;
  std::size_t image_ = 0;
  IndexImage::Cursor at_;
};

// The review rows of files, one read at a time.
class ReviewWalk {
 public:
  ReviewWalk(std::vector<std::filesystem::path> files, const Guard& guard)
      : files_(std::move(files)), guard_(guard) {}
  std::optional<std::string> next() {
    while (items_.empty()) {
      if (!reader_ && !open_next()) return std::nullopt;
      read_some();
    }
    auto item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

 private:
  bool open_next() {
    if (file_ == files_.size()) return false;
    const auto& path = files_[file_++];
    fd_.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    SetFileReader::Options options;
    options.file_name = path.filename().string();
    options.guard = &guard_;
    options.review_sink = [this](const SetMeta& meta, const IndicatorRow& row) -> Result<void> {
      items_.push_back(control::dump(row_json(meta, row)));
      return {};
    };
    reader_.emplace(std::move(options), [](const auto&, const auto&) { return Result<void>(); });
    return true;
  }
  void read_some() {
    std::array<char, kReadBytes> buffer;
    const auto got = fd_ ? ::read(fd_.get(), buffer.data(), buffer.size()) : -1;
    if (got > 0 && !reader_->hopeless())
      return reader_->feed({buffer.data(), static_cast<std::size_t>(got)});
    (void)reader_->finish();
    reader_.reset();
  }

  std::vector<std::filesystem::path> files_;
  const Guard& guard_;
  std::size_t file_ = 0;
  Fd fd_;
  std::optional<SetFileReader> reader_;
  std::deque<std::string> items_;
};

}  // namespace

Json outcome_json(const ImportOutcome& outcome) {
  Json by_type = Json::object();
  for (std::size_t i = 0; i < outcome.accepted.size(); ++i)
    if (outcome.accepted[i] > 0)
      by_type[to_string(static_cast<IndicatorType>(i))] = outcome.accepted[i];
  Json refusals = Json::array();
  for (const auto& r : outcome.refusals)
    refusals.push_back({{"line", r.line}, {"reason", r.reason}, {"text", r.text}});
  return {{"set", outcome.set},          {"replaced", outcome.replaced},
          {"accepted", outcome.total()}, {"by_type", std::move(by_type)},
          {"review", outcome.review},    {"refused", outcome.refused},
          {"added", outcome.added},      {"removed", outcome.removed},
          {"kept", outcome.kept},        {"refusals", std::move(refusals)}};
}

Json row_json(const SetMeta& meta, const IndicatorRow& row) {
  Json out = {{"type", to_string(row.type)},
              {"value", value_text(row)},
              {"set", meta.set},
              {"severity", to_string(row.severity)},
              {"confidence", row.confidence},
              {"place", meta.file + ":" + std::to_string(row.line)}};
  add_text(out, "campaign", meta.campaign);
  add_text(out, "source", row.source.empty() ? meta.source : row.source);
  add_text(out, "tlp", meta.tlp);
  add_text(out, "note", row.note);
  add_time(out, "added", row.added_ns);
  add_time(out, "expires", row.expires_ns);
  if (row.port != 0 && row.type != IndicatorType::kUrl) out["port"] = row.port;
  if (row.exact) out["match"] = "exact";
  if (row.host_match) out["host_match"] = true;
  return out;
}

control::ItemSource row_items(std::shared_ptr<const Index> index, std::string set) {
  return [walk = IndexWalk(std::move(index)), set = std::move(set),
          ready = std::deque<std::string>()]() mutable -> std::optional<std::string> {
    const auto take = [&](std::uint32_t, const SetMeta& meta, const IndicatorRow& row) {
      if (set.empty() || meta.set == set) ready.push_back(control::dump(row_json(meta, row)));
    };
    while (ready.empty())
      if (!walk.step(take)) return std::nullopt;
    auto item = std::move(ready.front());
    ready.pop_front();
    return item;
  };
}

control::ItemSource review_items(std::vector<std::filesystem::path> files, const Guard& guard) {
  return [walk = std::make_unique<ReviewWalk>(std::move(files), guard)] { return walk->next(); };
}

control::ItemSource domain_items(std::shared_ptr<const Index> index,
                                 std::vector<std::string> exclude, WallNs at) {
  return [walk = IndexWalk(std::move(index)), exclude = std::move(exclude),
          at]() mutable -> std::optional<std::string> {
    std::set<std::string> names;
    const auto take = [&](std::uint32_t, const SetMeta& meta, const IndicatorRow& row) {
      if (row.type != IndicatorType::kDomain) return;
      if (row.expires_ns && *row.expires_ns <= at) return;
      if (std::ranges::find(exclude, meta.set) == exclude.end()) names.insert(row.text);
    };
    while (names.size() < kDomainsPerItem && walk.step(take)) {
    }
    if (names.empty()) return std::nullopt;
    return control::dump({{"domains", names}});
  };
}

}  // namespace tocsin
