// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/kernel_response.hpp"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "capture/capture_limits.hpp"

namespace tocsin {
namespace {

constexpr std::uint8_t kV4PrefixShift = 96;
constexpr std::size_t kNameBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

// Loopback; an unspecified address means it.
constexpr std::array<std::pair<std::string_view, std::uint8_t>, 4> kOwn = {
    {{"127.0.0.0", 8}, {"0.0.0.0", 32}, {"::", 128}, {"::1", 128}}};

// A data section that the programs and the daemon share, in memory.
template <typename T>
class SharedPage {
 public:
  SharedPage() = default;
  static Result<SharedPage> map(int fd) {
    SharedPage page;
    page.size_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* at = mmap(nullptr, page.size_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) return fail_errno("mapping a section of the kernel programs", errno);
    page.at_ = static_cast<T*>(at);
    return page;
  }
  SharedPage(SharedPage&& o) noexcept : at_(std::exchange(o.at_, nullptr)), size_(o.size_) {}
  SharedPage& operator=(SharedPage&& o) noexcept {
    std::swap(at_, o.at_);
    std::swap(size_, o.size_);
    return *this;
  }
  ~SharedPage() {
    if (at_ != nullptr) munmap(at_, size_);
  }
  T* operator->() const { return at_; }
  explicit operator bool() const { return at_ != nullptr; }

 private:
  T* at_ = nullptr;
  std::size_t size_ = 0;
};

tw_network network_key(const KernelResponse::Network& network) {
  tw_network key{};
  key.prefix = network.prefix;
  const auto bytes = network.address.bytes();
  if (network.address.is_v4()) {
    key.prefix += kV4PrefixShift;
    key.addr[10] = key.addr[11] = 0xff;
    std::ranges::copy(bytes, key.addr + 12);
  } else {
    std::ranges::copy(bytes, key.addr);
  }
  return key;
}

// Of a single address; nullopt: it is a block.
std::optional<IpAddress> address_of(const tw_network& key) {
  constexpr std::uint32_t kSingle = 128;
  if (key.prefix != kSingle) return std::nullopt;
  return IpAddress::v6(std::span<const std::uint8_t, 16>(key.addr));  // mapped ones become IPv4
}

tw_verdict verdict_value(KernelResponse::Verdict verdict) {
  return {.until_ns = verdict.until_ns,
          .act = static_cast<tw_u32>(verdict.act),
          .exact = verdict.exact ? 1U : 0U};
}

tw_bad_key file_key(const KernelResponse::File& file) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  tw_bad_key key{};
  key.ino = file.ino;
  key.size = file.size;
  key.mtime_s = file.mtime_ns / kSecond - (file.mtime_ns % kSecond < 0 ? 1 : 0);
  key.mtime_ns = static_cast<tw_u32>(file.mtime_ns - key.mtime_s * kSecond);
  key.dev = file.dev;
  key.generation = file.generation;
  return key;
}

Result<void> put(int map, const void* key, const void* value, std::string_view what) {
  if (bpf_map_update_elem(map, key, value, BPF_ANY) == 0) return {};
  const int error = errno;
  if (error == ENOSPC || error == E2BIG)
    return fail(ErrorCode::kLimit, std::string(what) + ": there is no more room");
  return fail_errno(what, error);
}

}  // namespace

struct KernelResponse::State {
  Options options;
  std::uint64_t name_base = 1;
  // Owned by the loader, which outlives this; -1: not there.
  int networks = -1, names = -1, digests = -1, files = -1, allow = -1;
  SharedPage<tw_isolation> isolation;
  SharedPage<tw_deny_state> deny;
  std::optional<tw_network> swept;  // where the next sweep goes on; nullopt: at the beginning
};

KernelResponse::KernelResponse(std::unique_ptr<State> state) : state_(std::move(state)) {}
KernelResponse::KernelResponse(KernelResponse&&) noexcept = default;
KernelResponse& KernelResponse::operator=(KernelResponse&&) noexcept = default;
KernelResponse::~KernelResponse() = default;

Result<void> KernelResponse::prepare(const Options& options, BpfLoader::Options& load) {
  auto& knobs = load.knobs;
  if (getrandom(&knobs.name_base, sizeof knobs.name_base, 0) < 0)
    return fail_errno("getting random bytes", errno);
  knobs.name_base |= 1;
  knobs.name_inverse = odd_inverse(knobs.name_base);
  knobs.answer_least_ns = limits::kDeniedAnswerLeastNs;
  knobs.answer_most_ns = limits::kDeniedAnswerMostNs;
  knobs.ima_settled_ns = limits::kContentSettledNs;
  unsigned respond = 0;
  if (options.network) {
    respond |= TW_RESPOND_NETWORK | TW_RESPOND_ANSWERS;
    load.map_entries["denied_networks"] = limits::kDeniedNetworksMax;
    load.map_entries["denied_names"] = limits::kDeniedNamesMax;
  }
  if (options.network && options.questions) respond |= TW_RESPOND_QUESTIONS;
  if (options.files) {
    respond |= TW_RESPOND_FILES;
    load.map_entries["bad_files"] = limits::kBadFilesMax;
  }
  if (options.content) {
    load.deny_content = true;
    load.map_entries["denied_digests"] = limits::kDeniedDigestsMax;
    load.map_entries["judged_files"] = limits::kJudgedFilesMax;
  }
  knobs.respond = static_cast<tw_u8>(respond);
  return {};
}

Result<KernelResponse> KernelResponse::open(const BpfLoader& loader, const Options& options,
                                            std::uint64_t name_base) {
  auto state = std::make_unique<State>();
  state->options = options;
  state->name_base = name_base;
  state->networks = loader.map_fd("denied_networks");
  state->names = loader.map_fd("denied_names");
  state->digests = loader.map_fd("denied_digests");
  state->files = loader.map_fd("bad_files");
  state->allow = loader.map_fd("isolation_allow");
  TOCSIN_TRY(state->isolation, SharedPage<tw_isolation>::map(loader.map_fd(".data.isolation")));
  if (options.content) {
    TOCSIN_TRY(state->deny, SharedPage<tw_deny_state>::map(loader.map_fd(".data.deny")));
  }
  return KernelResponse(std::move(state));
}

const KernelResponse::Options& KernelResponse::options() const {
  return state_->options;
}

Result<void> KernelResponse::deny(const Network& network, Verdict verdict) {
  const auto key = network_key(network);
  const auto value = verdict_value(verdict);
  return put(state_->networks, &key, &value, "denying a network");
}

void KernelResponse::forget(const Network& network) {
  const auto key = network_key(network);
  bpf_map_delete_elem(state_->networks, &key);
}

std::vector<IpAddress> KernelResponse::sweep(BootNs now, std::size_t looks) {
  std::vector<IpAddress> gone;
  for (std::size_t i = 0; i < looks; ++i) {
    tw_network key{};
    const auto* from = state_->swept ? &*state_->swept : nullptr;
    if (bpf_map_get_next_key(state_->networks, from, &key) != 0) {
      state_->swept.reset();
      break;
    }
    state_->swept = key;
    tw_verdict verdict{};
    const auto address = address_of(key);
    if (!address || bpf_map_lookup_elem(state_->networks, &key, &verdict) != 0) continue;
    if (verdict.until_ns == 0 || verdict.until_ns > now) continue;
    gone.push_back(*address);
  }
  for (const auto& address : gone)
    forget({address, static_cast<std::uint8_t>(address.is_v4() ? 32 : 128)});
  return gone;
}

Result<void> KernelResponse::deny_name(std::string_view name, Verdict verdict) {
  const auto key = denied_name_hash(name, state_->name_base);
  if (key == 0) return fail(ErrorCode::kInvalidInput, "denying a name: it is none");
  const auto value = verdict_value(verdict);
  return put(state_->names, &key, &value, "denying a name");
}

void KernelResponse::forget_name(std::string_view name) {
  const auto key = denied_name_hash(name, state_->name_base);
  bpf_map_delete_elem(state_->names, &key);
}

Result<void> KernelResponse::deny_content(const Sha256& digest, Verdict verdict) {
  const auto value = verdict_value(verdict);
  return put(state_->digests, digest.bytes.data(), &value, "denying content");
}

void KernelResponse::forget_content(const Sha256& digest) {
  bpf_map_delete_elem(state_->digests, digest.bytes.data());
}

void KernelResponse::judge_content_anew() {
  if (state_->deny) std::atomic_ref(state_->deny->edition).fetch_add(1, std::memory_order_release);
}

void KernelResponse::set_memory_tells(bool tells) {
  if (state_->deny)
    std::atomic_ref(state_->deny->memory_tells).store(tells ? 1 : 0, std::memory_order_relaxed);
}

Result<void> KernelResponse::kill_file(const File& file, Verdict verdict) {
  if (file.ino == 0) return fail(ErrorCode::kInvalidInput, "a file without an identity");
  const auto key = file_key(file);
  const auto value = verdict_value(verdict);
  return put(state_->files, &key, &value, "killing a file");
}

void KernelResponse::forget_file(const File& file) {
  const auto key = file_key(file);
  bpf_map_delete_elem(state_->files, &key);
}

Result<void> KernelResponse::isolate(const Isolation& isolation, std::span<const Network> allow) {
  if (allow.size() + kOwn.size() > limits::kIsolationAllowMax)
    return fail(ErrorCode::kLimit, fmt::format("the allow-list has {} networks, {} with the host's "
                                               "own addresses and loopback are the most",
                                               allow.size(), limits::kIsolationAllowMax));
  release();
  tw_network key{};
  while (bpf_map_get_next_key(state_->allow, nullptr, &key) == 0)
    if (bpf_map_delete_elem(state_->allow, &key) != 0) break;
  const std::uint8_t yes = 1;
  const auto let_pass = [&](const Network& network) {
    const auto allowed = network_key(network);
    return put(state_->allow, &allowed, &yes, "allowing a network");
  };
  for (const auto& [address, prefix] : kOwn)
    TOCSIN_TRY_VOID(let_pass({*IpAddress::parse(address), prefix}));
  for (const auto& network : allow) TOCSIN_TRY_VOID(let_pass(network));
  state_->isolation->until_ns = isolation.until_ns;
  state_->isolation->cgroup_id = isolation.cgroup_id;
  state_->isolation->level = isolation.level;
  std::atomic_ref(state_->isolation->on).store(1, std::memory_order_release);
  return {};
}

void KernelResponse::isolate_instead(std::uint64_t cgroup_id) {
  std::atomic_ref(state_->isolation->cgroup_id).store(cgroup_id, std::memory_order_release);
}

void KernelResponse::release() {
  std::atomic_ref(state_->isolation->on).store(0, std::memory_order_release);
}

bool KernelResponse::isolated(BootNs now) const {
  return state_->isolation->on != 0 && now < state_->isolation->until_ns;
}

std::uint64_t KernelResponse::isolation_refused() const {
  return state_->isolation->refused;
}

KernelResponse::Counters KernelResponse::counters() const {
  Counters out;
  if (state_->deny) {
    out.content_too_large = state_->deny->too_large;
    out.content_unread = state_->deny->unread;
  }
  return out;
}

std::uint64_t denied_name_hash(std::string_view name, std::uint64_t base) {
  if (name.empty() || name.size() > kNameBytesMax) return 0;
  std::uint64_t sum = 0, weight = 1;
  const auto add = [&](std::uint64_t byte) {
    sum += (byte + 1) * weight;
    weight *= base;
  };
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > kLabelBytesMax) return 0;
    add(label.size());
    for (const char c : label) add(static_cast<std::uint8_t>(c >= 'A' && c <= 'Z' ? c | 0x20 : c));
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return sum;
}

std::uint64_t odd_inverse(std::uint64_t base) {
  std::uint64_t x = base;  // right in the lowest three bits; each round doubles them
  for (int i = 0; i < 5; ++i) x *= 2 - base * x;
  return x;
}

}  // namespace tocsin
