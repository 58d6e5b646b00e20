// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/resolver.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace tocsin::relay {
namespace {

constexpr std::uint64_t kTickUs = 100'000;
constexpr double kAskJitterShare = 0.1;
constexpr double kBurstMost = 4;  // questions saved up while there was nothing to ask
constexpr int kTimeoutMs = 4'000, kTries = 2;
constexpr std::uint32_t kDoublingsMax = 8;

std::optional<IpAddress> address_of(const ares_addrinfo_node& node) {
  if (node.ai_family == AF_INET && node.ai_addrlen >= sizeof(sockaddr_in)) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(node.ai_addr);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&v4->sin_addr);
    return IpAddress::v4(std::span<const std::uint8_t, 4>(bytes, 4));
  }
  if (node.ai_family == AF_INET6 && node.ai_addrlen >= sizeof(sockaddr_in6)) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(node.ai_addr);
    return IpAddress::v6(std::span<const std::uint8_t, 16>(v6->sin6_addr.s6_addr, 16));
  }
  return std::nullopt;
}

}  // namespace

bool is_reserved_name(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kReserved = {
      "test",  "example",  "invalid", "localhost", "local",
      "onion", "internal", "alt",     "arpa",      "localdomain"};
  static constexpr std::array<std::string_view, 3> kExamples = {"example.com", "example.net",
                                                                "example.org"};
  if (std::ranges::find(kReserved, name.substr(name.rfind('.') + 1)) != kReserved.end())
    return true;
  return std::ranges::any_of(kExamples, [&](auto example) {
    return name == example ||
           (name.ends_with(example) && name[name.size() - example.size() - 1] == '.');
  });
}

// What c-ares carries through a question and gives back with the answer, also when it is cancelled.
struct Resolver::Question {
  Resolver& resolver;
  std::string domain;
};

Resolver::Resolver(const Clock& clock, Options options, Callbacks callbacks)
    : clock_(clock), options_(std::move(options)), callbacks_(std::move(callbacks)) {}

Resolver::~Resolver() {
  closing_ = true;
  sockets_.clear();
  if (channel_ != nullptr) ares_destroy(channel_);  // tells every open question
}

Result<std::unique_ptr<Resolver>> Resolver::start(EventLoop& loop, const Clock& clock,
                                                  Options options, Callbacks callbacks) {
  std::unique_ptr<Resolver> out(new Resolver(clock, std::move(options), std::move(callbacks)));
  TOCSIN_TRY_VOID(out->open(loop));
  return out;
}

Result<void> Resolver::open(EventLoop& loop) {
  static const int started = ares_library_init(ARES_LIB_INIT_ALL);
  loop_ = &loop;
  ares_options options{};
  char lookups[] = "b";  // servers only: /etc/hosts says nothing about the attacker's addresses
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
  options.timeout = kTimeoutMs;
  options.tries = kTries;
  options.lookups = lookups;
  options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<Resolver*>(self)->on_socket(socket, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                   ARES_OPT_SOCK_STATE_CB;
  const int opened =
      started != ARES_SUCCESS ? started : ares_init_options(&channel_, &options, mask);
  if (opened != ARES_SUCCESS)
    return fail(ErrorCode::kInternal, fmt::format("c-ares: {}", ares_strerror(opened)));
  servers_text_ = fmt::format("{}", fmt::join(options_.servers, ","));
  if (!options_.servers.empty() &&
      ares_set_servers_ports_csv(channel_, servers_text_.c_str()) != ARES_SUCCESS)
    return fail(ErrorCode::kInvalidInput, fmt::format("resolve.servers: {} is no list of addresses",
                                                      printable(servers_text_, 200)));
  if (servers_text_.empty()) servers_text_ = "resolv.conf";
  last_tick_ns_ = clock_.boot_ns();
  TOCSIN_TRY(timer_, loop.add_timer(kTickUs, [this] { tick(); }));
  return {};
}

void Resolver::on_socket(int socket, bool readable, bool writable) {
  if (closing_) return;
  if (!readable && !writable) {
    sockets_.erase(socket);
    return;
  }
  const std::uint32_t events =
      (readable ? std::uint32_t{EPOLLIN} : 0U) | (writable ? std::uint32_t{EPOLLOUT} : 0U);
  if (const auto it = sockets_.find(socket); it != sockets_.end())
    return it->second.set_io_events(events);
  auto source = loop_->watch_fd(socket, events, [this, socket](std::uint32_t ready) {
    const bool in = (ready & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    ares_process_fd(channel_, in ? socket : ARES_SOCKET_BAD,
                    (ready & EPOLLOUT) != 0 ? socket : ARES_SOCKET_BAD);
  });
  if (source) sockets_.emplace(socket, std::move(*source));
}

void Resolver::set_names(const std::vector<std::string>& names) {
  counters_.left_out = 0;
  for (auto& [domain, name] : names_) name.wanted = false;
  for (const auto& domain : names) {
    if (is_reserved_name(domain) ||
        (!names_.contains(domain) && names_.size() >= limits::kResolvedNamesMax)) {
      ++counters_.left_out;
      continue;
    }
    const auto [it, fresh] = names_.try_emplace(domain);
    it->second.wanted = true;
    if (!fresh) continue;
    // New names in random order over a while, not all in the second of an import.
    const auto spread_s = static_cast<double>(names.size()) / options_.per_second;
    const double at = std::uniform_real_distribution<>(0, spread_s)(random_);
    it->second.due_ns = clock_.boot_ns() + static_cast<BootNs>(at * 1e9);
    due_.push({it->second.due_ns, domain});
  }
  std::erase_if(names_,
                [](const auto& entry) { return !entry.second.wanted && !entry.second.in_flight; });
  counters_.names = names_.size();
}

void Resolver::tick() {
  timer_.rearm_us(kTickUs);
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // its timeouts
  const auto now = clock_.boot_ns();
  tokens_ = std::min(
      kBurstMost, tokens_ + static_cast<double>(now - last_tick_ns_) / 1e9 * options_.per_second);
  last_tick_ns_ = now;
  while (!due_.empty() && due_.top().at <= now && tokens_ >= 1 &&
         in_flight_ < limits::kQuestionsInFlightMax) {
    const auto domain = due_.top().domain;
    const auto at = due_.top().at;
    due_.pop();
    const auto it = names_.find(domain);
    // Removed or asked at another time meanwhile: this entry is out of date.
    if (it == names_.end() || it->second.in_flight || it->second.due_ns != at) continue;
    tokens_ -= 1;
    ask(domain);
  }
}

void Resolver::ask(const std::string& domain) {
  names_[domain].in_flight = true;
  ++in_flight_;
  ++counters_.asked;
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_flags = ARES_AI_NOSORT;
  const auto done = [](void* raw, int status, int, ares_addrinfo* result) {
    const std::unique_ptr<Question> question(static_cast<Question*>(raw));
    const std::unique_ptr<ares_addrinfo, void (*)(ares_addrinfo*)> owned(result, ares_freeaddrinfo);
    question->resolver.on_result(question->domain, status, result);
  };
  // A final dot: the name as it is, no search list.
  ares_getaddrinfo(channel_, (domain + ".").c_str(), nullptr, &hints, done,
                   std::make_unique<Question>(*this, domain).release());
}

void Resolver::schedule(const std::string& domain, Name& name, std::uint64_t wait_s) {
  const double jitter =
      std::uniform_real_distribution<>(1 - kAskJitterShare, 1 + kAskJitterShare)(random_);
  name.due_ns = clock_.boot_ns() + static_cast<BootNs>(static_cast<double>(wait_s) * jitter * 1e9);
  due_.push({name.due_ns, domain});
}

void Resolver::on_result(const std::string& domain, int status, const ares_addrinfo* result) {
  if (closing_) return;
  --in_flight_;
  const auto it = names_.find(domain);
  if (it == names_.end()) return;
  auto& name = it->second;
  name.in_flight = false;
  if (!name.wanted) {
    names_.erase(it);
    counters_.names = names_.size();
    return;
  }
  if (status == ARES_SUCCESS && result != nullptr) return take(domain, *result);
  const bool none = status == ARES_ENOTFOUND || status == ARES_ENODATA;
  ++(none ? counters_.none : counters_.failed);
  if (!none) spdlog::debug("{}: {}", domain, ares_strerror(status));
  name.failures = std::min(name.failures + 1, kDoublingsMax);
  schedule(domain, name, std::min(options_.ceiling_s, options_.floor_s << (name.failures - 1)));
}

void Resolver::take(const std::string& domain, const ares_addrinfo& result) {
  auto& name = names_.at(domain);
  name.failures = 0;
  ++counters_.answered;
  Answer answer;
  answer.domain = domain;
  answer.server = servers_text_;
  std::uint64_t ttl_s = options_.ceiling_s;
  for (const auto* cname = result.cnames; cname != nullptr; cname = cname->next)
    ttl_s = std::min<std::uint64_t>(ttl_s, static_cast<std::uint64_t>(std::max(cname->ttl, 0)));
  for (const auto* node = result.nodes; node != nullptr; node = node->ai_next) {
    const auto address = address_of(*node);
    if (!address || answer.addresses.size() >= limits::kResolvedAddressesMax) continue;
    ttl_s = std::min<std::uint64_t>(ttl_s, static_cast<std::uint64_t>(std::max(node->ai_ttl, 0)));
    const auto drop = why_unwatched(*address, callbacks_.is_sinkhole);
    if (!drop) {
      answer.addresses.push_back(*address);
      continue;
    }
    ++counters_.dropped[static_cast<std::size_t>(*drop)];
    spdlog::info("{} leads to {}, {}: not watched", domain, address->to_string(), to_string(*drop));
  }
  answer.ttl_s = static_cast<std::uint32_t>(std::min<std::uint64_t>(ttl_s, UINT32_MAX));
  schedule(domain, name, std::clamp(ttl_s, options_.floor_s, options_.ceiling_s));
  if (!answer.addresses.empty()) callbacks_.on_answer(std::move(answer));
}

}  // namespace tocsin::relay
