// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/self_proof.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "alert/message.hpp"
#include "base/text.hpp"
#include "hash/digest_file.hpp"
#include "names/make_hello.hpp"
#include "proof/proof_limits.hpp"

namespace tocsin {
namespace {

constexpr double kFirstProofS = 3;
constexpr std::uint64_t kStepUs = 50'000;
// A proof this much later than its interval is overdue.
constexpr double kOverdueS = 15;

std::uint64_t microseconds(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e6);
}

IpAddress address_of(std::uint32_t v4) {
  const std::array bytes = {static_cast<std::uint8_t>(v4 >> 24),
                            static_cast<std::uint8_t>(v4 >> 16), static_cast<std::uint8_t>(v4 >> 8),
                            static_cast<std::uint8_t>(v4)};
  return IpAddress::v4(bytes);
}

bool is_at(const Endpoint& remote, const CanaryEndpoint& endpoint) {
  return remote.port == endpoint.port && remote.address == address_of(endpoint.address);
}

Result<std::string> make_nonce() {
  std::array<std::uint8_t, kCanaryNonceBytes / 2> bytes;
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return fail_errno("taking random bytes", errno);
  return to_hex(bytes);
}

std::optional<Sha256> digest_of(const std::string& path) {
  auto digester = FileDigester::create();
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!digester || !file) return std::nullopt;
  const auto outcome = digester->digest(file.get(), {});
  if (!outcome.digests) return std::nullopt;
  return outcome.digests->sha256;
}

// Of those that leave by a contact of their own.
std::optional<CanaryAction> contact_at(const Endpoint& remote, bool datagram) {
  if (datagram) {
    if (is_at(remote, kCanaryUdp)) return CanaryAction::kUdp;
    return std::nullopt;
  }
  if (is_at(remote, kCanaryTcp)) return CanaryAction::kTcp;
  if (is_at(remote, kCanaryIoUring)) return CanaryAction::kIoUring;
  if (is_at(remote, kCanaryAnswered)) return CanaryAction::kDnsAnswer;
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<SelfProof>> SelfProof::start(Parts parts, double interval_s) {
  std::unique_ptr<SelfProof> out(new SelfProof(std::move(parts), interval_s));
  auto* self = out.get();
  out->started_ = self->parts_.clock.boot_ns();
  if (const auto files = find_canary()) out->marker_ = digest_of(files->marker);
  const auto first = interval_s > 0 ? microseconds(std::min(interval_s, kFirstProofS)) : UINT64_MAX;
  TOCSIN_TRY(out->interval_timer_, self->parts_.loop.add_timer(first, [self] { self->on_time(); }));
  TOCSIN_TRY(out->step_timer_, self->parts_.loop.add_timer(UINT64_MAX, [self] { self->step(); }));
  return out;
}

// ---- One proof

void SelfProof::on_time() {
  interval_timer_.rearm_us(microseconds(interval_s_));
  if (!running_) begin({});
}

Result<void> SelfProof::self_test(bool report, Finished finished) {
  if (waiting_ || (running_ && running_->order.self_test))
    return fail(ErrorCode::kBusy, "a self-test is running already");
  Order order{.self_test = true, .report = report, .finished = std::move(finished)};
  if (running_) {
    waiting_ = std::move(order);
  } else {
    begin(std::move(order));
  }
  return {};
}

ProofRound::Dues SelfProof::dues() const {
  ProofRound::Dues out;
  for (std::size_t i = 0; i < kCanaryActions; ++i) {
    const auto action = canary_action(i);
    if (parts_.excuse) out[i].excused = parts_.excuse(action);
    // A library's digest is looked up only when nobody vouches for the file: the sight has to do.
    out[i].alarm = action != CanaryAction::kLibrary && listed(action);
  }
  return out;
}

bool SelfProof::listed(CanaryAction action) const {
  const auto& index = *parts_.indicators.current();
  const auto now = parts_.clock.wall_ns();
  switch (action) {
    case CanaryAction::kExec:
      return marker_ && !index.find(*marker_, now).empty();
    case CanaryAction::kTcp:
    case CanaryAction::kUdp:
    case CanaryAction::kIoUring:
      return !index.find(address_of(kCanaryListed), now).empty();
    default:
      return !index.find_domain(fmt::format("x.{}", kCanaryDomain), now).empty();
  }
}

void SelfProof::begin(Order order) {
  running_.emplace(Running{.order = std::move(order), .proof = {}, .round = ProofRound(dues())});
  running_->proof.started_ns = parts_.clock.wall_ns();
  running_->began = parts_.clock.boot_ns();
  if (const auto started = start_canary(); !started) {
    running_->proof.trouble = started.error().message;
    running_->round.ended("could not be started");
  }
  step_timer_.rearm_us(kStepUs);
}

Result<void> SelfProof::start_canary() {
  auto& run = *running_;
  CanaryProcess::Task task;
  TOCSIN_TRY(task.nonce, make_nonce());
  run.dns_name = fmt::format("{}.dns.{}", task.nonce, kCanaryDomain);
  run.tls_host = fmt::format("{}.tls.{}", task.nonce, kCanaryDomain);
  run.quic_host = fmt::format("{}.quic.{}", task.nonce, kCanaryDomain);
  task.tls_hello = make_tls_hello(run.tls_host);
  TOCSIN_TRY(task.quic_hello, make_quic_hello(run.quic_host, task.nonce));
  for (std::size_t i = 0; i < kCanaryActions; ++i)
    if (run.round.asks_for(canary_action(i))) task.actions.push_back(canary_action(i));
  CanaryProcess::Callbacks callbacks;
  callbacks.on_report = [this](const CanaryReport& report) { running_->round.reported(report); };
  callbacks.on_end = [this](const CanaryProcess::End& end) {
    running_->proof.canary_cpu_ns = end.cpu_ns;
    if (!end.well) running_->proof.trouble = "the canary " + end.how;
    running_->round.ended(end.how);
    running_->process.reset();
  };
  TOCSIN_TRY(run.process,
             CanaryProcess::start(parts_.loop, parts_.clock, task, std::move(callbacks)));
  run.identity = run.process->identity();
  known_[next_known_++ % known_.size()] = run.identity;
  return {};
}

void SelfProof::step() {
  if (!running_) return;
  const auto now = parts_.clock.boot_ns();
  if (running_->process != nullptr && now - running_->began > limits::kCanaryLifetimeNs)
    running_->process->kill();
  if (running_->round.over(now)) return finish();
  step_timer_.rearm_us(kStepUs);
}

void SelfProof::finish() {
  auto run = std::move(*running_);
  running_.reset();
  run.proof.took_ns = parts_.clock.boot_ns() - run.began;
  run.proof.actions = run.round.verdict();
  for (const auto& news : history_.add(run.proof)) parts_.tell(news);
  for (std::size_t i = 0; i < kCanaryActions; ++i)
    if (run.proof.actions[i].performed && run.proof.actions[i].state != ProofState::kProved)
      parts_.lost({.time_ns = run.proof.started_ns,
                   .stage = fmt::format("self-proof/{}", kCanaryActionNames[i]),
                   .count = 1});
  if (waiting_) begin(*std::exchange(waiting_, std::nullopt));
  if (run.order.finished) run.order.finished(run.proof);
}

SelfProof::Schedule SelfProof::schedule() const {
  Schedule out{.interval_s = interval_s_, .running = running_.has_value()};
  if (interval_s_ == 0) return out;
  const auto last = history_.last_good_ns();
  const auto age_ns = last != 0 ? parts_.clock.wall_ns() - last
                                : static_cast<std::int64_t>(parts_.clock.boot_ns() - started_);
  out.overdue = static_cast<double>(age_ns) / 1e9 > interval_s_ + kOverdueS;
  return out;
}

// ---- What comes back

bool SelfProof::is_canary(ProcessId process) const {
  return std::ranges::any_of(known_, [&](const auto& known) { return known.is(process); });
}

bool SelfProof::ours(const Subject& subject) const {
  return running_ && subject.process != nullptr && running_->identity.is(subject.process->id);
}

void SelfProof::saw(CanaryAction action) {
  running_->round.saw(action, parts_.clock.boot_ns());
}

bool SelfProof::take(Alert& alert) {
  const auto subject = alert.lineage.empty() ? ProcessId{} : alert.lineage.front().id;
  if (!is_canary(subject) && (foreign(alert, subject) || !says_our_name(alert))) return false;
  // Late, of a proof that is over: it was told as unseen.
  if (!running_ || (subject.known() && !running_->identity.is(subject))) return true;
  if (const auto action = action_of(alert))
    running_->round.alarmed(*action, parts_.clock.boot_ns());
  if (!running_->order.report) return true;
  alert.self_test = true;
  alert.message.clear();
  alert.message = alert_message(alert);
  return false;
}

// The name can be read off the canary's command line: somebody else who says it is somebody else's
// alert, unless a resolver passed it on.
bool SelfProof::foreign(const Alert& alert, ProcessId subject) {
  return subject.known() && !alert.relayed_by;
}

// A packet may have lost its owner.
bool SelfProof::says_our_name(const Alert& alert) const {
  if (!running_) return false;
  return (alert.dns && alert.dns->qname == running_->dns_name) ||
         (alert.hello && action_of(*alert.hello));
}

std::optional<CanaryAction> SelfProof::action_of(const Alert& alert) const {
  switch (alert.kind) {
    case AlertKind::kExecHash:
      return CanaryAction::kExec;
    case AlertKind::kModuleHash:
      // Any other library is one that the shell of its script loads.
      if (!alert.module || !alert.module->memfd) return std::nullopt;
      return CanaryAction::kLibrary;
    case AlertKind::kDnsName:
      if (!alert.dns || alert.dns->qname != running_->dns_name) return std::nullopt;
      return CanaryAction::kDnsQuestion;
    case AlertKind::kHostName:
      return alert.hello ? action_of(*alert.hello) : std::nullopt;
    case AlertKind::kConnectName:
    case AlertKind::kConnectIp: {
      if (!alert.connect) return std::nullopt;
      const auto action = contact_at(alert.connect->remote, alert.connect->datagram);
      if (action == CanaryAction::kDnsAnswer && !answered(alert.names)) return std::nullopt;
      return action;
    }
    default:
      return std::nullopt;
  }
}

// The address is listed nowhere: only this proof's own answer can have named it.
bool SelfProof::answered(std::span<const NameCandidate> names) const {
  return std::ranges::find(names, running_->dns_name, &NameCandidate::name) != names.end();
}

std::optional<CanaryAction> SelfProof::action_of(const HelloEvent& hello) const {
  if (hello.kind == HelloKind::kTls && hello.host == running_->tls_host) return CanaryAction::kTls;
  if (hello.kind == HelloKind::kQuic && hello.host == running_->quic_host)
    return CanaryAction::kQuic;
  return std::nullopt;
}

void SelfProof::on_exec(const Subject& subject) {
  // The canary's own start is no proof that its script was seen.
  if (ours(subject) && subject.image != nullptr && subject.image->exec.script)
    saw(CanaryAction::kExec);
}

// The canary maps a memfd; other libraries are those of its script's shell.
void SelfProof::on_module(const ModuleEvent& event, const Subject& subject,
                          const HashResult& /*hash*/) {
  if (event.memfd && ours(subject)) saw(CanaryAction::kLibrary);
}

void SelfProof::on_contact(const ConnectEvent& event, const Subject& subject,
                           std::span<const NameCandidate> names) {
  if (!ours(subject)) return;
  const auto action = contact_at(event.remote, event.datagram);
  if (!action) return;
  if (action == CanaryAction::kDnsAnswer && !answered(names)) return;
  saw(*action);
}

void SelfProof::on_dns(const DnsEvent& event, const Subject& subject) {
  if (ours(subject) && !is_answer(event) && event.qname == running_->dns_name)
    saw(CanaryAction::kDnsQuestion);
}

void SelfProof::on_hello(const HelloEvent& event, const Subject& subject) {
  if (!ours(subject)) return;
  if (const auto action = action_of(event)) saw(*action);
}

}  // namespace tocsin
