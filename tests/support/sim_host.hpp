// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/sim_random.hpp"

namespace tocsin::test::sim {

using Json = nlohmann::json;

inline constexpr double kMinute = 60, kHour = 3'600, kDay = 86'400;

// What is true of one subject: a line of the side file.
struct Truth {
  std::string host = {}, kind = {}, path = {}, sha256 = {}, destination = {};
  bool malicious = false;
  bool vendor = false;      // a package's program that turned
  bool shell = false;       // an operator's shell follows
  double shell_at = 0;      // seconds since the recording's begin
  std::string timing = {};  // the model, in words
};
Json to_json(const Truth& truth);

// How much a recorder says: each host's lines are of one dialect, so that nothing depends on one.
struct Dialect {
  bool forks = true, exits = true, starts = true, parent_starts = true;
  bool packages = true;  // false: no line says anything about packages
  bool nulls = false;    // "package": null for what nobody owns, else ""
  bool hosts = true;     // connect lines carry the name; false: dns lines alone tell it
  bool results = true;
  bool intact = true;  // package_intact beside package
  bool image_layers = true;
  static Dialect drawn(Random& random);
};

// One simulated host: writes event JSON lines about what its processes do, in any order of time.
class Host {
 public:
  Host(std::string name, std::uint64_t seed, double days);

  struct Program {
    std::string path;
    std::vector<std::string> argv = {};
    std::string package = "?";  // "?": nobody said; "": nobody owns it
    std::string sha256 = {};    // empty: of path and version
    std::string version = {};
    Json more = Json::object();  // further members of the exec line
  };
  // The process that ran it; ppid 0: unknown.
  int run(double at, int ppid, const Program& program);
  void run_in(double at, int pid, const Program& program);  // exec without a fork
  void exit(double at, int pid);
  void module(double at, int pid, const std::string& path, Json members);

  struct Call {
    std::string host;  // empty: by address
    std::string addr = {};
    int port = 443;
    const char* proto = "tcp";
    const char* result = "ok";
    double bytes = 0;  // sent; 0: no close line
    double duration = 1;
  };
  void connect(double at, int pid, const Call& call);
  void question(double at, int pid, const std::string& name, const char* type);

  // A stable made-up public address for a name; index: one of several behind it.
  static std::string address_of(const std::string& name, int index = 0);
  static std::string digest_of(const Program& program);

  Random& random() { return random_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] double end() const { return days_ * kDay; }
  [[nodiscard]] double days() const { return days_; }
  Dialect& dialect() { return dialect_; }
  std::vector<Truth>& truths() { return truths_; }
  [[nodiscard]] int init() const { return 1; }

  // All lines, in the order of time.
  [[nodiscard]] std::string lines() const;
  [[nodiscard]] std::size_t events() const { return lines_.size(); }

 private:
  struct Line {
    double at;
    std::size_t order;
    std::string text;
  };
  void line(double at, int pid, const char* kind, Json members);

  std::string name_;
  double days_;
  Random random_;
  Dialect dialect_;
  int next_pid_ = 300;
  std::map<int, double> starts_;
  std::map<int, int> parents_;
  std::vector<Line> lines_;
  std::vector<Truth> truths_;
};

}  // namespace tocsin::test::sim
