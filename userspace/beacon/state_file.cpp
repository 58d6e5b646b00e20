// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/state_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/own_file.hpp"
#include "base/sha256_of.hpp"
#include "base/write_file.hpp"
#include "beacon/beacon_limits.hpp"
#include "beacon/state_records.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kMagic = "tocsinBK", kMark =
                                                    "\xf5"
                                                    "BKs";
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kFileHeadBytes = 8 + 4;
constexpr std::size_t kHeadBytes = 4 + 4 + 4 + 4 + 4;  // of a section
constexpr std::uint32_t kRecordsMax = 256;             // of a section: what one fault costs
constexpr std::size_t kSectionBytesMax = 1024UL * 1024;
constexpr std::size_t kDamageShown = 4;

enum class SectionKind : std::uint32_t { kCoverage, kContents, kPaths, kPrograms, kKeys, kEnd };
constexpr std::array<std::string_view, 6> kSectionNames = {"the coverage", "contents", "paths",
                                                           "programs",     "keys",     "the end"};

// ---- Writing

// Records of one kind, a section for every so many.
class SectionWriter {
 public:
  SectionWriter(StateWriter& out, SectionKind kind) : out_(out), kind_(kind) { open(); }
  StateWriter& record() {
    if (count_ == kRecordsMax) {
      close();
      open();
    }
    ++count_;
    return out_;
  }
  // One that is full does not end the records of its kind.
  void finish() {
    close();
    if (count_ < kRecordsMax) return;
    open();
    close();
  }

 private:
  void close() {
    out_.patch(at_ + 8, count_);
    out_.patch(at_ + 16, static_cast<std::uint32_t>(out_.size() - at_ - kHeadBytes));
    out_.digest({});  // seal_beacon_state() fills it in
    from_ += count_;
  }
  void open() {
    at_ = out_.size();
    count_ = 0;
    out_.raw(std::as_bytes(std::span(kMark))).number(static_cast<std::uint32_t>(kind_));
    out_.number(std::uint32_t{0}).number(from_).number(std::uint32_t{0});
  }

  StateWriter& out_;
  SectionKind kind_;
  std::size_t at_ = 0;
  std::uint32_t count_ = 0, from_ = 0;
};

void write_programs(StateWriter& w, const KnownPrograms& programs) {
  SectionWriter coverage(w, SectionKind::kCoverage);
  write_coverage(coverage.record(), programs.coverage());
  coverage.finish();
  SectionWriter contents(w, SectionKind::kContents);
  programs.for_each([&](auto key, const auto& c) { write_content(contents.record(), key, c); },
                    [](auto, auto&) {});
  contents.finish();
  SectionWriter paths(w, SectionKind::kPaths);
  programs.for_each([](auto, auto&) {},
                    [&](auto key, const auto& p) { write_path(paths.record(), key, p); });
  paths.finish();
}

void write_table(StateWriter& w, const BeaconTable& table) {
  std::vector<std::pair<WallNs, const BeaconKey*>> keys;
  keys.reserve(table.size());
  for (std::size_t i = 0; i < table.slots(); ++i)
    if (const auto& key = table.key(static_cast<BeaconTable::Slot>(i)); key.has(BeaconKey::kUsed))
      keys.emplace_back(key.timing.last_ns(), &key);
  std::ranges::stable_sort(keys, {}, &std::pair<WallNs, const BeaconKey*>::first);
  std::unordered_map<std::uint16_t, std::uint32_t> numbers;
  SectionWriter subjects(w, SectionKind::kPrograms);
  for (const auto& [last, key] : keys)
    if (numbers.emplace(key->subject, static_cast<std::uint32_t>(numbers.size())).second)
      write_subject(subjects.record(), table.subject(*key));
  subjects.finish();
  SectionWriter rows(w, SectionKind::kKeys);
  for (const auto& [last, key] : keys)
    write_key(rows.record().number(numbers.at(key->subject)), table, *key);
  rows.finish();
}

// ---- Reading

struct Section {
  SectionKind kind = SectionKind::kEnd;
  std::uint32_t count = 0, from = 0;
  ByteSpan body;
};

// The section that begins there; nothing when it is not whole.
std::optional<Section> section_at(ByteSpan bytes) {
  StateReader r(bytes);
  Section out;
  if (as_text(r.in().take(kMark.size())) != kMark) return std::nullopt;
  const auto kind = r.in().u32();
  out.kind = static_cast<SectionKind>(kind);
  out.count = r.in().u32();
  out.from = r.in().u32();
  out.body = r.in().take(r.in().u32());
  const auto sum = r.digest();
  if (!r.ok() || kind > static_cast<std::uint32_t>(SectionKind::kEnd) || out.count > kRecordsMax ||
      out.body.size() > kSectionBytesMax ||
      sum != sha256_of(bytes.first(kHeadBytes + out.body.size())))
    return std::nullopt;
  return out;
}

// What was not whole, kind by kind.
class Damage {
 public:
  void add(SectionKind kind, const std::string& why) {
    lost_[static_cast<std::size_t>(kind)] = true;
    if (++count_ <= kDamageShown) text_ += (text_.empty() ? "" : "; ") + why;
  }
  [[nodiscard]] bool of(SectionKind kind) const { return lost_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] std::string text() const {
    if (count_ <= kDamageShown) return text_;
    return fmt::format("{}; and {} more", text_, count_ - kDamageShown);
  }

 private:
  std::array<bool, kSectionNames.size()> lost_{};
  std::size_t count_ = 0;
  std::string text_;
};

// Sections that are whole, wherever they begin: a length may be damaged, too.
std::vector<Section> whole_sections(ByteSpan bytes, Damage& damage) {
  std::vector<Section> out;
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (const auto section = section_at(bytes.subspan(at))) {
      out.push_back(*section);
      at += kHeadBytes + section->body.size() + Sha256::kBytes;
      continue;
    }
    const auto text = as_text(bytes);
    const auto next = std::min(text.find(kMark, at + 1), text.size());
    damage.add(SectionKind::kEnd,
               fmt::format("{} bytes from byte {} on are damaged", next - at, kFileHeadBytes + at));
    at = next;
  }
  return out;
}

template <typename Record>
struct Records {
  std::vector<Record> all;
  std::vector<std::uint32_t> numbers;
};

// All records of one kind; a gap in their numbers is damage.
template <typename Read>
auto read_records(std::span<const Section> sections, SectionKind kind, Read read, Damage& damage) {
  Records<decltype(read(std::declval<StateReader&>()))> out;
  const auto name = kSectionNames[static_cast<std::size_t>(kind)];
  std::uint32_t expected = 0;
  bool more = true;  // a section that is not full is the last one
  for (const auto& section : sections) {
    if (section.kind != kind) continue;
    if (section.from > expected)
      damage.add(kind, fmt::format("{} {} to {} are lost", name, expected, section.from - 1));
    expected = section.from + section.count;
    more = section.count == kRecordsMax;
    StateReader r(section.body);
    std::vector<std::remove_reference_t<decltype(out.all[0])>> records;
    for (std::uint32_t i = 0; i < section.count && r.ok(); ++i) records.push_back(read(r));
    if (r.ok() && !r.in().at_end()) r.wrong("the end of a section");
    if (!r.ok()) {
      damage.add(kind, fmt::format("{} from {} on: {}", name, section.from, r.fault()));
      continue;
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      out.all.push_back(std::move(records[i]));
      out.numbers.push_back(section.from + static_cast<std::uint32_t>(i));
    }
  }
  if (more) damage.add(kind, fmt::format("{} from {} on are lost", name, expected));
  return out;
}

void read_programs(std::span<const Section> sections, KnownPrograms& programs, Damage& damage) {
  const auto contents = read_records(sections, SectionKind::kContents, read_content, damage);
  const auto paths = read_records(sections, SectionKind::kPaths, read_path, damage);
  const auto coverage = read_records(sections, SectionKind::kCoverage, read_coverage, damage);
  // What is lost was there before: it must not be new when it is seen again.
  if (!coverage.all.empty() && !damage.of(SectionKind::kContents) &&
      !damage.of(SectionKind::kPaths))
    programs.restore(coverage.all[0]);
  for (const auto& [key, content] : contents.all) programs.restore(key, content);
  for (const auto& [key, path] : paths.all) programs.restore(key, path);
}

std::size_t read_table(std::span<const Section> sections, BeaconTable& table, Damage& damage) {
  auto subjects = read_records(sections, SectionKind::kPrograms, read_subject, damage);
  const auto keys = read_records(sections, SectionKind::kKeys, read_key, damage);
  const bool lost = damage.of(SectionKind::kKeys);
  std::unordered_map<std::uint32_t, SubjectRecord*> by_number;
  for (std::size_t i = 0; i < subjects.all.size(); ++i) {
    // Which of them went somewhere is not known any longer, nor until when.
    if (lost) subjects.all[i].forgotten_s = UINT32_MAX;
    by_number.emplace(subjects.numbers[i], &subjects.all[i]);
  }
  std::size_t kept = 0, orphans = 0;
  for (const auto& saved : keys.all) {
    const auto subject = by_number.find(saved.subject);
    if (subject == by_number.end()) {
      ++orphans;
      continue;
    }
    auto key = saved.key;
    key.rare_changes = subject->second->rare_changes;
    kept += table.restore(*subject->second, key) ? 1 : 0;
  }
  if (orphans != 0)
    damage.add(SectionKind::kKeys, fmt::format("{} keys without their program", orphans));
  return kept;
}

}  // namespace

std::vector<std::byte> lay_out_beacon_state(const BeaconTable& table,
                                            const KnownPrograms& programs) {
  StateWriter w;
  w.raw(std::as_bytes(std::span(kMagic))).number(kVersion);
  write_programs(w, programs);
  write_table(w, table);
  SectionWriter(w, SectionKind::kEnd).finish();
  return w.take();
}

void seal_beacon_state(std::span<std::byte> bytes) {
  for (std::size_t at = kFileHeadBytes; at + kHeadBytes <= bytes.size();) {
    StateReader length(ByteSpan(bytes).subspan(at + kHeadBytes - 4));
    const auto size = kHeadBytes + length.in().u32();
    if (size + Sha256::kBytes > bytes.size() - at) return;
    const auto sum = sha256_of(ByteSpan(bytes).subspan(at, size));
    std::ranges::copy(std::as_bytes(std::span(sum.bytes)),
                      bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size + Sha256::kBytes;
  }
}

std::vector<std::byte> encode_beacon_state(const BeaconTable& table,
                                           const KnownPrograms& programs) {
  auto bytes = lay_out_beacon_state(table, programs);
  seal_beacon_state(bytes);
  return bytes;
}

Result<BeaconStateLoad> decode_beacon_state(ByteSpan bytes, BeaconTable& table,
                                            KnownPrograms& programs) {
  StateReader head(bytes);
  if (as_text(head.in().take(kMagic.size())) != kMagic)
    return fail(ErrorCode::kInvalidInput, "no beacon state (wrong magic)");
  if (const auto version = head.in().u32(); version != kVersion)
    return fail(ErrorCode::kUnsupported, fmt::format("version {} is not understood", version));
  Damage damage;
  const auto sections = whole_sections(head.in().rest(), damage);
  if (sections.empty())
    return fail(ErrorCode::kInvalidInput, "nothing in it is whole: " + damage.text());
  if (sections.back().kind != SectionKind::kEnd) damage.add(SectionKind::kEnd, "it ends too early");
  BeaconStateLoad load;
  read_programs(sections, programs, damage);
  load.keys = read_table(sections, table, damage);
  load.damage = damage.text();
  programs.for_each([&](auto, auto&) { ++load.programs; }, [](auto, auto&) {});
  return load;
}

Result<BeaconStateLoad> load_beacon_state(const std::string& path, BeaconTable& table,
                                          KnownPrograms& programs) {
  TOCSIN_TRY(const auto bytes, read_own_file(path, limits::kBeaconStateBytesMax));
  if (!bytes) return BeaconStateLoad{};
  BeaconTable fresh_table(table.options());
  KnownPrograms fresh_programs(table.options().time_scale);
  auto load = decode_beacon_state(*bytes, fresh_table, fresh_programs);
  if (!load) return std::unexpected(std::move(load).error().with_context(path));
  table = std::move(fresh_table);
  programs = std::move(fresh_programs);
  return load;
}

Result<void> save_beacon_state(const std::string& path, ByteSpan bytes) {
  return replace_file(path, bytes, 0600);
}

}  // namespace tocsin
