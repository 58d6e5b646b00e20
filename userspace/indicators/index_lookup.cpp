// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The asking half of IndexImage; index_image.cpp opens and verifies.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "indicators/index_image.hpp"
#include "indicators/normalise.hpp"

namespace tocsin {
namespace {

using namespace index_format;

std::optional<WallNs> wall_of(std::uint32_t seconds) {
  if (seconds == 0) return std::nullopt;
  return static_cast<WallNs>(seconds) * kNsPerSecond;
}

Severity severity_of(const Record& record) {
  return static_cast<Severity>(
      std::min<int>(record.flags & kSeverityMask, static_cast<int>(Severity::kCritical)));
}

std::string full_url(const Record& record, std::string_view key) {
  if (key.find("://") != std::string_view::npos) return std::string(key);
  return std::string((record.flags & kHttps) != 0 ? "https://" : "http://").append(key);
}

struct Suffix {
  std::uint64_t hash;
  std::uint16_t start;
};

// Note of a host's record: "URL\nnote".
struct HostNote {
  std::string_view url, note;
};
HostNote split_host_note(std::string_view text) {
  const auto end = std::min(text.find('\n'), text.size());
  return {text.substr(0, end), text.substr(std::min(end + 1, text.size()))};
}

}  // namespace

std::string_view url_key(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (url.starts_with(scheme)) return url.substr(scheme.size());
  return url;
}

Indicator IndexImage::indicator_of(const Record& record) const {
  Indicator out;
  if (const auto context = context_at(record.context)) {
    out.set = string_at(context->set);
    out.campaign = string_at(context->campaign);
    out.source = string_at(context->source);
    out.tlp = string_at(context->tlp);
    out.added_ns = wall_of(context->added_s);
    out.place = std::string(string_at(load_at<File>(files_, context->file).name)) + ":" +
                std::to_string(record.line);
  }
  out.note = string_at(record.note);
  out.severity = severity_of(record);
  out.confidence = record.confidence;
  out.port = record.port;
  out.expires_ns = wall_of(record.expires_s);
  return out;
}

template <typename Value>
void IndexImage::collect(std::uint32_t first, WallNs at, const Value& value,
                         std::vector<Indicator>& out) const {
  for (std::uint32_t id = first; id != kNone;) {
    const auto record = record_at(id);
    if (!record || out.size() >= limits::kIndicatorMatchesMax) return;
    const auto expires = wall_of(record->expires_s);
    if (!expires || *expires > at) {
      Indicator indicator = indicator_of(*record);
      if (value(*record, indicator)) out.push_back(std::move(indicator));
    }
    if (record->next <= id) return;  // a chain only runs forward
    id = record->next;
  }
}

void IndexImage::find_digest(IndicatorType type, std::span<const std::uint8_t> digest, WallNs at,
                             std::vector<Indicator>& out) const {
  const auto first = digests(type).find(digest);
  collect(
      first, at,
      [&](const Record&, Indicator& indicator) {
        indicator.type = type;
        indicator.value = to_hex(digest);
        return true;
      },
      out);
}

void IndexImage::find_address(const IpAddress& address, WallNs at,
                              std::vector<Indicator>& out) const {
  const auto& table = address.is_v4() ? tables_.v4 : tables_.v6;
  table.find(address, [&](std::size_t row) {
    collect(
        table.record(row), at,
        [&](const Record& record, Indicator& indicator) {
          if ((record.flags & kUrlHost) != 0) {
            const auto note = split_host_note(string_at(record.note));
            indicator.type = IndicatorType::kUrl;
            indicator.value = note.url;
            indicator.note = note.note;
            return true;
          }
          const auto network = table.network(row);
          indicator.type = (record.flags & kBlock) != 0 ? IndicatorType::kCidr : IndicatorType::kIp;
          indicator.value = network.address.to_string();
          if (indicator.type == IndicatorType::kCidr)
            indicator.value += "/" + std::to_string(network.prefix);
          return true;
        },
        out);
  });
}

void IndexImage::find_name(std::string_view name, WallNs at, std::vector<Indicator>& out) const {
  if (labels_max_ == 0 || name.size() > kDomainBytesMax) return;
  // All slots are asked for before the first is read: their cache misses overlap.
  std::array<Suffix, 128> suffixes;
  std::size_t count = 0;
  std::uint64_t hash = 0;
  std::size_t labels = 0;
  for (std::size_t end = name.size(); labels < labels_max_ && count < suffixes.size();) {
    const auto dot = end == 0 ? std::string_view::npos : name.rfind('.', end - 1);
    const std::size_t start = dot == std::string_view::npos ? 0 : dot + 1;
    hash = chained_hash(key_, hash, name.substr(start, end - start));
    if (++labels >= labels_min_) {
      tables_.names.prefetch(hash);
      suffixes[count++] = {hash, static_cast<std::uint16_t>(start)};
    }
    if (start == 0) break;
    end = dot;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto suffix = name.substr(suffixes[i].start);
    const auto first = tables_.names.find(suffixes[i].hash, suffix);
    if (first != kNone) collect_name(first, at, {suffix, suffix.size() == name.size()}, out);
  }
}

void IndexImage::collect_name(std::uint32_t first, WallNs at, const NamePart& part,
                              std::vector<Indicator>& out) const {
  collect(
      first, at,
      [&](const Record& record, Indicator& indicator) {
        if (!part.whole && (record.flags & kExact) != 0) return false;
        indicator.type = IndicatorType::kDomain;
        indicator.value = part.text;
        if ((record.flags & kUrlHost) == 0) return true;
        const auto note = split_host_note(string_at(record.note));
        indicator.type = IndicatorType::kUrl;
        indicator.value = note.url;
        indicator.note = note.note;
        return true;
      },
      out);
}

void IndexImage::find_url(std::string_view url, WallNs at, std::vector<Indicator>& out) const {
  const auto key = url_key(url);
  collect(
      tables_.urls.find(chained_hash(key_, 0, key), key), at,
      [&](const Record& record, Indicator& indicator) {
        indicator.type = IndicatorType::kUrl;
        indicator.value = full_url(record, key);
        return true;
      },
      out);
}

void IndexImage::find_path(std::string_view path, WallNs at, std::vector<Indicator>& out) const {
  collect(
      tables_.paths.find(chained_hash(key_, 0, path), path), at,
      [&](const Record&, Indicator& indicator) {
        indicator.type = IndicatorType::kPath;
        indicator.value = path;
        return true;
      },
      out);
}

std::vector<IndexImage::FileInfo> IndexImage::files() const {
  std::vector<FileInfo> out(files_.size() / sizeof(File));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto file = load_at<File>(files_, i);
    out[i] = {std::string(string_at(file.name)), file.rows, file.bytes};
  }
  return out;
}

std::array<std::uint64_t, kIndicatorTypes> IndexImage::counts() const {
  std::array<std::uint64_t, kIndicatorTypes> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = load_at<std::uint64_t>(counts_, i);
  return out;
}

template <typename Fill>
void IndexImage::visit_chain(std::uint32_t first, const Visitor& visit, const Fill& fill) const {
  for (std::uint32_t id = first; id != kNone;) {
    const auto record = record_at(id);
    const auto context = record ? context_at(record->context) : std::nullopt;
    if (!context) return;
    // The record that a URL left at its host comes back with the URL itself.
    if ((record->flags & kUrlHost) == 0) {
      SetMeta meta;
      meta.file = string_at(load_at<File>(files_, context->file).name);
      meta.set = string_at(context->set);
      meta.campaign = string_at(context->campaign);
      meta.source = string_at(context->source);
      meta.tlp = string_at(context->tlp);
      meta.added_ns = wall_of(context->added_s);
      IndicatorRow row;
      row.severity = severity_of(*record);
      row.confidence = record->confidence;
      row.port = record->port;
      row.line = record->line;
      row.note = string_at(record->note);
      row.added_ns = meta.added_ns;
      row.expires_ns = wall_of(record->expires_s);
      row.exact = (record->flags & kExact) != 0;
      fill(*record, row);
      visit(context->file, meta, row);
    }
    if (record->next <= id) return;
    id = record->next;
  }
}

void IndexImage::visit_digest(IndicatorType type, std::size_t at, const Visitor& visit) const {
  const auto& table = digests(type);
  visit_chain(table.record(at), visit, [&](const Record&, IndicatorRow& row) {
    row.type = type;
    std::ranges::copy(table.digest(at), row.digest.begin());
  });
}

void IndexImage::visit_text(IndicatorType type, const TextTable::Entry& entry,
                            const Visitor& visit) const {
  visit_chain(entry.record, visit, [&](const Record& record, IndicatorRow& row) {
    row.type = type;
    row.text = type == IndicatorType::kUrl ? full_url(record, entry.text) : entry.text;
    row.host_match = (record.flags & kHostMatch) != 0;
    if (!row.host_match) return;
    if (auto url = normalise_url(row.text)) row.host = std::move(url->host);
  });
}

bool IndexImage::visit_some(Cursor& at, const Visitor& visit) const {
  static constexpr std::array kDigests = {IndicatorType::kSha256, IndicatorType::kSha1,
                                          IndicatorType::kMd5};
  const std::array<const BlockTable*, 2> blocks = {&tables_.v4, &tables_.v6};
  const std::array<std::pair<const TextTable*, IndicatorType>, 3> texts = {
      {{&tables_.names, IndicatorType::kDomain},
       {&tables_.urls, IndicatorType::kUrl},
       {&tables_.paths, IndicatorType::kPath}}};
  constexpr std::size_t kBlocksAt = kDigests.size(), kTextsAt = kBlocksAt + 2;
  const auto rows = [&](std::size_t table) {
    return table < kBlocksAt  ? digests(kDigests[table]).size()
           : table < kTextsAt ? blocks[table - kBlocksAt]->size()
                              : texts[table - kTextsAt].first->slots();
  };
  while (at.table < kTextsAt + texts.size() && at.row >= rows(at.table)) at = {at.table + 1, 0};
  if (at.table >= kTextsAt + texts.size()) return false;
  const auto row_number = at.row++;
  if (at.table < kBlocksAt) {
    visit_digest(kDigests[at.table], row_number, visit);
  } else if (at.table < kTextsAt) {
    const auto& table = *blocks[at.table - kBlocksAt];
    visit_chain(table.record(row_number), visit, [&](const Record& record, IndicatorRow& row) {
      row.type = (record.flags & kBlock) != 0 ? IndicatorType::kCidr : IndicatorType::kIp;
      row.network = table.network(row_number);
    });
  } else {
    const auto& [table, type] = texts[at.table - kTextsAt];
    if (const auto entry = table->entry(row_number)) visit_text(type, *entry, visit);
  }
  return true;
}

void IndexImage::for_each(const Visitor& visit) const {
  for (Cursor at; visit_some(at, visit);) {
  }
}

}  // namespace tocsin
