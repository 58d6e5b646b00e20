// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/pipeline.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "alert/message.hpp"
#include "base/limits.hpp"
#include "base/namespaces.hpp"
#include "beacon/command_line.hpp"
#include "daemon/package_claim.hpp"
#include "daemon/pipeline_publish.hpp"
#include "detect/indicator_match.hpp"
#include "event/decode.hpp"
#include "event/event_json.hpp"

namespace tocsin {
namespace {

// An alert about one event judges this long before it: losses in it may hide the event's own
// context.
constexpr WallNs kJudgedPeriodNs = 60 * kNsPerSecond;
// Processes offered to the hash service as a way into a mount namespace.
constexpr std::size_t kRootCandidatesMax = 4;
constexpr WallNs kNameSweepNs = 60 * kNsPerSecond;
constexpr BootNs kNamespaceSweepNs = 10ULL * 1'000'000'000;

bool settled(const HashResult& hash) {
  return hash.digests || hash.miss != HashMiss::kNone;
}

// Of what ran, no content could be had. A full queue is a loss of ours, told as such.
bool is_not_captured(HashMiss miss) {
  switch (miss) {
    case HashMiss::kGone:
    case HashMiss::kReplaced:
    case HashMiss::kChanged:
    case HashMiss::kTooLarge:
    case HashMiss::kUnreadable:
      return true;
    default:
      return false;
  }
}

}  // namespace

Pipeline::Pipeline(Parts parts)
    : parts_(std::move(parts)),
      subjects_(parts_.clock, parts_.cgroups, parts_.accounts),
      watched_(parts_.is_sinkhole),
      own_mnt_ns_(own_namespace("mnt")),
      judged_by_(parts_.indicators.current()) {
  if (parts_.responder != nullptr) parts_.responder->set_names(names_);
}

// ---- One event, all stages in order
// ---------------------------------------------------------------

void Pipeline::on_wire(std::span<const std::byte> bytes, WallNs boot_epoch_ns) {
  // Wire structs end here: later stages hold owned, checked values.
  auto event = decode(bytes, boot_epoch_ns);
  if (!event) {
    if (++counters_.decode_errors == 1)
      spdlog::warn("undecodable event: {}", event.error().message);
    return;
  }
  on_event(std::move(*event));
}

void Pipeline::on_event(Event event) {
  std::visit([this](auto& e) { handle(e); }, event);
}

void Pipeline::handle(ForkEvent& event) {
  ++counters_.fork;
  const auto child = parts_.processes.on_fork(event);
  publish("fork", event, child.get());
}

void Pipeline::handle(ExecEvent& event) {
  ++counters_.exec;
  // From here on the process runs this file: events that follow are attributed to it.
  const auto process = parts_.processes.on_exec(std::move(event));
  tell(&Observer::on_exec, subject(process, process->image));
  // The race for the bytes starts now: a short-lived program may be gone within a millisecond.
  obtain_digests(process, /*urgent=*/true);
  // The line waits for the digest; the alert, if any, is raised when the digest is judged.
  publish_exec(process);
  take_early_modules(subject(process, process->image));
}

void Pipeline::handle(ExitEvent& event) {
  ++counters_.exit;
  const auto process = parts_.processes.on_exit(event, parts_.clock.boot_ns());
  publish("exit", event, process.get());
  if (process != nullptr) tell(&Observer::on_exit, event, subject(process, process->image));
}

void Pipeline::handle(ConnectEvent& event) {
  ++counters_.connect;
  // Unknown in capture files.
  const auto subject = subject_of(event.head);
  // The name has to be found before the line goes out; answers came earlier on the same ring.
  auto names = name_destination(event);
  publish_connect(event, subject.process.get());
  // Judged at the attempt, not at its outcome: a refused connection to a known address is one too.
  judge_contact(event, subject, names);
  tell(&Observer::on_contact, event, subject, std::span<const NameCandidate>(names));
}

void Pipeline::handle(ConnectResultEvent& event) {
  ++counters_.connect_result;
  tell(&Observer::on_contact_result, event, subject_of(event.head));
  const auto attempt = attempts_.find(event.cookie);
  if (attempt == attempts_.end()) return;
  attempt->second->result = event.result;
  attempts_.erase(attempt);
  release_attempt(event.cookie);
}

void Pipeline::handle(CgroupEvent& event) {
  ++counters_.cgroup;
  if (event.hierarchy != 0) return;
  tell(&Observer::on_cgroup, event);
  parts_.cgroups.on_created(event.head.cgroup_id, std::move(event.path));
}

void Pipeline::handle(LossEvent& event) {
  parts_.losses.add(event);
  publish("loss", event, nullptr);
  tell(&Observer::on_loss, event);
}

void Pipeline::handle(CloseEvent& event) {
  ++counters_.close;
  const auto subject = subject_of(event.head);
  publish("close", event, subject.process.get());
  tell(&Observer::on_close, event, subject);
}

Subject Pipeline::subject_of(const EventHead& head) {
  if (!head.process.known()) return {};
  auto process = parts_.processes.of(head);
  auto image = process->image;
  return subject(std::move(process), std::move(image));
}

Subject Pipeline::subject(std::shared_ptr<Process> process, std::shared_ptr<Image> image) const {
  const auto id = process->id;
  const bool own =
      (parts_.is_canary && parts_.is_canary(id)) || (parts_.is_own && parts_.is_own(id));
  return {std::move(process), std::move(image), own};
}

// ---- Containers

std::optional<bool> Pipeline::image_layer_of(const Process& process, const ContainerFile& file) {
  if (process.image->exec.root.mnt_ns == own_mnt_ns_) return std::nullopt;
  const auto container = subjects_.container_of(process);
  if (container.empty()) return std::nullopt;
  const auto started = [this](const Process& one) {
    return static_cast<WallNs>(one.id.start_ns) + boot_epoch_ns(parts_.clock);
  };
  if (!containers_.of(container)) {
    // The first that is heard of it: it may run for long, and this process may be its latest.
    for (const auto& weak : parts_.processes.living())
      if (const auto other = weak.lock(); subjects_.container_of(*other) == container)
        containers_.note(container, started(*other));
  }
  containers_.note(container, started(process));
  return in_image_layer(file, *containers_.of(container));
}

// ---- Digests
// --------------------------------------------------------------------------------------

void Pipeline::obtain_digests(const std::shared_ptr<Process>& process, bool urgent) {
  auto& image = process->image;
  claim_owner(parts_.packages, image->exec);
  auto& exec = image->exec;
  if (parts_.hashes != nullptr)
    exec.image_layer =
        image_layer_of(*process, {exec.file.dev, exec.root.root_dev, exec.file.ctime_ns});
  image->hash = {};
  image->script_hash = {};
  const auto obtain = [&](Content content) {
    const Pending what{process, image, content};
    if (parts_.hashes == nullptr) {
      HashResult replayed;
      const auto& sha256 = content == Content::kExecutable ? exec.sha256 : exec.script_info->sha256;
      if (sha256) {
        replayed.digests = FileDigests{*sha256, std::nullopt, std::nullopt};
        replayed.rung = HashRung::kReplay;
      } else {
        replayed.miss = HashMiss::kUnknownFile;
      }
      return settle(what, std::move(replayed));
    }
    auto request = request_for(*process, *image, content);
    request.urgent = urgent;
    take_submitted(what, parts_.hashes->submit(request));
  };
  // Before the interpreter's own digest is there: both are told together.
  auto argument = submit_argument(process, urgent);
  obtain(Content::kExecutable);
  if (argument)
    take_submitted({process, image, Content::kScript}, std::move(*argument));
  else if (has_script(*image))
    obtain(Content::kScript);
}

void Pipeline::take_submitted(const Pending& what, HashService::Submitted submitted) {
  if (submitted.result) return settle(what, std::move(*submitted.result));
  what.image->hash_pending = true;
  what.image->last_hash_ticket = submitted.ticket;
  pending_.emplace(submitted.ticket, what);
}

// "python3 FILE": the kernel knows no script, but the file is what runs.
std::optional<HashService::Submitted> Pipeline::submit_argument(
    const std::shared_ptr<Process>& process, bool urgent) {
  const auto& image = process->image;
  auto& exec = image->exec;
  if (exec.script_by_argument) exec.script = exec.script_by_argument = false;  // read once more
  if (parts_.hashes == nullptr || exec.script) return std::nullopt;
  auto code = interpreted(exec.path, exec.argv, exec.cwd);
  if (!code || code->origin != CodeOrigin::kFile) return std::nullopt;
  auto request = request_for(*process, *image, Content::kScript);
  request.kind = HashRequest::Kind::kArgument;
  request.path = code->text;
  request.urgent = urgent;
  auto submitted = parts_.hashes->submit(request);
  // No file: an option's value, a pipe.
  if (submitted.result && !submitted.result->digests) return std::nullopt;
  exec.script = exec.script_by_argument = true;
  exec.filename = std::move(code->text);
  return submitted;
}

HashRequest Pipeline::request_for(const Process& process, const Image& image, Content content) {
  const auto& exec = image.exec;
  HashRequest request;
  request.process = process.id;
  request.exec_time_ns = exec.head.time_ns;
  lead_to_root(request, exec.root);
  if (content == Content::kScript) {
    request.kind = HashRequest::Kind::kScript;
    request.path = exec.filename;
    request.cwd = exec.cwd;
    request.needs = needs_for_script(parts_.packages, exec);
    return request;
  }
  request.file = exec.file;
  request.path = exec.path;
  request.memfd = exec.memfd;
  request.unlinked = exec.unlinked;
  request.needs = needs_for_record(parts_.packages, exec);
  if (exec.sha256_from_ima) request.ima_sha256 = exec.sha256;
  return request;
}

void Pipeline::lead_to_root(HashRequest& request, const RootIdentity& root) {
  request.root = root;
  if (root.mnt_ns == own_mnt_ns_) return;
  request.same_mnt_ns_pids = parts_.processes.living_in(root.mnt_ns, kRootCandidatesMax);
  mnt_namespaces_.insert(root.mnt_ns);
}

void Pipeline::on_hash(std::uint64_t ticket, HashResult result) {
  if (auto module = pending_modules_.extract(ticket)) {
    module.mapped()->hash = std::move(result);
    settle(*module.mapped());
    if (parts_.event_log != nullptr) parts_.event_log->release(ticket);
    return;
  }
  const auto it = pending_.find(ticket);
  if (it == pending_.end()) return;
  const auto what = std::move(it->second);
  pending_.erase(it);
  if (ticket == what.image->last_hash_ticket) what.image->hash_pending = false;
  settle(what, std::move(result));
  if (parts_.event_log != nullptr) parts_.event_log->release(ticket);
}

void Pipeline::on_replayed_digest(ProcessId id, bool script, HashResult result) {
  const auto process = parts_.processes.find(id);
  if (process == nullptr || process->image == nullptr) return;
  auto& exec = process->image->exec;
  if (auto code = interpreted(exec.path, exec.argv, exec.cwd);
      script && !exec.script && result.digests && code && code->origin == CodeOrigin::kFile) {
    exec.script = exec.script_by_argument = true;
    exec.filename = std::move(code->text);
  }
  settle({process, process->image, script ? Content::kScript : Content::kExecutable},
         std::move(result));
}

void Pipeline::settle(const Pending& what, HashResult result) {
  const bool script = what.content == Content::kScript;
  auto& slot = script ? what.image->script_hash : what.image->hash;
  slot = std::move(result);
  auto& exec = what.image->exec;
  if (script && exec.script_by_argument && !slot.digests) {
    // It was none, or it is gone: then the interpreter is all that is known to have run.
    exec.script = exec.script_by_argument = false;
    slot = {};
  }
  if (!script && slot.digests) compare_with_record(parts_.packages, exec, *slot.digests);
  if (exec.script && script && parts_.hashes != nullptr) {
    claim_script(parts_.packages, slot, exec);
    exec.script_image_layer =
        image_layer_of(*what.process, {slot.script.dev, exec.root.root_dev, slot.script.ctime_ns});
  }
  if (parts_.on_digest && settled(slot)) parts_.on_digest(*what.process, script, slot);
  // A script and its interpreter are hashed side by side and an alert shows both: the first waits.
  const bool with_script = has_script(*what.image);
  if (!settled(what.image->hash) || (with_script && !settled(what.image->script_hash))) return;
  conclude({what.process, what.image, Content::kExecutable});
  if (with_script) conclude({what.process, what.image, Content::kScript});
  tell(&Observer::on_program, subject(what.process, what.image));
}

// A replayed line may not say which script it was.
bool Pipeline::has_script(const Image& image) const {
  return image.exec.script && (parts_.hashes != nullptr || image.exec.script_info);
}

void Pipeline::conclude(const Pending& what) {
  const auto& hash = what.content == Content::kScript ? what.image->script_hash : what.image->hash;
  if (hash.digests) {
    judge(what);
  } else if (is_not_captured(hash.miss)) {
    report_not_captured(what);
  }
}

void Pipeline::judge(const Pending& what) {
  const bool script = what.content == Content::kScript;
  const auto& digests = script ? *what.image->script_hash.digests : *what.image->hash.digests;
  auto matches = match_digests(*parts_.indicators.current(), digests,
                               script ? "tocsin.script" : "process.hash", parts_.clock.wall_ns());
  if (matches.empty()) {
    const auto& exec = what.image->exec;
    if (parts_.responder != nullptr && !script && exec.killed)
      parts_.responder->on_innocent(exec.file, exec.path);
    return;
  }
  ++counters_.matches;
  // The answer first: each microsecond counts.
  std::optional<ResponseFacts> response;
  if (parts_.responder != nullptr)
    response =
        parts_.responder->on_content({matches, digests}, *what.process, what.image->exec, !script);
  auto alert = new_alert(AlertKind::kExecHash, what, what.image->exec.head.time_ns);
  alert.response = std::move(response);
  alert.severity = loudest(matches);
  alert.matches = std::move(matches);
  alert.message = alert_message(alert);
  parts_.on_alert(std::move(alert));
}

// Content that nobody could read, because it was gone, replaced or too large: an event of its own,
// never a silent gap.
void Pipeline::report_not_captured(const Pending& what) {
  auto alert = new_alert(AlertKind::kNotCaptured, what, what.image->exec.head.time_ns);
  alert.severity = Severity::kLow;
  alert.weak_because = "nothing is known about the content";
  alert.message = alert_message(alert);
  parts_.on_alert(std::move(alert));
}

// ---- Programs that ran before, or before the indicators did
// ------------------------------------------

bool Pipeline::judge_running(std::size_t budget) {
  while (budget > 0 && !running_.empty()) {
    const auto process = running_.back().lock();
    running_.pop_back();
    if (process == nullptr || process->exited || process->image == nullptr) continue;
    auto& image = *process->image;
    if (image.hash_pending || image.exec.file.ino == 0) continue;
    if (image.hash.digests) {
      if (!judges_known_) continue;
      judge({process, process->image, Content::kExecutable});
      if (image.script_hash.digests) judge({process, process->image, Content::kScript});
    } else {
      obtain_digests(process, /*urgent=*/false);
    }
    --budget;
  }
  return !running_.empty();
}

void Pipeline::rejudge_all() {
  auto index = parts_.indicators.current();
  const bool changed = index != judged_by_;
  judged_by_ = std::move(index);
  if (!changed && !running_.empty()) return;  // a round is under way
  judges_known_ = changed;
  running_ = parts_.processes.living();
  if (changed) rejudge_modules();
}

void Pipeline::tick() {
  const auto now = parts_.clock.boot_ns();
  parts_.processes.expire(now);
  if (parts_.event_log != nullptr) parts_.event_log->expire(now);
  expire_early_modules();
  if (parts_.packets != nullptr) parts_.packets->tick(parts_.clock.wall_ns());
  if (const auto wall = parts_.clock.wall_ns(); wall >= next_name_sweep_) {
    next_name_sweep_ = wall + kNameSweepNs;
    names_.expire(wall);
  }
  if (parts_.hashes != nullptr && now >= next_namespace_sweep_) {
    next_namespace_sweep_ = now + kNamespaceSweepNs;
    forget_ended_namespaces();
  }
}

// A root that is kept open keeps the mounts of a container alive after its last process.
void Pipeline::forget_ended_namespaces() {
  if (mnt_namespaces_.empty()) return;
  std::unordered_set<std::uint32_t> living;
  for (const auto& weak : parts_.processes.living())
    if (const auto process = weak.lock(); process != nullptr && process->image != nullptr)
      living.insert(process->image->exec.root.mnt_ns);
  std::erase_if(mnt_namespaces_, [&](std::uint32_t mnt_ns) {
    if (living.contains(mnt_ns)) return false;
    parts_.hashes->forget_namespace(mnt_ns);
    return true;
  });
}

// ---- Facts
// ------------------------------------------------------------------------------------------

Alert Pipeline::new_alert(AlertKind kind, const Pending& subject, WallNs time_ns) {
  Alert alert;
  alert.kind = kind;
  alert.time_ns = time_ns;
  alert.reported_ns = parts_.clock.wall_ns();
  alert.id = parts_.ids.next(alert.reported_ns);
  alert.loss = parts_.losses.since(time_ns - kJudgedPeriodNs);
  if (subject.process == nullptr) return alert;
  alert.lineage = subjects_.lineage_of(subject.process);
  // By now the process may run something else: the alert is about what it ran then.
  if (!alert.lineage.empty() && subject.process->image != subject.image)
    alert.lineage[0] = subjects_.of_one(*subject.process, subject.image.get());
  if (subject.image != nullptr) {
    auto modules = modules_.of(subject.image->exec, subject.process->id);
    alert.modules = std::move(modules.facts);
    alert.modules_left_out = modules.left_out;
  }
  return alert;
}

}  // namespace tocsin
