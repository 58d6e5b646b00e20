// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/bpf_loader.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <deny.skel.h>
#include <fcntl.h>
#include <names.skel.h>
#include <network.skel.h>
#include <process.skel.h>
#include <string.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kRingMap = "events";
constexpr std::string_view kKnobsSection = ".rodata.knobs";
constexpr unsigned kAttachBeforeDescendants = 1U << 6;  // BPF_F_PREORDER, kernel 6.15
constexpr std::size_t kLogBytesMax = 16 * 1024;
constexpr std::array kObjects = {BpfObjectName::kProcess, BpfObjectName::kNetwork,
                                 BpfObjectName::kNames};

// libbpf reports through one global function; the text of the thread's current load goes here.
thread_local std::string* libbpf_log = nullptr;

int keep_log(libbpf_print_level level, const char* format, va_list args) {
  if (!libbpf_log || level == LIBBPF_DEBUG || libbpf_log->size() > kLogBytesMax) return 0;
  char line[1024];
  const int n = vsnprintf(line, sizeof line, format, args);
  if (n > 0)
    libbpf_log->append(line, std::min<std::size_t>(static_cast<std::size_t>(n), sizeof line - 1));
  return n;
}

class LogCapture {
 public:
  LogCapture() {
    libbpf_set_print(keep_log);
    libbpf_log = &text_;
  }
  ~LogCapture() { libbpf_log = nullptr; }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  // The verifier's last word: the line before its summary. Empty when it said nothing.
  [[nodiscard]] std::string last_word() const {
    const auto end = text_.find("\nprocessed ");
    if (end == std::string::npos || end == 0) return {};
    const auto start = text_.rfind('\n', end - 1);
    const auto from = start == std::string::npos ? 0 : start + 1;
    return printable(std::string_view(text_).substr(from, end - from), 200);
  }

 private:
  std::string text_;
};

std::string error_text(int error, const LogCapture& log) {
  std::string text = strerror(error);
  if (const std::string word = log.last_word(); !word.empty()) text += " (" + word + ")";
  return text;
}

bool bpf_lsm_runs(std::string& reason) {
  std::ifstream in("/sys/kernel/security/lsm");
  std::string names;
  if (!std::getline(in, names)) {
    reason = "cannot tell whether the BPF LSM is active: /sys/kernel/security/lsm is not readable";
    return false;
  }
  if (("," + names + ",").find(",bpf,") == std::string::npos) {
    reason = "the BPF LSM is not active (lsm=" + names + ")";
    return false;
  }
  return true;
}

bool ends_with_knobs(const char* map_name) {
  return std::string_view(map_name).ends_with(kKnobsSection);
}

}  // namespace

struct BpfLoader::Pending {
  const HookSlot* slot;
  HookStatus* status;
  std::size_t way = 0;
  bool attached = false;

  [[nodiscard]] bool exhausted() const { return way >= slot->ways.size(); }
  [[nodiscard]] bool settled() const { return attached || exhausted(); }
  void refuse(std::string reason) {
    status->refused.push_back({std::string(slot->ways[way].name), std::move(reason)});
    ++way;
  }
  void take() {
    attached = true;
    status->state = way == 0 ? HookState::kPrimary : HookState::kFallback;
    status->hook = slot->ways[way].name;
    status->lost = slot->ways[way].lost;
  }
};

void BpfLoader::LinkCloser::operator()(bpf_link* link) const {
  bpf_link__destroy(link);
}

BpfLoader::BpfLoader(Options options) : options_(std::move(options)) {}
BpfLoader::BpfLoader(BpfLoader&&) noexcept = default;
BpfLoader& BpfLoader::operator=(BpfLoader&&) noexcept = default;
BpfLoader::~BpfLoader() = default;

Result<BpfLoader> BpfLoader::load(Options options) {
  BpfLoader loader(std::move(options));
  if (!loader.options_.cgroup_root.empty())
    loader.cgroup_fd_.reset(
        ::open(loader.options_.cgroup_root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const BpfObjectName which : kObjects) TOCSIN_TRY_VOID(loader.make_maps(which));
  if (!loader.options_.types) {
    TOCSIN_TRY(KernelTypes types, KernelTypes::load());
    loader.options_.types = std::make_shared<const KernelTypes>(std::move(types));
  }
  loader.list(hook_slots());
  if (loader.options_.deny_content) {
    TOCSIN_TRY_VOID(loader.make_maps(BpfObjectName::kDeny));
    loader.list(deny_slots());
  }
  for (const BpfObjectName which : kObjects) loader.serve(which);
  if (loader.options_.deny_content) loader.serve(BpfObjectName::kDeny);
  loader.options_.types.reset();  // megabytes, and never asked again
  return loader;
}

void BpfLoader::list(std::span<const HookSlot> slots) {
  for (const HookSlot& slot : slots) {
    slots_.push_back(&slot);
    hooks_.push_back({.event = std::string(slot.event),
                      .state = HookState::kMissing,
                      .hook = {},
                      .lost = std::string(slot.lost_without),
                      .refused = {}});
  }
}

void BpfLoader::serve(BpfObjectName which) {
  std::vector<Pending> slots;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i]->object == which) slots.push_back({.slot = slots_[i], .status = &hooks_[i]});
  settle(which, slots);
  if (which != BpfObjectName::kNetwork) return;
  // Ways that see no socket cookie name sockets by address: then the outcome must do so too.
  const auto by_event = [&](std::string_view event) {
    return std::find_if(slots.begin(), slots.end(),
                        [&](const Pending& p) { return p.slot->event == event; });
  };
  const auto connect = by_event("connect");
  const auto outcome = by_event("outcome");
  if (!connect->attached || connect->way == 0 || !outcome->attached) return;
  std::erase_if(served_, [](const Served& s) { return s.event == "outcome"; });
  options_.knobs.owner_by_address = 1;
  outcome->attached = false;
  settle(which, {&*outcome, 1});
}

int BpfLoader::map_fd(std::string_view name) const {
  const auto it = maps_.find(name);
  return it == maps_.end() ? -1 : it->second.get();
}

// An object that is not loaded yet, with our constants and the maps that exist already.
Result<BpfLoader::ObjectPtr> BpfLoader::open(BpfObjectName which) const {
  std::size_t size = 0;
  const void* bytes = nullptr;
  LIBBPF_OPTS(bpf_object_open_opts, opts);
  switch (which) {
    case BpfObjectName::kProcess:
      bytes = process_bpf__elf_bytes(&size);
      opts.object_name = "tocsin_process";
      break;
    case BpfObjectName::kNetwork:
      bytes = network_bpf__elf_bytes(&size);
      opts.object_name = "tocsin_network";
      break;
    case BpfObjectName::kNames:
      bytes = names_bpf__elf_bytes(&size);
      opts.object_name = "tocsin_names";
      break;
    case BpfObjectName::kDeny:
      bytes = deny_bpf__elf_bytes(&size);
      opts.object_name = "tocsin_deny";
      break;
  }
  bpf_object* opened = bpf_object__open_mem(bytes, size, &opts);
  if (!opened) return fail_errno("opening the BPF object", errno);
  ObjectPtr object(opened, bpf_object__close);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object.get()) {
    const char* map_name = bpf_map__name(map);
    if (ends_with_knobs(map_name)) {
      bpf_map__set_initial_value(map, &options_.knobs, sizeof options_.knobs);
    } else if (const int fd = map_fd(map_name); fd >= 0) {
      if (const int r = bpf_map__reuse_fd(map, fd); r < 0)
        return fail_errno("sharing a BPF map", -r);
    } else if (map_name == kRingMap) {
      bpf_map__set_max_entries(map, static_cast<std::uint32_t>(options_.ring_bytes));
    } else if (const auto it = options_.map_entries.find(map_name);
               it != options_.map_entries.end()) {
      bpf_map__set_max_entries(map, it->second);
    }
  }
  return object;
}

// Loads the object without any program: makes the maps that later objects share.
Result<void> BpfLoader::make_maps(BpfObjectName which) {
  LogCapture log;
  TOCSIN_TRY(ObjectPtr object, open(which));
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object.get()) bpf_program__set_autoload(program, false);
  if (const int r = bpf_object__load(object.get()); r < 0)
    return fail_errno("making the BPF maps", -r);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object.get()) {
    const char* name = bpf_map__name(map);
    if (ends_with_knobs(name) || map_fd(name) >= 0) continue;
    const int fd = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 3);
    if (fd < 0) return fail_errno("keeping a BPF map", errno);
    maps_.emplace(name, Fd(fd));
  }
  return {};
}

// Empty when every function that the way hangs on is the one we know.
std::string BpfLoader::changed_prototype(const HookWay& way) const {
  for (const std::string_view program : way.programs)
    if (std::string fault = options_.types->fault(program); !fault.empty()) return fault;
  return {};
}

// Steps over ways that need no try: refused by option, an LSM program that would never run, one
// that hangs on what this kernel has changed, or one that slows the host and was not asked for.
void BpfLoader::skip_hopeless(Pending& p) const {
  const auto named = [this](std::string_view name) {
    return std::find(options_.refused.begin(), options_.refused.end(), name) !=
           options_.refused.end();
  };
  while (!p.exhausted()) {
    const HookWay& way = p.slot->ways[p.way];
    std::string reason;
    if (named(p.slot->event) || named(way.name) ||
        std::any_of(way.programs.begin(), way.programs.end(), named))
      p.refuse("refused by option");
    else if (way.needs_bpf_lsm && !bpf_lsm_runs(reason))
      p.refuse(reason);
    else if (way.costly && !options_.costly)
      p.refuse("costs every system call of the host about 70 ns: capture.costly_hooks = true");
    else if (reason = changed_prototype(way); !reason.empty())
      p.refuse(std::move(reason));
    else
      return;
  }
}

// All slots in one object when the kernel takes them; else one by one, to learn which it refuses.
void BpfLoader::settle(BpfObjectName which, std::span<Pending> slots) {
  for (;;) {
    std::vector<Pending*> open_slots;
    for (Pending& p : slots) {
      if (!p.attached) skip_hopeless(p);
      if (!p.settled()) open_slots.push_back(&p);
    }
    if (open_slots.empty()) return;
    auto together = try_load(which, open_slots);
    if (together) continue;
    if (open_slots.size() == 1) {
      open_slots[0]->refuse(together.error().message);
      continue;
    }
    for (Pending* p : open_slots) {
      auto alone = try_load(which, {&p, 1});
      if (!alone) p->refuse(alone.error().message);
    }
  }
}

// An error means that nothing was loaded. A slot whose programs loaded but did not attach has
// moved to its next way.
Result<void> BpfLoader::try_load(BpfObjectName which, std::span<Pending*> slots) {
  LogCapture log;
  TOCSIN_TRY(ObjectPtr object, open(which));
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object.get()) {
    const std::string_view name = bpf_program__name(program);
    const bool wanted = std::any_of(slots.begin(), slots.end(), [&](const Pending* p) {
      const HookWay& way = p->slot->ways[p->way];
      return way.spare == name ||
             std::find(way.programs.begin(), way.programs.end(), name) != way.programs.end();
    });
    bpf_program__set_autoload(program, wanted);
  }
  if (const int r = bpf_object__load(object.get()); r < 0)
    return fail(ErrorCode::kUnsupported, error_text(-r, log));
  for (Pending* p : slots) {
    auto served = attach_way(object, p->slot->ways[p->way]);
    if (!served) {
      p->refuse(served.error().message);
      continue;
    }
    served->event = p->slot->event;
    served_.push_back(std::move(*served));
    p->take();
  }
  return {};
}

// All programs of a way or none.
Result<BpfLoader::Served> BpfLoader::attach_way(const ObjectPtr& object, const HookWay& way) const {
  Served served;
  served.object = object;
  served.spare = way.spare;
  for (const std::string_view name : way.programs) TOCSIN_TRY_VOID(attach_program(served, name));
  return served;
}

Result<void> BpfLoader::attach_program(Served& served, std::string_view name) const {
  bpf_program* program =
      bpf_object__find_program_by_name(served.object.get(), std::string(name).c_str());
  if (!program) return fail(ErrorCode::kInternal, "no program " + std::string(name));
  const bpf_prog_type type = bpf_program__type(program);
  if (type == BPF_PROG_TYPE_CGROUP_SOCK_ADDR || type == BPF_PROG_TYPE_CGROUP_SKB) {
    TOCSIN_TRY(Fd link,
               attach_cgroup(bpf_program__fd(program), bpf_program__expected_attach_type(program)));
    served.cgroup_links.push_back(std::move(link));
  } else {
    bpf_link* link = bpf_program__attach(program);
    if (!link) return fail(ErrorCode::kUnsupported, std::string("attaching: ") + strerror(errno));
    served.links.emplace_back(link);
  }
  served.programs.push_back({std::string(name), bpf_program__fd(program)});
  return {};
}

Result<bool> BpfLoader::attach_spare(std::string_view event) {
  LogCapture log;
  for (Served& served : served_) {
    if (served.event != event || served.spare.empty()) continue;
    TOCSIN_TRY_VOID(attach_program(served, served.spare));
    served.spare.clear();
    return true;
  }
  return false;
}

std::vector<BpfLoader::Program> BpfLoader::programs() const {
  std::vector<Program> all;
  for (const Served& served : served_)
    all.insert(all.end(), served.programs.begin(), served.programs.end());
  return all;
}

// Before the programs of other groups where the kernel can (6.17 for links): then the address is
// still the one that was asked for, not what a service translation made of it.
Result<Fd> BpfLoader::attach_cgroup(int program_fd, unsigned attach_type) const {
  if (!cgroup_fd_)
    return fail(ErrorCode::kUnsupported, options_.cgroup_root.empty()
                                             ? "no unified control group hierarchy is mounted"
                                             : "cannot open " + options_.cgroup_root);
  for (const unsigned flags : {kAttachBeforeDescendants, 0U}) {
    LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);
    const int fd = bpf_link_create(program_fd, cgroup_fd_.get(),
                                   static_cast<bpf_attach_type>(attach_type), &opts);
    if (fd >= 0) return Fd(fd);
    if (flags != 0 && fd == -EINVAL) continue;
    return fail(ErrorCode::kUnsupported, std::string("attaching: ") + strerror(-fd));
  }
  return fail(ErrorCode::kUnsupported, "attaching: Invalid argument");
}

}  // namespace tocsin
