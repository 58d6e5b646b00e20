// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/index_builder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.hpp"
#include "base/limits.hpp"
#include "base/write_file.hpp"
#include "indicators/index_image.hpp"
#include "indicators/index_parts.hpp"

namespace tocsin {
namespace {

using namespace index_format;

// Texts remembered to store each once; beyond it a repeated note costs its bytes again.
constexpr std::size_t kInternedMax = 65'536;

NameHashKey random_key() {
  NameHashKey key;
  // Cannot fail for 16 bytes once the pool is up; before that it waits.
  while (::getrandom(&key, sizeof key, 0) != static_cast<ssize_t>(sizeof key)) {
  }
  return key;
}

std::uint32_t seconds_of(std::optional<WallNs> time) {
  if (!time) return 0;
  return static_cast<std::uint32_t>(std::clamp<WallNs>(*time / kNsPerSecond, 1, 0xffffffff));
}

struct ContextKey {
  std::uint32_t file = 0;
  std::uint32_t added_s = 0;
  std::string set, campaign, source, tlp;
  friend bool operator==(const ContextKey&, const ContextKey&) = default;
};

struct ContextKeyHash {
  std::size_t operator()(const ContextKey& key) const {
    const std::hash<std::string> hash;
    std::size_t h = key.file * 0x9e3779b97f4a7c15ULL + key.added_s;
    for (const auto* text : {&key.set, &key.campaign, &key.source, &key.tlp})
      h = (h ^ hash(*text)) * 0xff51afd7ed558ccdULL;
    return h;
  }
};

struct OutSection {
  std::uint32_t id;  // SectionId
  std::uint32_t param;
  Blob bytes;
};

template <typename T>
Blob blob_of(const std::vector<T>& rows) {
  Blob out(rows.size() * sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), rows.data(), out.size());
  return out;
}

std::size_t aligned(std::size_t bytes) {
  return (bytes + kSectionAlign - 1) / kSectionAlign * kSectionAlign;
}

// Empty sections are left out: the reader takes a missing one as empty.
std::vector<std::byte> assemble(Header head, std::vector<OutSection> sections) {
  std::erase_if(sections, [](const OutSection& s) { return s.bytes.empty(); });
  std::size_t end = aligned(sizeof(Header) + sections.size() * sizeof(Section));
  std::vector<Section> table;
  for (const auto& section : sections) {
    table.push_back({section.id, section.param, end, section.bytes.size(), xxh64(section.bytes)});
    end = aligned(end + section.bytes.size());
  }
  std::vector<std::byte> image(end);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    std::ranges::copy(sections[i].bytes,
                      image.begin() + static_cast<std::ptrdiff_t>(table[i].offset));
    sections[i].bytes = {};
  }
  head.file_bytes = end;
  head.section_count = static_cast<std::uint32_t>(table.size());
  std::memcpy(image.data() + sizeof head, table.data(), table.size() * sizeof(Section));
  std::memcpy(image.data(), &head, sizeof head);
  head.checksum = xxh64({image.data(), sizeof head + table.size() * sizeof(Section)});
  std::memcpy(image.data(), &head, sizeof head);
  return image;
}

}  // namespace

struct IndexBuilder::State {
  NameHashKey key;
  std::vector<File> files;
  std::vector<Context> contexts;
  std::vector<std::uint32_t> context_files;
  std::vector<Record> records;
  Blob strings;
  std::unordered_map<std::string, std::uint32_t> interned;
  std::unordered_map<ContextKey, std::uint32_t, ContextKeyHash> context_ids;
  ContextKey last_key, scratch;
  std::uint32_t last_context = kNone;
  DigestPart sha256{32}, sha1{20}, md5{16};
  TextPart names, urls, paths;
  BlockPart v4_rows{true}, v6_rows{false};
  std::uint8_t labels_min = 0xff, labels_max = 0;
  std::array<std::uint64_t, kIndicatorTypes> counts{};
  bool url_hosts = false;

  Result<std::uint32_t> string(std::string_view text);
  Result<std::uint32_t> context(std::uint32_t file, const SetMeta& meta, const IndicatorRow& row);
  Result<std::uint32_t> record(std::uint32_t context, const IndicatorRow& row, std::uint8_t flags,
                               std::string_view note);
  Result<void> add_name(std::string_view name, std::uint32_t record);
  Result<void> add_block(const IpNetwork& network, std::uint32_t record);
  Result<void> add_url_host(std::uint32_t context, const IndicatorRow& row);
  Result<std::vector<OutSection>> sections(RecordLinker& linker);
  std::uint64_t& count(IndicatorType type) { return counts[static_cast<std::size_t>(type)]; }
  void count_blocks(const Sections& part, bool v4);
  void discount_url_hosts(const Sections& part);
};

IndexBuilder::IndexBuilder(std::optional<NameHashKey> key) : state_(std::make_unique<State>()) {
  state_->key = key ? *key : random_key();
  append(state_->strings, std::uint32_t{0});  // offset 0: the empty text
}
IndexBuilder::~IndexBuilder() = default;
IndexBuilder::IndexBuilder(IndexBuilder&&) noexcept = default;
IndexBuilder& IndexBuilder::operator=(IndexBuilder&&) noexcept = default;

Result<std::uint32_t> IndexBuilder::State::string(std::string_view text) {
  if (text.empty()) return 0;
  const auto found = interned.find(std::string(text));
  if (found != interned.end()) return found->second;
  if (strings.size() + 4 + text.size() > 0xffffffffULL)
    return fail(ErrorCode::kLimit, "the index holds 4 GiB of notes and takes no more");
  const auto at = static_cast<std::uint32_t>(strings.size());
  append(strings, static_cast<std::uint32_t>(text.size()));
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  strings.insert(strings.end(), bytes, bytes + text.size());
  if (interned.size() < kInternedMax) interned.emplace(text, at);
  return at;
}

Result<std::uint32_t> IndexBuilder::State::context(std::uint32_t file, const SetMeta& meta,
                                                   const IndicatorRow& row) {
  scratch.file = file;
  scratch.added_s = seconds_of(row.added_ns);
  scratch.set = meta.set;
  scratch.campaign = meta.campaign;
  scratch.source = row.source.empty() ? meta.source : row.source;
  scratch.tlp = meta.tlp;
  if (last_context != kNone && scratch == last_key) return last_context;
  last_key = scratch;
  const auto found = context_ids.find(scratch);
  if (found != context_ids.end()) return last_context = found->second;
  Context context{};
  context.file = file;
  context.added_s = scratch.added_s;
  TOCSIN_TRY(context.set, string(scratch.set));
  TOCSIN_TRY(context.campaign, string(scratch.campaign));
  TOCSIN_TRY(context.source, string(scratch.source));
  TOCSIN_TRY(context.tlp, string(scratch.tlp));
  last_context = static_cast<std::uint32_t>(contexts.size());
  contexts.push_back(context);
  context_files.push_back(file);
  context_ids.emplace(scratch, last_context);
  return last_context;
}

Result<std::uint32_t> IndexBuilder::State::record(std::uint32_t context, const IndicatorRow& row,
                                                  std::uint8_t flags, std::string_view note) {
  if (records.size() >= limits::kIndicatorsMax)
    return fail(ErrorCode::kLimit,
                fmt::format("the index is full ({} rows)", limits::kIndicatorsMax));
  Record out{};
  out.next = kNone;
  out.context = context;
  out.line = row.line;
  TOCSIN_TRY(out.note, string(note));
  out.expires_s = seconds_of(row.expires_ns);
  out.flags = static_cast<std::uint8_t>(flags | static_cast<std::uint8_t>(row.severity));
  out.confidence = row.confidence;
  out.port = row.port;
  records.push_back(out);
  return static_cast<std::uint32_t>(records.size() - 1);
}

Result<void> IndexBuilder::State::add_name(std::string_view name, std::uint32_t record) {
  const auto labels = static_cast<std::uint8_t>(std::ranges::count(name, '.') + 1);
  labels_min = std::min(labels_min, labels);
  labels_max = std::max(labels_max, labels);
  return names.add(name, record);
}

Result<void> IndexBuilder::State::add_block(const IpNetwork& network, std::uint32_t record) {
  (network.address.is_v4() ? v4_rows : v6_rows).add(network, record);
  return {};
}

// The host finds the URL: a record of its own at the name or address, with the URL in its note.
Result<void> IndexBuilder::State::add_url_host(std::uint32_t context, const IndicatorRow& row) {
  url_hosts = true;
  TOCSIN_TRY(const auto id, record(context, row, kUrlHost | kExact, row.text + "\n" + row.note));
  if (const auto address = IpAddress::parse(row.host))
    return add_block(IpNetwork::single(*address), id);
  return add_name(row.host, id);
}

std::uint32_t IndexBuilder::add_file(std::string_view name) {
  File file{};
  file.name = state_->string(name).value_or(0);
  state_->files.push_back(file);
  return static_cast<std::uint32_t>(state_->files.size() - 1);
}

void IndexBuilder::set_file_bytes(std::uint32_t file, std::uint64_t bytes) {
  state_->files.at(file).bytes = bytes;
}

Result<void> IndexBuilder::add(std::uint32_t file, const SetMeta& meta, const IndicatorRow& row) {
  auto& s = *state_;
  TOCSIN_TRY(const auto context, s.context(file, meta, row));
  std::uint8_t flags = 0;
  if (row.type == IndicatorType::kDomain && row.exact) flags = kExact;
  if (row.type == IndicatorType::kCidr) flags = kBlock;
  if (row.type == IndicatorType::kUrl && row.text.starts_with("https://")) flags = kHttps;
  if (row.type == IndicatorType::kUrl && row.host_match) flags |= kHostMatch;
  TOCSIN_TRY(const auto id, s.record(context, row, flags, row.note));
  ++s.files.at(file).rows;
  switch (row.type) {
    case IndicatorType::kSha256:
      s.sha256.add(row.digest.data(), id);
      return {};
    case IndicatorType::kSha1:
      s.sha1.add(row.digest.data(), id);
      return {};
    case IndicatorType::kMd5:
      s.md5.add(row.digest.data(), id);
      return {};
    case IndicatorType::kIp:
    case IndicatorType::kCidr:
      return s.add_block(row.network, id);
    case IndicatorType::kDomain:
      return s.add_name(row.text, id);
    case IndicatorType::kPath:
      return s.paths.add(row.text, id);
    case IndicatorType::kUrl:
      TOCSIN_TRY_VOID(s.urls.add(url_key(row.text), id));
      return row.host_match ? s.add_url_host(context, row) : Result<void>{};
  }
  return fail(ErrorCode::kInternal, "unknown indicator type");
}

Result<std::vector<OutSection>> IndexBuilder::State::sections(RecordLinker& linker) {
  const auto whole = [](NameHashKey k, std::string_view text) { return chained_hash(k, 0, text); };
  using enum SectionId;
  std::vector<OutSection> out;
  const auto take = [&](SectionId first, Sections part, IndicatorType type) {
    const auto base = static_cast<std::uint32_t>(first);
    count(type) += part.values;
    out.push_back({base, part.param, std::move(part.first)});
    out.push_back({base + 1, 0, std::move(part.second)});
    out.push_back({base + 2, 0, std::move(part.third)});
  };
  // Texts first: only they can fail for want of a better key.
  TOCSIN_TRY(auto name_part, names.build(key, name_hash, linker));
  TOCSIN_TRY(auto url_part, urls.build(key, whole, linker));
  TOCSIN_TRY(auto path_part, paths.build(key, whole, linker));
  if (url_hosts) discount_url_hosts(name_part);
  take(kNameSlots, std::move(name_part), IndicatorType::kDomain);
  take(kUrlSlots, std::move(url_part), IndicatorType::kUrl);
  take(kPathSlots, std::move(path_part), IndicatorType::kPath);
  take(kSha256Rows, sha256.build(linker), IndicatorType::kSha256);
  take(kSha1Rows, sha1.build(linker), IndicatorType::kSha1);
  take(kMd5Rows, md5.build(linker), IndicatorType::kMd5);
  auto v4_part = v4_rows.build(linker);
  auto v6_part = v6_rows.build(linker);
  count_blocks(v4_part, true);
  count_blocks(v6_part, false);
  v4_part.values = v6_part.values = 0;  // counted
  take(kV4Blocks, std::move(v4_part), IndicatorType::kIp);
  take(kV6Blocks, std::move(v6_part), IndicatorType::kIp);
  return out;
}

void IndexBuilder::State::count_blocks(const Sections& part, bool v4) {
  const std::size_t row_bytes = v4 ? sizeof(V4Block) : sizeof(V6Block);
  const std::size_t record_at = v4 ? offsetof(V4Block, record) : offsetof(V6Block, record);
  for (std::size_t row = 0; row < part.values; ++row) {
    const auto id = load<std::uint32_t>(part.first.data() + row * row_bytes + record_at);
    const auto flags = records[id].flags;
    if ((flags & kUrlHost) == 0)
      ++count((flags & kBlock) != 0 ? IndicatorType::kCidr : IndicatorType::kIp);
  }
}

// Names that only the host of an URL put into the table are no domain indicators.
void IndexBuilder::State::discount_url_hosts(const Sections& part) {
  for (std::size_t i = 0; i < part.first.size() / sizeof(Slot); ++i) {
    const auto offset = load_at<Slot>(part.first, i).offset;
    if (offset == 0) continue;
    const auto id = load<std::uint32_t>(part.second.data() + offset);
    if ((records[id].flags & kUrlHost) != 0) --count(IndicatorType::kDomain);
  }
}

Result<IndexBuilder::Built> IndexBuilder::build() {
  auto& s = *state_;
  RecordLinker linker(s.records, s.context_files);
  linker.duplicates.resize(s.files.size());
  TOCSIN_TRY(auto sections, s.sections(linker));
  s.interned = {};
  s.context_ids = {};
  const auto put = [&](SectionId id, Blob bytes) {
    sections.push_back({static_cast<std::uint32_t>(id), 0, std::move(bytes)});
  };
  put(SectionId::kFiles, blob_of(s.files));
  put(SectionId::kContexts, blob_of(s.contexts));
  put(SectionId::kRecords, blob_of(s.records));
  s.records = {};
  put(SectionId::kStrings, std::move(s.strings));
  Blob counts(sizeof s.counts);
  std::memcpy(counts.data(), s.counts.data(), counts.size());
  put(SectionId::kCounts, std::move(counts));
  Header head{};
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.version = kVersion;
  head.byte_order = kByteOrder;
  head.hash_k0 = s.key.k0;
  head.hash_k1 = s.key.k1;
  head.labels_min = s.labels_max == 0 ? 0 : s.labels_min;
  head.labels_max = s.labels_max;
  Built out;
  out.image = assemble(head, std::move(sections));
  out.duplicates = std::move(linker.duplicates);
  return out;
}

Result<void> write_index_file(const std::filesystem::path& path, std::span<const std::byte> image) {
  return replace_file(path, image, 0644);
}

}  // namespace tocsin
