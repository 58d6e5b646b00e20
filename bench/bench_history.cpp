// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What remembering costs: nanoseconds of the state thread per contact, and of the writer's CPU per
// single event and per sighting, with the bytes on the disk. Baseline: the bare SQLite insert loop
// of the same columns in the same run.
#include <fmt/format.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/database.hpp"
#include "daemon/history_feed.hpp"
#include "history/schema.hpp"
#include "history/writer.hpp"

using namespace tocsin;

namespace {

constexpr int kBatches = 30;
constexpr int kBatchRows = 10'000;
constexpr int kPairs = 2'000;  // distinct (destination, program) of a busy host's second
constexpr WallNs kNow = 1'795'651'200 * kNsPerSecond;

double thread_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "bench_history: {}\n", why);
  std::exit(2);
}

template <typename T>
T need(Result<T> result) {
  if (!result) give_up(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::uint64_t bytes_below(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) bytes += entry.file_size();
  return bytes;
}

struct Folder {
  std::filesystem::path path;
  explicit Folder(const std::filesystem::path& parent) : path(parent / "bench_history.tmp") {
    std::filesystem::remove_all(path);
    std::filesystem::create_directory(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

void print(const char* what, double ns, double bytes) {
  fmt::print("{:<44} {:>8.2f} us/row {:>9.0f} rows/s", what, ns / 1e3, 1e9 / ns);
  if (bytes > 0) fmt::print(" {:>6.1f} bytes/row", bytes);
  fmt::print("\n");
}

// ---- The baseline

void bare_inserts(const std::filesystem::path& parent) {
  const Folder folder(parent);
  auto database =
      need(Database::open((folder.path / "bare.db").string(), {.mode = Database::Mode::kCreate}));
  need(prepare_schema(database, HistoryFile::kDay));
  auto insert = need(database.prepare(
      "INSERT INTO event(time_ns,kind,pid,start_ns,who,content,value,port,protocol) "
      "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"));
  const double start = thread_ns();
  for (int b = 0; b < kBatches; ++b) {
    need(database.run("BEGIN"));
    for (int i = 0; i < kBatchRows; ++i) {
      insert.bind(1, kNow + i).bind(2, std::int64_t{1}).bind(3, std::int64_t{4711});
      insert.bind(4, std::int64_t{123'456'789'012}).bind(5, std::int64_t{i % 50});
      insert.bind(6, std::int64_t{i % 50}).bind(7, std::int64_t{i % kPairs});
      insert.bind(8, std::int64_t{443}).bind(9, std::int64_t{6});
      need(insert.run());
    }
    need(database.run("COMMIT"));
  }
  constexpr double kRows = double{kBatches} * kBatchRows;
  print("bare insert loop (baseline)", (thread_ns() - start) / kRows,
        static_cast<double>(bytes_below(folder.path)) / kRows);
}

// ---- The writer

HistoryOptions options_in(const std::filesystem::path& folder) {
  HistoryOptions options;
  options.place.folder = folder;
  options.run = {"boot", "bench", "kernel", kNow, "{}"};
  return options;
}

std::vector<Who> some_whos() {
  std::vector<Who> whos;
  for (int i = 0; i < 50; ++i)
    whos.push_back(make_who(fmt::format(R"({{"path":"/usr/bin/program-{}","uid":1000,"lineage":[)"
                                        R"({{"path":"/usr/bin/bash"}},{{"path":"/sbin/init"}}]}})",
                                        i)));
  return whos;
}

SingleEvent contact(int i, const std::vector<Who>& whos,
                    const std::shared_ptr<const std::string>& content) {
  SingleEvent event;
  event.kind = "connect";
  event.time_ns = kNow + i;
  event.process = {4711, 123'456'789'012};
  event.who = whos[static_cast<std::size_t>(i) % whos.size()];
  event.content = content;
  event.address = IpAddress::parse(fmt::format("10.0.{}.{}", i % kPairs / 250, i % 250));
  event.port = 443;
  event.protocol = 6;
  event.result = "ok";
  return event;
}

void writer_rows(const std::filesystem::path& parent, bool events) {
  const Folder folder(parent);
  HistoryWriter writer(options_in(folder.path), std::make_shared<SystemClock>());
  const auto whos = some_whos();
  const auto content = std::make_shared<const std::string>(32, 'c');
  double spent = 0;
  for (int b = 0; b < kBatches; ++b) {
    HistoryBatch batch;
    for (int i = 0; i < kBatchRows; ++i) {
      if (events) {
        batch.add(contact(i, whos, content));
        continue;
      }
      const auto value = fmt::format("com.example.name-{}", b % 5 * kBatchRows + i);
      batch.see({.kind = SeenKind::kName,
                 .value = value,
                 .subject = *content,
                 .time_ns = kNow + b,
                 .process = {4711, 1},
                 .who = whos[static_cast<std::size_t>(i) % whos.size()]});
    }
    const double start = thread_ns();
    need(writer.write(batch));
    spent += thread_ns() - start;
  }
  constexpr double kRows = double{kBatches} * kBatchRows;
  const auto stored = events ? kRows : 5.0 * kBatchRows;
  print(events ? "writer, single events" : "writer, sightings (distinct in each batch)",
        spent / kRows, static_cast<double>(bytes_below(folder.path)) / stored);
}

// ---- The state thread

Subject a_subject(int n) {
  auto process = std::make_shared<Process>();
  process->id = {static_cast<std::uint32_t>(1000 + n), 1};
  process->image = std::make_shared<Image>();
  process->image->exec.path = fmt::format("/usr/bin/program-{}", n);
  process->image->hash.digests = FileDigests{};
  process->image->hash.digests->sha256.bytes[0] = static_cast<std::uint8_t>(n);
  return {process, process->image};
}

void state_thread(const std::filesystem::path& parent, bool named) {
  const Folder folder(parent);
  HistoryStore store(options_in(folder.path));
  const SystemClock clock;
  CgroupTable cgroups("/sys/fs/cgroup");
  const ProcessTable processes;
  HistoryFeed feed({.clock = clock, .store = store, .cgroups = cgroups, .processes = processes});
  std::vector<Subject> subjects;
  for (int i = 0; i < 50; ++i) subjects.push_back(a_subject(i));
  std::vector<NameCandidate> names(named ? 1 : 0);
  if (named) names[0].name = "www.destination.example.com";
  ConnectEvent event;
  event.protocol = 6;
  event.remote.port = 443;
  if (named) event.host = names[0].name;
  double spent = 0;
  int done = 0;
  for (int b = 0; b < kBatches; ++b) {
    const double start = thread_ns();
    for (int i = 0; i < kBatchRows; ++i, ++done) {
      const auto& subject = subjects[static_cast<std::size_t>(i) % subjects.size()];
      event.head = {kNow + done, subject.process->id, 0};
      event.cookie = static_cast<std::uint64_t>(done) + 1;
      const std::array<std::uint8_t, 4> address = {10, 0, static_cast<std::uint8_t>(i % 8),
                                                   static_cast<std::uint8_t>(i % 250)};
      event.remote.address = IpAddress::v4(address);
      feed.on_contact(event, subject, names);
    }
    spent += thread_ns() - start;
    if (!store.flush_wait(std::chrono::seconds(60))) give_up(store.status().detail);
  }
  if (store.status().lost_events != 0) give_up("events were lost");
  fmt::print("{:<44} {:>8.0f} ns/contact\n",
             named ? "state thread, contact with a name" : "state thread, contact",
             spent / (double{kBatches} * kBatchRows));
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path parent = argc > 1 ? argv[1] : ".";
  bare_inserts(parent);
  writer_rows(parent, true);
  writer_rows(parent, false);
  state_thread(parent, false);
  state_thread(parent, true);
}
