// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Figures of the compiled index at 1 M indicators (10 M with --large): compile time from text,
// bytes per indicator, look-up times, map times; std::unordered_set in the same run beside them.
// Every row is looked up once, so that a figure of an index that loses rows is never printed.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "indicators/index.hpp"
#include "indicators/index_builder.hpp"
#include "indicators/index_tables.hpp"
#include "indicators/set_file.hpp"

namespace {

using namespace tocsin;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 64;
constexpr std::size_t kQueries = 1 << 20;

// CPU time of this process: compile targets are for one core, and other programs may run.
double cpu_ms() {
  return static_cast<double>(std::clock()) * 1e3 / CLOCKS_PER_SEC;
}

double ns_since(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::nano>(SteadyClock::now() - start).count();
}

void row(std::string_view what, double value, std::string_view unit, std::string_view target) {
  fmt::print("  {:<46} {:>10.1f} {:<6} {}\n", what, value, unit,
             target.empty() ? "" : fmt::format("(target {})", target));
}

// Median over batches of the mean time of one call.
template <typename Ask>
double p50_ns(std::size_t queries, Ask ask) {
  std::vector<double> batches;
  std::size_t found = 0;
  for (std::size_t at = 0; at + kBatch <= queries; at += kBatch) {
    const auto start = SteadyClock::now();
    for (std::size_t i = at; i < at + kBatch; ++i) found += ask(i) ? 1 : 0;
    batches.push_back(ns_since(start) / kBatch);
  }
  std::ranges::nth_element(batches,
                           batches.begin() + static_cast<std::ptrdiff_t>(batches.size() / 2));
  if (found == ~std::size_t{0}) std::abort();  // keeps the calls
  return batches[batches.size() / 2];
}

Sha256 random_digest(std::mt19937_64& rng) {
  Sha256 d;
  for (std::size_t i = 0; i < d.bytes.size(); i += 8) {
    const auto word = rng();
    std::memcpy(d.bytes.data() + i, &word, 8);
  }
  return d;
}

// Registrable names of 18 characters on average, the mean of public lists.
std::string random_name(std::mt19937_64& rng) {
  static constexpr std::array<std::string_view, 8> kEnds = {"com", "net",  "org", "xyz",
                                                            "top", "info", "ru",  "cn"};
  std::string out;
  for (auto n = 9 + rng() % 10; n > 0; --n) out += static_cast<char>('a' + rng() % 26);
  return out.append(".").append(kEnds[rng() % kEnds.size()]);
}

std::string benign_query(std::mt19937_64& rng) {
  static constexpr std::array<std::string_view, 5> kPrefixes = {"www.", "api.", "cdn.img.", "",
                                                                "m."};
  return std::string(kPrefixes[rng() % kPrefixes.size()]) + random_name(rng);
}

std::size_t section_bytes(const std::vector<std::byte>& image,
                          std::initializer_list<index_format::SectionId> ids) {
  using namespace index_format;
  std::size_t out = 0;
  const auto head = load<Header>(image.data());
  for (std::uint32_t i = 0; i < head.section_count; ++i) {
    const auto s = load<Section>(image.data() + sizeof head + i * sizeof(Section));
    for (const auto id : ids)
      if (s.id == static_cast<std::uint32_t>(id)) out += s.bytes;
  }
  return out;
}

Bytes section(const std::vector<std::byte>& image, index_format::SectionId id) {
  using namespace index_format;
  const auto head = load<Header>(image.data());
  for (std::uint32_t i = 0; i < head.section_count; ++i) {
    const auto s = load<Section>(image.data() + sizeof head + i * sizeof(Section));
    if (s.id == static_cast<std::uint32_t>(id)) return {image.data() + s.offset, s.bytes};
  }
  return {};
}

struct Compiled {
  std::vector<std::byte> image;
  std::shared_ptr<const IndexImage> opened;
};

// Text file to open image, with the times on the way.
Compiled compile(const std::filesystem::path& text, std::string_view target) {
  static const Guard guard = Guard::load().value();
  IndexBuilder builder;
  const auto file = builder.add_file(text.filename().string());
  const double start = cpu_ms();
  const auto read = read_set_file(
      text, {.file_name = "bench.ioc", .guard = &guard},
      [&](const SetMeta& meta, const IndicatorRow& r) { return builder.add(file, meta, r); });
  const double parsed = cpu_ms() - start;
  auto built = builder.build().value();
  const double all = cpu_ms() - start;
  if (read->refused != 0) fmt::print("  refused: {}\n", read->refused);
  row("compile from text: read and check", parsed, "ms", "");
  row("compile from text: all", all, "ms", target);
  const auto index = text.string() + "x";
  if (!write_index_file(index, built.image)) std::abort();
  double mapping = cpu_ms();
  if (!IndexImage::open_file(index, IndexImage::Verify::kHead)) std::abort();
  row("map and check the head", cpu_ms() - mapping, "ms", "1");
  mapping = cpu_ms();
  auto opened = IndexImage::open_file(index, IndexImage::Verify::kFull);
  row("map and verify everything", cpu_ms() - mapping, "ms",
      target == "1000" ? "40" : "400, checksums alone");
  if (!opened) std::abort();
  mapping = cpu_ms();
  std::uint64_t sum = 0;
  for (const auto byte : {section(built.image, index_format::SectionId::kSha256Rows),
                          section(built.image, index_format::SectionId::kNameArena)})
    sum += xxh64(byte);
  row("checksum of the largest section", cpu_ms() - mapping, "ms", sum == 0 ? " " : "");
  std::filesystem::remove(index);
  return {std::move(built.image), std::make_shared<const IndexImage>(std::move(*opened))};
}

void bench_digests(std::size_t count, const std::filesystem::path& folder) {
  const bool large = count > 1'000'000;
  fmt::print("{} sha256 digests\n", count);
  std::mt19937_64 rng(count);
  std::vector<Sha256> digests(count);
  for (auto& d : digests) d = random_digest(rng);
  const auto path = folder / "digests.ioc";
  {
    std::ofstream out(path);
    for (const auto& d : digests) out << "sha256," << d.hex() << '\n';
  }
  const auto compiled = compile(path, large ? "10000" : "1000");
  using enum index_format::SectionId;
  row("hot bytes per digest, record id included",
      static_cast<double>(
          section_bytes(compiled.image, {kSha256Rows, kSha256Prefix, kSha256Records})) /
          static_cast<double>(count),
      "B", "40");
  const Index index({compiled.opened});
  for (const auto& d : digests)
    if (index.find(d, 0).empty()) std::abort();
  const auto table = DigestTable::open(section(compiled.image, kSha256Rows),
                                       section(compiled.image, kSha256Prefix),
                                       section(compiled.image, kSha256Records), 32)
                         .value();
  std::vector<Sha256> misses(kQueries);
  std::vector<Sha256> hits(kQueries);
  for (auto& d : misses) d = random_digest(rng);
  for (auto& d : hits) d = digests[rng() % count];
  row("miss", p50_ns(kQueries, [&](auto i) { return !index.find(misses[i], 0).empty(); }), "ns",
      large ? "200" : "100");
  row("hit, up to the record id",
      p50_ns(kQueries, [&](auto i) { return table.find(hits[i].bytes) != index_format::kNone; }),
      "ns", large ? "350" : "150");
  row("hit, with the whole indicator",
      p50_ns(kQueries, [&](auto i) { return !index.find(hits[i], 0).empty(); }), "ns", "");
  const auto start = SteadyClock::now();
  std::unordered_set<Sha256, DigestHash> baseline(digests.begin(), digests.end());
  row("std::unordered_set: build", ns_since(start) / 1e6, "ms", "");
  row("std::unordered_set: miss",
      p50_ns(kQueries, [&](auto i) { return baseline.contains(misses[i]); }), "ns", "");
  row("std::unordered_set: hit",
      p50_ns(kQueries, [&](auto i) { return baseline.contains(hits[i]); }), "ns", "");
}

bool walk(const std::unordered_set<std::string>& names, const std::string& name) {
  for (std::size_t at = 0; at != std::string::npos;) {
    if (names.contains(name.substr(at))) return true;
    const auto dot = name.find('.', at);
    at = dot == std::string::npos ? dot : dot + 1;
  }
  return false;
}

void bench_names(std::size_t count, const std::filesystem::path& folder) {
  const bool large = count > 1'000'000;
  fmt::print("{} names\n", count);
  std::mt19937_64 rng(count + 1);
  std::unordered_set<std::string> baseline;
  const auto path = folder / "names.ioc";
  std::vector<std::string> names;
  {
    std::ofstream out(path);
    while (names.size() < count) {
      names.push_back(random_name(rng));
      out << "domain," << names.back() << '\n';
    }
  }
  const auto compiled = compile(path, large ? "10000" : "1000");
  using enum index_format::SectionId;
  row("hot bytes per name",
      static_cast<double>(section_bytes(compiled.image, {kNameSlots, kNameArena})) /
          static_cast<double>(count),
      "B", large ? "40" : "42");
  const Index index({compiled.opened});
  for (const auto& name : names)
    if (index.find_domain(name, 0).empty()) std::abort();
  std::vector<std::string> misses(kQueries);
  std::vector<std::string> hits(kQueries);
  for (auto& name : misses) name = benign_query(rng);
  for (auto& name : hits) name = "www." + names[rng() % count];
  row("benign name, whole suffix walk",
      p50_ns(kQueries, [&](auto i) { return !index.find_domain(misses[i], 0).empty(); }), "ns",
      large ? "1000" : "600");
  row("hit, with the whole indicator",
      p50_ns(kQueries, [&](auto i) { return !index.find_domain(hits[i], 0).empty(); }), "ns", "");
  const auto start = SteadyClock::now();
  baseline.insert(names.begin(), names.end());
  row("std::unordered_set: build", ns_since(start) / 1e6, "ms", "");
  row("std::unordered_set: benign, suffix walk",
      p50_ns(kQueries, [&](auto i) { return walk(baseline, misses[i]); }), "ns", "");
}

void bench_addresses(std::size_t count, const std::filesystem::path& folder) {
  fmt::print("{} IPv4 addresses and blocks\n", count);
  std::mt19937_64 rng(count + 2);
  const auto random_v4 = [&] {
    const auto word = static_cast<std::uint32_t>(rng());
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &word, 4);
    bytes[0] = static_cast<std::uint8_t>(11 + bytes[0] % 80);  // clear of guarded ranges
    return IpAddress::v4(bytes);
  };
  std::vector<IpAddress> addresses(count);
  std::unordered_set<IpAddress, IpAddressHash> baseline;
  const auto path = folder / "addresses.ioc";
  {
    std::ofstream out(path);
    for (auto& a : addresses) {
      a = random_v4();
      if (rng() % 10 == 0)
        out << "cidr," << a.to_string() << "/24\n";
      else
        out << "ip," << a.to_string() << '\n';
    }
  }
  const auto compiled = compile(path, count > 1'000'000 ? "10000" : "1000");
  using enum index_format::SectionId;
  row("hot bytes per row",
      static_cast<double>(section_bytes(compiled.image, {kV4Blocks, kV4Index, kV4Touched})) /
          static_cast<double>(count),
      "B", "");
  const Index index({compiled.opened});
  for (const auto& a : addresses)
    if (index.find(a, 0).empty()) std::abort();
  std::vector<IpAddress> queries(kQueries);
  for (auto& q : queries) {
    auto bytes = random_v4();
    std::array<std::uint8_t, 4> raw;
    std::ranges::copy(bytes.bytes(), raw.begin());
    raw[0] = static_cast<std::uint8_t>(raw[0] + 100);  // outside: every query misses
    q = IpAddress::v4(raw);
  }
  std::vector<IpAddress> mixed(kQueries);
  for (auto& q : mixed) q = random_v4();
  row("miss beyond all rows",
      p50_ns(kQueries, [&](auto i) { return !index.find(queries[i], 0).empty(); }), "ns", "");
  row("random address among the rows",
      p50_ns(kQueries, [&](auto i) { return !index.find(mixed[i], 0).empty(); }), "ns",
      count > 1'000'000 ? "100" : "50");
  baseline.insert(addresses.begin(), addresses.end());
  row("std::unordered_set: miss (addresses only)",
      p50_ns(kQueries, [&](auto i) { return baseline.contains(mixed[i]); }), "ns", "");
}

}  // namespace

int main(int argc, char** argv) {
  const bool large = argc > 1 && std::string_view(argv[1]) == "--large";
  if (argc > 1 && !large) return fmt::print(stderr, "usage: {} [--large]\n", argv[0]), 2;
  std::string name = (std::filesystem::temp_directory_path() / "tocsin-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return std::perror("mkdtemp"), 1;
  const std::filesystem::path folder = name;
  const std::size_t count = large ? 10'000'000 : 1'000'000;
  bench_digests(count, folder);
  bench_names(count, folder);
  bench_addresses(count, folder);
  std::filesystem::remove_all(folder);
}
