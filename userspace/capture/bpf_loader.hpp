// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "capture/hook_table.hpp"
#include "capture/prototype.hpp"
#include "tocsin_wire.h"

struct bpf_object;
struct bpf_link;

namespace tocsin {

// Loads and attaches the kernel programs, for every event the best way that this kernel really
// takes. Everything hangs on file descriptors held here: it ends with the object, or the process.
class BpfLoader {
 public:
  struct Options {
    std::size_t ring_bytes = 0;
    tw_knobs knobs{};
    std::string cgroup_root;           // of the unified hierarchy; empty: there is none
    bool costly = false;               // also ways that slow the whole host
    std::vector<std::string> refused;  // hooks, programs or events to treat as refused, for tests
    std::shared_ptr<const KernelTypes> types;  // to check prototypes by; null: the kernel's own
    std::map<std::string, std::uint32_t, std::less<>> map_entries;  // sizes of maps by name
    bool deny_content = false;                                      // also deny_slots()
  };

  // Fails only when not even the maps can be made; a hook that fails is a state in hooks().
  static Result<BpfLoader> load(Options options);

  BpfLoader(BpfLoader&&) noexcept;
  BpfLoader& operator=(BpfLoader&&) noexcept;
  ~BpfLoader();

  [[nodiscard]] int map_fd(std::string_view name) const;  // -1: no such map
  [[nodiscard]] const std::vector<HookStatus>& hooks() const { return hooks_; }

  struct Program {
    std::string name;
    int fd = -1;
  };
  // Attached ones, spares included once they are.
  [[nodiscard]] std::vector<Program> programs() const;
  // Attaches the spare program of an event; false: it has none, or it is attached already.
  Result<bool> attach_spare(std::string_view event);

 private:
  struct Pending;  // a slot that has no hook yet
  struct LinkCloser {
    void operator()(bpf_link* link) const;
  };
  using ObjectPtr = std::shared_ptr<bpf_object>;  // one per successful load, shared by its slots
  // What serves one event; detached when it goes.
  struct Served {
    std::string event;
    ObjectPtr object;
    std::vector<std::unique_ptr<bpf_link, LinkCloser>> links;
    std::vector<Fd> cgroup_links;
    std::vector<Program> programs;
    std::string spare;  // not attached yet; empty: none
  };

  explicit BpfLoader(Options options);
  Result<ObjectPtr> open(BpfObjectName which) const;
  Result<void> make_maps(BpfObjectName which);
  void list(std::span<const HookSlot> slots);
  void serve(BpfObjectName which);
  void settle(BpfObjectName which, std::span<Pending> slots);
  Result<void> try_load(BpfObjectName which, std::span<Pending*> slots);
  Result<Served> attach_way(const ObjectPtr& object, const HookWay& way) const;
  Result<void> attach_program(Served& served, std::string_view name) const;
  Result<Fd> attach_cgroup(int program_fd, unsigned attach_type) const;
  void skip_hopeless(Pending& slot) const;
  [[nodiscard]] std::string changed_prototype(const HookWay& way) const;

  Options options_;
  Fd cgroup_fd_;
  std::map<std::string, Fd, std::less<>> maps_;
  std::vector<Served> served_;
  std::vector<const HookSlot*> slots_;
  std::vector<HookStatus> hooks_;  // one for each slot
};

}  // namespace tocsin
