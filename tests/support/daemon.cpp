// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/daemon.hpp"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace tocsin::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Millis kPoll(5);

// Calls done() until it is true or the time, as patient() has it, is over.
bool poll_until(Millis limit, const std::function<bool()>& done) {
  const auto deadline = Clock::now() + patient(limit);
  while (!done()) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

}  // namespace

std::string indicator_file(const std::vector<std::string>& lines) {
  std::string text = "# set: test\n# allow: loopback\n";
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

nlohmann::json at(const nlohmann::json& object, std::string_view dotted) {
  std::string pointer = "/" + std::string(dotted);
  std::replace(pointer.begin(), pointer.end(), '.', '/');
  return object.value(nlohmann::json::json_pointer(pointer), nlohmann::json());
}

Daemon::Daemon(const DaemonOptions& options) : bin_(TOCSIN_BIN_DIR) {
  std::filesystem::create_directory(dir_ / "iocs");
  write_file(indicator_path(), options.indicators);
  write_file(config_path(), options.config);
  const std::string program = options.program.empty() ? bin_ + "/tocsind" : options.program;
  std::vector<std::string> settings = {
      "state_dir=" + (dir_ / "state").string(),
      "control.socket=" + socket(),
      "indicators.paths=" + indicator_path().string(),
      "sinks.stdout=off",
      "sinks.journald=false",
      "alerts.fold_window_s=0",
      "self_proof.interval_s=0",  // a test that is about it sets it
      "sinks.file.path=" + (dir_ / "alerts.jsonl").string(),
  };
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  std::vector<std::string> argv = {program, "--config", config_path()};
  for (const std::string& s : settings) argv.insert(argv.end(), {"-o", s});
  child_ = std::make_unique<Child>(
      ChildOptions{.argv = std::move(argv), .capabilities = options.capabilities});
}

bool Daemon::wait_ready(Millis limit) {
  const auto ready = [&] { return log().find("READY") != std::string::npos; };
  poll_until(limit, [&] { return ready() || !child_->running(); });
  return ready() && child_->running();
}

const std::vector<nlohmann::json>& Daemon::alerts() {
  std::ifstream in(dir_ / "alerts.jsonl", std::ios::binary);
  in.seekg(static_cast<std::streamoff>(alerts_read_bytes_));
  std::string line;
  while (std::getline(in, line) && !in.eof()) {  // at eof the line is not finished yet
    alerts_.push_back(nlohmann::json::parse(line));
    alerts_read_bytes_ += line.size() + 1;
  }
  return alerts_;
}

std::optional<nlohmann::json> Daemon::wait_alert(const Fits& fits, Millis limit) {
  std::optional<nlohmann::json> found;
  poll_until(limit, [&] {
    const auto& all = alerts();
    const auto it = std::find_if(all.begin(), all.end(), fits);
    if (it != all.end()) found = *it;
    return found.has_value();
  });
  return found;
}

nlohmann::json Daemon::status() {
  const Finished done = cli({"status", "--json"});
  if (done.exit_code != 0) throw std::runtime_error("tocsin status: " + done.err);
  return nlohmann::json::parse(done.out);
}

Finished Daemon::cli(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {bin_ + "/tocsin", "--socket", socket()});
  return run_program(arguments);
}

std::optional<int> Daemon::stop(Millis limit) {
  child_->signal(SIGTERM);
  return child_->wait(limit);
}

std::uint64_t memory_kib(pid_t pid, std::string_view field) {
  std::istringstream in(read_text("/proc/" + std::to_string(pid) + "/status"));
  std::string name;
  while (in >> name) {
    std::uint64_t kib = 0;
    if (name == std::string(field) + ":" && in >> kib) return kib;
    std::string rest;
    std::getline(in, rest);
  }
  throw std::runtime_error("no such field in /proc/PID/status");
}

}  // namespace tocsin::test
