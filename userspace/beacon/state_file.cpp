// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/state_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

#include "base/own_file.hpp"
#include "base/sha256_of.hpp"
#include "base/write_file.hpp"
#include "beacon/beacon_limits.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kMagic = "tocsinBK";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 8 + 4 + 8;
constexpr float kWeightMost = 64.5F;           // of a decayed sum of ones
constexpr WallNs kTimeMost = WallNs{1} << 62;  // the year 2116

// In network order, as ByteReader reads.
class Writer {
 public:
  template <typename T>
  Writer& number(T value) {
    for (std::size_t i = sizeof(T); i-- > 0;)
      bytes_.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> 8 * i));
    return *this;
  }
  Writer& real(float value) { return number(std::bit_cast<std::uint32_t>(value)); }
  Writer& raw(ByteSpan bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Writer& digest(const Sha256& digest) { return raw(std::as_bytes(std::span(digest.bytes))); }
  Writer& maybe(const std::optional<Sha256>& value) {
    number(static_cast<std::uint8_t>(value ? 1 : 0));
    return value ? digest(*value) : *this;
  }
  Writer& text(std::string_view text) {
    return number(static_cast<std::uint16_t>(text.size())).raw(std::as_bytes(std::span(text)));
  }
  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

// The first thing out of range is remembered.
class Reader {
 public:
  explicit Reader(ByteSpan bytes) : in_(bytes) {}
  ByteReader& in() { return in_; }

  WallNs time() {
    const auto high = std::uint64_t{in_.u32()};
    const auto value = static_cast<WallNs>(high << 32 | in_.u32());
    if (value < 0 || value > kTimeMost) wrong("a time");
    return value;
  }
  std::uint64_t u64() {
    const auto high = std::uint64_t{in_.u32()};
    return high << 32 | in_.u32();
  }
  float real(float least, float most) {
    const auto value = std::bit_cast<float>(in_.u32());
    if (!(value >= least && value <= most)) return wrong("a sum"), 0.0F;
    return value;
  }
  Sha256 digest() {
    Sha256 out;
    const auto bytes = in_.take(out.bytes.size());
    if (bytes.size() == out.bytes.size())
      std::ranges::transform(bytes, out.bytes.begin(),
                             [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
    return out;
  }
  std::optional<Sha256> maybe() {
    if (in_.u8() == 0) return std::nullopt;
    return digest();
  }
  std::string text(std::size_t most) {
    const auto bytes = in_.take_u16_sized();
    if (bytes.size() > most) wrong("the length of a text");
    return std::string(as_text(bytes));
  }
  std::uint32_t count(std::size_t most) {
    const auto n = in_.u32();
    if (n <= most) return n;
    wrong("a count");
    return 0;
  }
  void wrong(std::string_view what) {
    if (wrong_.empty())
      wrong_ = fmt::format("{} is out of range before byte {}", what, in_.offset());
  }
  [[nodiscard]] bool ok() const { return in_.ok() && wrong_.empty(); }
  [[nodiscard]] std::string fault() const {
    return in_.ok() ? wrong_ : std::string("it ends too early");
  }

 private:
  ByteReader in_;
  std::string wrong_;
};

}  // namespace

struct BeaconTimingCodec {
  static void write(Writer& w, const BeaconTiming& t) {
    for (const auto& s : t.scales_)
      w.number(s.last_ns)
          .real(s.weight)
          .real(s.sum)
          .real(s.log_sum)
          .number(s.episodes)
          .number(s.outages);
    w.number(t.first_ns_).number(t.contacts_);
    for (const auto hours : t.hours_) w.number(hours);
    w.real(t.size_weight_).real(t.size_mean_).real(t.size_spread_);
    w.raw(std::as_bytes(std::span(t.minutes_)));
  }

  static BeaconTiming read(Reader& r) {
    BeaconTiming t;
    for (auto& s : t.scales_) {
      s.last_ns = r.time();
      s.weight = r.real(0, kWeightMost);
      s.sum = r.real(0, 1e12F);
      s.log_sum = r.real(-1e6F, 1e6F);
      s.episodes = r.in().u32();
      s.outages = r.in().u32();
      if (s.weight >= 1 && s.sum <= 0) r.wrong("a sum");
    }
    t.first_ns_ = r.time();
    t.contacts_ = r.in().u32();
    for (auto& hours : t.hours_) hours = r.u64();
    t.size_weight_ = r.real(0, kWeightMost);
    t.size_mean_ = r.real(0, 100);
    t.size_spread_ = r.real(0, 1e9F);
    for (auto& minute : t.minutes_) minute = r.in().u8();
    return t;
  }
};

namespace {

void write_programs(Writer& w, const KnownPrograms& programs) {
  Writer contents, paths;
  std::uint32_t content_count = 0, path_count = 0;
  programs.for_each(
      [&](std::uint64_t key, const KnownPrograms::Content& c) {
        contents.number(key).number(c.seen_ns).number(c.appeared_ns);
        contents.number(
            static_cast<std::uint8_t>((c.ran_command ? 1 : 0) | (c.looked_around ? 2 : 0)));
        ++content_count;
      },
      [&](std::uint64_t key, const KnownPrograms::Path& p) {
        paths.number(key).digest(p.content).maybe(p.before).number(p.seen_ns).number(p.changed_ns);
        ++path_count;
      });
  w.number(programs.coverage_ns());
  w.number(content_count).raw(contents.bytes());
  w.number(path_count).raw(paths.bytes());
}

void read_programs(Reader& r, KnownPrograms& programs) {
  programs.begin_coverage(r.time());
  const auto contents = r.count(limits::kKnownProgramsMax);
  for (std::uint32_t i = 0; i < contents && r.ok(); ++i) {
    const auto key = r.u64();
    KnownPrograms::Content c;
    c.seen_ns = r.time();
    c.appeared_ns = r.time();
    const auto habits = r.in().u8();
    c.ran_command = (habits & 1) != 0;
    c.looked_around = (habits & 2) != 0;
    programs.restore(key, c);
  }
  const auto paths = r.count(limits::kKnownProgramsMax);
  for (std::uint32_t i = 0; i < paths && r.ok(); ++i) {
    const auto key = r.u64();
    KnownPrograms::Path p;
    p.content = r.digest();
    p.before = r.maybe();
    p.seen_ns = r.time();
    p.changed_ns = r.time();
    programs.restore(key, p);
  }
}

void write_subject(Writer& w, const SubjectRecord& record) {
  const auto& s = record.facts;
  w.digest(s.id).number(static_cast<std::uint8_t>(s.kind)).text(s.path);
  w.number(static_cast<std::uint8_t>(s.package_owned ? 1 : 0));
  w.number(s.image.bits()).number(s.lineage.bits());
  w.number(s.appeared_ns).number(s.known_ns).number(s.changed_ns).maybe(s.before);
  w.number(record.forgotten).number(record.follow_up_ns).number(record.rare_changes);
}

SubjectRecord read_subject(Reader& r) {
  SubjectRecord record;
  auto& s = record.facts;
  s.id = r.digest();
  const auto kind = r.in().u8();
  if (kind > static_cast<std::uint8_t>(SubjectKind::kAddress)) r.wrong("a kind of program");
  s.kind = static_cast<SubjectKind>(kind);
  s.path = r.text(limits::kBeaconPathBytesMax);
  s.package_owned = r.in().u8() != 0;
  s.image = EvidenceSet::of(r.in().u32());
  s.lineage = EvidenceSet::of(r.in().u32());
  s.appeared_ns = r.time();
  s.known_ns = r.time();
  s.changed_ns = r.time();
  s.before = r.maybe();
  record.forgotten = r.in().u32();
  record.follow_up_ns = r.time();
  record.rare_changes = r.in().u32();
  return record;
}

void write_key(Writer& w, const BeaconTable& table, const BeaconKey& key) {
  w.text(table.container(key)).text(table.destination(key));
  w.number(static_cast<std::uint8_t>(table.kind(key))).number(key.port);
  w.number(key.flags).number(key.failed);
  for (std::size_t i = 0; i < key.crossed_ns.size(); ++i)
    w.number(key.crossed_ns[i]).number(key.crossed_episode[i]);
  BeaconTimingCodec::write(w, key.timing);
}

BeaconTable::Saved read_key(Reader& r) {
  BeaconTable::Saved saved;
  auto& key = saved.key;
  saved.container = r.text(limits::kBeaconNameBytesMax);
  saved.destination = r.text(limits::kBeaconNameBytesMax);
  const auto kind = r.in().u8();
  if (kind > static_cast<std::uint8_t>(ContactKind::kDns)) r.wrong("a kind of contact");
  saved.kind = static_cast<ContactKind>(kind);
  key.port = r.in().u16();
  key.flags = r.in().u16();
  key.failed = r.in().u32();
  for (std::size_t i = 0; i < key.crossed_ns.size(); ++i) {
    key.crossed_ns[i] = r.time();
    key.crossed_episode[i] = r.in().u32();
  }
  key.timing = BeaconTimingCodec::read(r);
  return saved;
}

void write_table(Writer& w, const BeaconTable& table) {
  std::vector<const BeaconKey*> keys;
  for (std::size_t i = 0; i < table.slots(); ++i)
    if (const auto& key = table.key(static_cast<BeaconTable::Slot>(i)); key.has(BeaconKey::kUsed))
      keys.push_back(&key);
  std::ranges::sort(keys, {}, [](const BeaconKey* key) { return key->timing.last_ns(); });
  std::unordered_map<std::uint16_t, std::uint32_t> numbers;
  Writer subjects;
  for (const auto* key : keys)
    if (numbers.emplace(key->subject, static_cast<std::uint32_t>(numbers.size())).second)
      write_subject(subjects, table.subject(*key));
  w.number(static_cast<std::uint32_t>(numbers.size())).raw(subjects.bytes());
  w.number(static_cast<std::uint32_t>(keys.size()));
  for (const auto* key : keys) {
    w.number(numbers.at(key->subject));
    write_key(w, table, *key);
  }
}

std::size_t read_table(Reader& r, BeaconTable& table) {
  std::vector<SubjectRecord> subjects(r.count(limits::kBeaconKeysMax));
  for (auto& subject : subjects) {
    if (!r.ok()) return 0;
    subject = read_subject(r);
  }
  const auto keys = r.count(limits::kBeaconKeysMax);
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < keys && r.ok(); ++i) {
    const auto subject = r.in().u32();
    auto saved = read_key(r);
    if (subject >= subjects.size()) r.wrong("the number of a program");
    if (!r.ok()) break;
    saved.rare_changes = subjects[subject].rare_changes;
    kept += table.restore(subjects[subject], saved) ? 1 : 0;
  }
  return kept;
}

}  // namespace

std::vector<std::byte> encode_beacon_state(const BeaconTable& table,
                                           const KnownPrograms& programs) {
  Writer body;
  write_programs(body, programs);
  write_table(body, table);
  Writer out;
  out.raw(std::as_bytes(std::span(kMagic))).number(kVersion);
  out.number(std::uint64_t{body.bytes().size()}).raw(body.bytes());
  out.digest(sha256_of(body.bytes()));
  return std::move(out.bytes());
}

Result<BeaconStateLoad> decode_beacon_state(ByteSpan bytes, BeaconTable& table,
                                            KnownPrograms& programs) {
  Reader head(bytes);
  if (as_text(head.in().take(kMagic.size())) != kMagic)
    return fail(ErrorCode::kInvalidInput, "no beacon state (wrong magic)");
  if (const auto version = head.in().u32(); version != kVersion)
    return fail(ErrorCode::kUnsupported, fmt::format("version {} is not understood", version));
  const auto size = head.u64();
  if (!head.ok() || bytes.size() < kHeaderBytes + Sha256::kBytes ||
      size != bytes.size() - kHeaderBytes - Sha256::kBytes)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} bytes are not what the head promises", bytes.size()));
  const auto body = bytes.subspan(kHeaderBytes, size);
  if (Reader(bytes.last(Sha256::kBytes)).digest() != sha256_of(body))
    return fail(ErrorCode::kInvalidInput, "damaged (checksum)");
  Reader r(body);
  read_programs(r, programs);
  BeaconStateLoad load;
  if (r.ok()) load.keys = read_table(r, table);
  if (!r.ok()) return fail(ErrorCode::kInvalidInput, "damaged: " + r.fault());
  if (!r.in().at_end()) return fail(ErrorCode::kInvalidInput, "damaged: bytes behind the end");
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
