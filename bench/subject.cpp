// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "subject.hpp"

#include <time.h>

#include <chrono>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace tocsin::bench {
namespace {

using nlohmann::json;

std::uint64_t number(const json& object, std::string_view dotted) {
  const json value = test::at(object, dotted);
  return value.is_number() ? value.get<std::uint64_t>() : 0;
}

std::uint64_t sum_of_losses(const json& status) {
  std::uint64_t sum = 0;
  for (const json& loss : status.value("loss", json::array())) sum += number(loss, "count");
  return sum;
}

}  // namespace

Subject::Subject(const std::string& program, const std::string& indicators,
                 const BpfTime* statistics)
    : statistics_(statistics), daemon_({.indicators = indicators, .program = program}) {
  const auto begin = std::chrono::steady_clock::now();
  if (!daemon_.wait_ready()) throw std::runtime_error("not ready:\n" + daemon_.log());
  const auto took = std::chrono::steady_clock::now() - begin;
  ready_s_ = std::chrono::duration<double>(took).count();
  settle();
}

double Subject::cpu_s() {
  clockid_t clock{};
  timespec spent{};
  if (::clock_getcpuclockid(daemon_.child().pid(), &clock) != 0 ||
      ::clock_gettime(clock, &spent) != 0)
    throw std::runtime_error("reading the daemon's CPU time");
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

double Subject::ring_mib() {
  const std::string smaps = "/proc/" + std::to_string(daemon_.child().pid()) + "/smaps";
  std::istringstream in(test::read_text(smaps));
  bool ring = false;
  double kib = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.find('-') < line.find(' ')) ring = line.find("bpf-map") != std::string::npos;
    if (ring && line.starts_with("Rss:")) kib += std::stod(line.substr(4));
  }
  return kib / 1024;
}

Spent Subject::now() {
  Spent s;
  s.cpu_s = cpu_s();  // first: asking for the status costs some, too
  const json status = daemon_.status();
  s.exec = number(status, "events.exec.seen");
  s.connect = number(status, "events.connect.seen");
  s.lost = sum_of_losses(status);
  s.executions = number(status, "hash.executions");
  s.hashed = number(status, "hash.hashed");
  const json misses = test::at(status, "hash.misses");
  for (const auto& [reason, count] : misses.items()) s.misses[reason] = count.get<std::uint64_t>();
  if (statistics_ == nullptr) return s;
  for (const auto& [name, spent] : statistics_->read()) {
    (is_network_program(name) ? s.network_bpf_ns : s.process_bpf_ns) += spent.ns;
    s.lost += spent.skipped;
  }
  return s;
}

// Quiet when the daemon has used next to no CPU for a while.
void Subject::settle() {
  constexpr double kQuietCpuS = 0.001;
  for (int i = 0; i < 100; ++i) {
    const double before = cpu_s();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    if (cpu_s() - before < kQuietCpuS) return;
  }
}

Spent Subject::difference(const Spent& before, const Spent& after) {
  Spent d = after;
  d.cpu_s -= before.cpu_s;
  d.process_bpf_ns -= before.process_bpf_ns;
  d.network_bpf_ns -= before.network_bpf_ns;
  d.exec -= before.exec;
  d.connect -= before.connect;
  d.lost -= before.lost;
  d.executions -= before.executions;
  d.hashed -= before.hashed;
  for (const auto& [reason, count] : before.misses) d.misses[reason] -= count;
  std::erase_if(d.misses, [](const auto& miss) { return miss.second == 0; });
  return d;
}

}  // namespace tocsin::bench
