// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/bpf_source.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "base/cgroup2_root.hpp"
#include "base/clock.hpp"
#include "capture/bpf_loader.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kBacklogParts = 4;  // of the ring: fuller than this part, it is read at once

// Kernels before 5.11 charge BPF memory to this limit; without CAP_SYS_RESOURCE it stays as it is,
// and newer kernels do not care.
void raise_memlock_limit() {
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  (void)setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

// Whether the programs of contacts may call a helper; kernels learned it at different times.
bool may_call(bpf_func_id helper) {
  return libbpf_probe_bpf_helper(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, helper, nullptr) == 1;
}

// The reader's word to the kernel programs, in shared memory.
class ReaderPage {
 public:
  static Result<ReaderPage> map(int fd) {
    const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) return fail_errno("mapping the reader page", errno);
    return ReaderPage(static_cast<tw_reader*>(at), size);
  }
  ReaderPage(ReaderPage&& o) noexcept : page_(std::exchange(o.page_, nullptr)), size_(o.size_) {}
  ReaderPage& operator=(ReaderPage&&) = delete;
  ~ReaderPage() {
    if (page_) munmap(page_, size_);
  }
  void set_exec_twice() { std::atomic_ref(page_->exec_twice).store(1, std::memory_order_release); }
  void set_clock(WallNs boot_epoch_ns) {
    std::atomic_ref(page_->boot_to_wall_ns)
        .store(static_cast<std::uint64_t>(boot_epoch_ns), std::memory_order_release);
  }
  void set_relay(pid_t pid) {
    std::atomic_ref(page_->relay_pid)
        .store(static_cast<std::uint32_t>(pid), std::memory_order_release);
  }
  void promise(BootNs boot_ns) {
    std::atomic_ref(page_->looks_until_ns).store(boot_ns, std::memory_order_release);
  }

 private:
  ReaderPage(tw_reader* page, std::size_t size) : page_(page), size_(size) {}
  tw_reader* page_;
  std::size_t size_;
};

ProgramCounters program_counters(const BpfLoader::Program& program) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program.fd, &info, &size) != 0) info = {};
  return {program.name, info.run_cnt, info.run_time_ns, info.recursion_misses};
}

struct RingCloser {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

}  // namespace

struct BpfSource::State {
  State(BpfLoader l, ReaderPage p) : loader(std::move(l)), page(std::move(p)) {}

  // Called by libbpf for each record; a negative value ends the round.
  static int on_record(void* context, void* data, std::size_t size) noexcept {
    auto& self = *static_cast<State*>(context);
    std::size_t used = size;
    if (size >= sizeof(tw_header)) {
      tw_header header;
      std::memcpy(&header, data, sizeof header);
      if (header.size >= sizeof(tw_header) && header.size <= size)
        used = header.size;
      else
        ++self.malformed;
      if (header.kind < TW_KIND_COUNT) ++self.read[header.kind];
    } else {
      ++self.malformed;
    }
    ++self.delivered;
    (*self.sink)({static_cast<const std::byte*>(data), used});
    return self.delivered < self.budget ? 0 : -ECANCELED;
  }

  BpfLoader loader;
  ReaderPage page;
  std::optional<KernelResponse> response;
  std::unique_ptr<ring_buffer, RingCloser> ring;
  WireSink* sink = nullptr;  // during consume() only
  std::size_t budget = 0;
  std::size_t delivered = 0;
  std::array<std::uint64_t, TW_KIND_COUNT> read{};
  std::uint64_t malformed = 0;
};

BpfSource::BpfSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
BpfSource::~BpfSource() = default;

Result<std::unique_ptr<BpfSource>> BpfSource::open(const Options& options) {
  raise_memlock_limit();
  BpfLoader::Options load;
  load.ring_bytes = options.ring_bytes;
  load.knobs.backlog_bytes = options.ring_bytes / kBacklogParts;
  load.cgroup_root = find_cgroup2_root().path;
  load.refused = options.refused;
  load.costly = options.costly;
  load.knobs.datagram_gap_ns = options.datagram_gap_ns;
  load.knobs.module_gap_ns = options.module_gap_ns;
  load.knobs.ima_fresh_ns = options.ima_fresh_ns;
  load.knobs.ima_bytes_max = options.ima_bytes_max;
  load.knobs.typed_task = may_call(BPF_FUNC_get_current_task_btf);
  load.knobs.typed_socket = may_call(BPF_FUNC_skc_to_tcp_sock);
  TOCSIN_TRY_VOID(KernelResponse::prepare(options.response, load));
  const auto name_base = load.knobs.name_base;
  if (getrandom(&load.knobs.address_salt, sizeof load.knobs.address_salt, 0) < 0)
    return fail_errno("getting random bytes", errno);
  TOCSIN_TRY(BpfLoader loader, BpfLoader::load(std::move(load)));
  TOCSIN_TRY(ReaderPage page, ReaderPage::map(loader.map_fd("reader")));
  page.set_clock(boot_epoch_ns(SystemClock()));
  auto state = std::make_unique<State>(std::move(loader), std::move(page));
  TOCSIN_TRY(state->response, KernelResponse::open(state->loader, options.response, name_base));
  state->ring.reset(
      ring_buffer__new(state->loader.map_fd("events"), &State::on_record, state.get(), nullptr));
  if (!state->ring) return fail_errno("opening the event ring", errno);
  std::unique_ptr<BpfSource> source(new BpfSource(std::move(state)));
  if (options.exec_twice)
    if (auto r = source->run_exec_twice(); !r) return std::unexpected(std::move(r).error());
  return source;
}

Result<bool> BpfSource::run_exec_twice() {
  state_->page.set_exec_twice();  // first, or both copies would report until then
  return state_->loader.attach_spare("exec");
}

Result<bool> BpfSource::answer_misses() {
  for (const BpfLoader::Program& program : state_->loader.programs())
    if (program.name.starts_with("exec_") && program_counters(program).recursion_misses > 0)
      return run_exec_twice();
  return false;
}

// The ring itself, not libbpf's epoll around it: its edges are the wake-ups.
int BpfSource::poll_fd() const {
  return state_->loader.map_fd("events");
}

Result<std::size_t> BpfSource::consume(std::size_t budget, WireSink& sink) {
  if (budget == 0) return 0;
  state_->sink = &sink;
  state_->budget = budget;
  state_->delivered = 0;
  const int r = ring_buffer__consume(state_->ring.get());
  state_->sink = nullptr;
  if (r < 0 && r != -ECANCELED) return fail_errno("reading the event ring", -r);
  return state_->delivered;
}

Result<Fd> BpfSource::count_run_time() {
  const int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
  if (fd < 0) return fail_errno("turning BPF statistics on", -fd);
  return Fd(fd);
}

void BpfSource::promise_look(BootNs boot_ns) {
  state_->page.promise(boot_ns);
}

void BpfSource::set_clock(WallNs boot_epoch_ns) {
  state_->page.set_clock(boot_epoch_ns);
}

void BpfSource::set_relay(pid_t pid) {
  state_->page.set_relay(pid);
}

CaptureCounters BpfSource::counters() const {
  CaptureCounters out;
  out.malformed = state_->malformed;
  std::vector<tw_counter> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  const int fd = state_->loader.map_fd("counters");
  for (std::uint32_t kind = 0; kind < TW_KIND_COUNT; ++kind) {
    out.by_kind[kind].read = state_->read[kind];
    if (bpf_map_lookup_elem(fd, &kind, per_cpu.data()) != 0) continue;
    for (const tw_counter& c : per_cpu) {
      out.by_kind[kind].lost += c.lost;
      out.by_kind[kind].skipped += c.skipped;
      out.by_kind[kind].unowned += c.unowned;
    }
  }
  for (const BpfLoader::Program& program : state_->loader.programs())
    out.programs.push_back(program_counters(program));
  return out;
}

KernelResponse& BpfSource::response() {
  return *state_->response;
}

const std::vector<HookStatus>& BpfSource::hooks() const {
  return state_->loader.hooks();
}

}  // namespace tocsin
