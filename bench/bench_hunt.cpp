// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// How long a hunt takes on a history of a million sightings, and a walk of all of them against an
// index. Baseline: the bare SQLite statement over the same rows. Method: bench/README.md.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/seen_matcher.hpp"
#include "history/hunt_json.hpp"
#include "history/retro_match.hpp"
#include "history/schema.hpp"
#include "indicators/index_builder.hpp"
#include "indicators/index_image.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kStart = 1'795'000'000LL * kNsPerSecond;
constexpr std::size_t kRows = 1'000'000;
constexpr std::size_t kIndicators = 100'000;

template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double seconds_of(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

Sha256 digest_of(std::uint64_t number) {
  std::mt19937_64 random(number);
  Sha256 out;
  for (auto& byte : out.bytes) byte = static_cast<std::uint8_t>(random());
  return out;
}

// The n-th value of a host: a tenth files, four tenths names, half destinations.
HuntValue value_number(std::uint64_t n) {
  std::mt19937_64 random(n);
  const auto kind = n % 10;
  if (kind == 0) return must(make_hunt_value(IndicatorType::kSha256, digest_of(n).hex()));
  if (kind < 5)
    return must(make_hunt_value(IndicatorType::kDomain,
                                fmt::format("h{}.zone{}.example", random() % 1000000, n % 5000)));
  return must(make_hunt_value(IndicatorType::kIp,
                              fmt::format("{}.{}.{}.{}", 11 + random() % 80, random() % 256,
                                          random() % 256, random() % 256)));
}

void fill(const std::filesystem::path& folder) {
  auto database =
      must(Database::open((folder / kSeenFile).string(), {.mode = Database::Mode::kCreate}));
  must(prepare_schema(database, HistoryFile::kSeen));
  must(
      database.run(fmt::format("BEGIN; INSERT INTO run VALUES(1,'b','1','6',{},{},NULL,'{{}}');"
                               "INSERT INTO who VALUES(1,'d','{{\"path\":\"/usr/bin/x\"}}')",
                               kStart, kStart + 86'400 * kNsPerSecond)));
  auto insert = must(
      database.prepare("INSERT OR IGNORE INTO seen VALUES(?1,?2,?3,'',?4,?5,9,3,4,1,1,77,5,77,5)"));
  for (std::uint64_t n = 0; n < kRows; ++n) {
    const auto range = ranges_of(value_number(n)).front();
    auto value = range.values.from;
    if (range.kind == SeenKind::kDestination) value += std::string("\x01\xbb\x06", 3);
    const auto subject =
        range.kind == SeenKind::kProgram ? std::string("/usr/bin/x") : to_value(digest_of(n % 500));
    insert.bind(1, static_cast<std::int64_t>(range.kind)).bind_blob(2, value);
    insert.bind_blob(3, subject).bind(4, kStart).bind(5, kStart + 86'400 * kNsPerSecond);
    must(insert.run());
  }
  must(database.run("COMMIT"));
}

std::shared_ptr<const Index> make_index() {
  IndexBuilder builder;
  const auto file = builder.add_file("bench.ioc");
  SetMeta meta;
  meta.set = "bench";
  for (std::uint64_t n = 0; n < kIndicators; ++n) {
    // One in a thousand is in the history.
    const auto value = value_number(n % 1000 == 0 ? n : kRows + n);
    IndicatorRow row;
    row.type = value.type;
    row.text = value.text;
    if (const auto digest = Sha256::parse(value.text)) row.digest = digest->bytes;
    if (const auto address = IpAddress::parse(value.text))
      row.network = IpNetwork::single(*address);
    must(builder.add(file, meta, row));
  }
  auto image = std::make_shared<const std::vector<std::byte>>(must(builder.build()).image);
  return std::make_shared<const Index>(std::vector<Index::Image>{std::make_shared<const IndexImage>(
      must(IndexImage::open(image, *image, IndexImage::Verify::kHead)))});
}

void bench_hunts(const std::filesystem::path& folder) {
  for (const std::uint64_t count : {1, 1'000, 10'000}) {
    auto reader = must(HistoryReader::open(folder));
    std::vector<HuntValue> values;
    // Half of them were seen.
    for (std::uint64_t i = 0; i < count; ++i)
      values.push_back(value_number(i % 2 == 0 ? i * 97 % kRows : kRows + i));
    std::size_t bytes = 0;
    std::uint64_t seen = 0;
    const auto took = seconds_of([&] {
      const auto report = must(hunt(reader, values, {.since_ns = {}, .now_ns = kStart * 2}));
      seen = report.by_verdict[0];
      bytes = must(to_json(reader, report)).dump().size();
    });
    fmt::print("hunt {:>6} values: {:8.2f} ms, {:6.2f} us/value, {} seen, {} bytes of JSON\n",
               count, took * 1e3, took * 1e6 / static_cast<double>(count), seen, bytes);
  }
}

void bench_retro(const std::filesystem::path& folder) {
  auto database = must(Database::open((folder / kSeenFile).string(), {}));
  const auto bare = seconds_of([&] {
    auto rows = must(database.prepare("SELECT * FROM seen"));
    while (must(rows.step())) (void)rows.bytes(1).size();
  });
  const auto index = make_index();
  auto reader = must(HistoryReader::open(folder));
  RetroMatch match(match_seen(index, kStart * 2), {.short_digests = false});
  double longest = 0;
  const auto took = seconds_of([&] {
    for (bool more = true; more;)
      longest = std::max(longest, seconds_of([&] { more = must(match.step(reader)); }));
  });
  const auto rows = static_cast<double>(match.rows());
  fmt::print("bare scan:        {:8.2f} ms, {:6.0f} ns/row\n", bare * 1e3, bare * 1e9 / rows);
  fmt::print(
      "retro-match:      {:8.2f} ms, {:6.0f} ns/row, {} rows, {} indicators, {} findings, "
      "longest slice {:.1f} ms\n",
      took * 1e3, took * 1e9 / rows, match.rows(), kIndicators, match.take_findings().size(),
      longest * 1e3);
}

}  // namespace

int main() {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("hunt.{}", getpid());
  std::filesystem::create_directories(folder);
  int code = 0;
  try {
    fmt::print("filling: {:.1f} s\n", seconds_of([&] { fill(folder); }));
    fmt::print("seen.db: {} MiB\n", std::filesystem::file_size(folder / kSeenFile) >> 20);
    bench_hunts(folder);
    bench_retro(folder);
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    code = 1;
  }
  std::filesystem::remove_all(folder);
  return code;
}
