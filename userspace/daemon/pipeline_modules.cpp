// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Libraries: who mapped them, whose they are, what they contain.
#include <utility>

#include "alert/message.hpp"
#include "beacon/program_facts.hpp"
#include "daemon/module_limits.hpp"
#include "daemon/package_claim.hpp"
#include "daemon/pipeline.hpp"
#include "detect/indicator_match.hpp"

namespace tocsin {
namespace {

// A package's library is read only when its file is younger than this.
constexpr WallNs kRecentNs = 30 * 24 * 3600 * kNsPerSecond;
// The exec event of a program follows the mapping of its dynamic loader within microseconds.
constexpr WallNs kEarlyNs = kNsPerSecond;

bool is_recent(const ModuleEvent& event) {
  const auto& file = event.file;
  return std::max(file.ctime_ns, file.mtime_ns) > event.head.time_ns - kRecentNs;
}

// A package's path on another device than the root may be a file that was mounted over it.
bool wants_digest(const ModuleEvent& event) {
  return event.killed || event.packaged != true || event.file.dev != event.root.root_dev ||
         is_recent(event);
}

// By a package whose files nobody but the distribution changes. A vendor's package is no word for
// what the vendor's last update brought.
bool is_vouched_for(const ModuleEvent& event) {
  if (event.packaged != true || event.package_intact == false) return false;
  return in_system_folder(event.path) || !is_recent(event);
}

bool belongs_to(const ModuleEvent& event, const Image& image) {
  const auto& file = image.exec.file;
  return event.program_ino == 0 || file.ino == 0 ||
         (event.program_ino == file.ino &&
          (image.from_procfs || event.program_dev == file.dev));  // stat says another one on btrfs
}

}  // namespace

void Pipeline::handle(ModuleEvent& event) {
  ++counters_.module;
  const auto subject = subject_of(event.head);
  if (subject.image == nullptr || belongs_to(event, *subject.image))
    return take_module(std::move(event), subject);
  if (early_modules_.size() >= limits::kEarlyModulesMax) tell_early_modules(INT64_MAX);
  early_modules_.push_back(std::move(event));
}

void Pipeline::take_early_modules(const Subject& subject) {
  for (auto it = early_modules_.begin(); it != early_modules_.end();) {
    if (it->head.process != subject.process->id || !belongs_to(*it, *subject.image)) {
      ++it;
      continue;
    }
    auto event = std::move(*it);
    it = early_modules_.erase(it);
    take_module(std::move(event), subject);
  }
}

// Their exec event was lost: who mapped them is known, but not what it ran.
void Pipeline::tell_early_modules(WallNs before_ns) {
  std::vector<ModuleEvent> waited;
  std::swap(waited, early_modules_);
  for (auto& event : waited) {
    if (event.head.time_ns >= before_ns) {
      early_modules_.push_back(std::move(event));
      continue;
    }
    auto process = parts_.processes.of(event.head);
    take_module(std::move(event), subject(std::move(process), nullptr));
  }
}

void Pipeline::expire_early_modules() {
  if (!early_modules_.empty()) tell_early_modules(parts_.clock.wall_ns() - kEarlyNs);
}

void Pipeline::take_module(ModuleEvent event, Subject subject) {
  claim_owner(parts_.packages, event);
  auto module = std::make_shared<SeenModule>(SeenModule{std::move(event), std::move(subject), {}});
  const auto& seen = module->event;
  if (parts_.hashes == nullptr) {
    if (seen.sha256) {
      module->hash.digests = FileDigests{*seen.sha256, std::nullopt, std::nullopt};
      module->hash.rung = HashRung::kReplay;
    } else {
      module->hash.miss = HashMiss::kUnknownFile;
    }
  } else if (wants_digest(seen)) {
    auto submitted = parts_.hashes->submit(request_for(seen));
    if (!submitted.result) {
      // A contact may come before the digest: its alert shall name the library.
      if (seen.packaged != true) remember(*module);
      pending_modules_.emplace(submitted.ticket, module);
      return publish_module(module, submitted.ticket);
    }
    module->hash = std::move(*submitted.result);
  }
  settle(*module);
  publish_module(module, 0);
}

HashRequest Pipeline::request_for(const ModuleEvent& event) {
  HashRequest request;
  request.kind = HashRequest::Kind::kModule;
  request.file = event.file;
  request.path = event.path;
  request.process = event.head.process;
  request.exec_time_ns = event.head.time_ns;
  request.memfd = event.memfd;
  request.unlinked = event.file.nlink == 0;
  request.needs = needs_for_record(parts_.packages, event);
  lead_to_root(request, event.root);
  return request;
}

void Pipeline::settle(SeenModule& module) {
  auto& event = module.event;
  if (module.hash.digests) {
    event.sha256 = module.hash.digests->sha256;
    compare_with_record(parts_.packages, event, *module.hash.digests);
  }
  if (!is_vouched_for(event)) remember(module);
  if (module.hash.digests) {
    ModuleLedger::Mapped mapped{facts_of(module), event.head.process, event.head.time_ns,
                                event.file,       event.killed,       event.kill_rehearsed};
    raise_module(mapped, module.subject);
    mapped.killed = mapped.kill_rehearsed = false;  // that was this time
    modules_.add_content(std::move(mapped));
  }
  tell(&Observer::on_module, event, module.subject, module.hash);
}

void Pipeline::remember(const SeenModule& module) {
  if (module.subject.image == nullptr) return;
  modules_.add(module.subject.image->exec, module.event.head.process, facts_of(module));
}

ModuleFacts Pipeline::facts_of(const SeenModule& module) {
  const auto& event = module.event;
  return {.path = event.path,
          .hash = module.hash,
          .package = package_facts_of(event),
          .memfd = event.memfd,
          .own = true};
}

ModuleLedger::Modules Pipeline::modules_of(const ExecEvent& program, ProcessId process) {
  return modules_.of(program, process);
}

// What is mapped now may have become known bad.
void Pipeline::rejudge_modules() {
  modules_.for_each_content([this](const ModuleLedger::Mapped& mapped) {
    auto process = parts_.processes.find(mapped.process);
    if (process == nullptr || process->exited) return;
    auto image = process->image;
    raise_module(mapped, subject(std::move(process), std::move(image)));
  });
}

void Pipeline::raise_module(const ModuleLedger::Mapped& mapped, const Subject& subject) {
  auto matches = match_digests(*parts_.indicators.current(), *mapped.facts.hash.digests, "dll.hash",
                               parts_.clock.wall_ns());
  if (matches.empty()) {
    if (parts_.responder != nullptr && mapped.killed)
      parts_.responder->on_innocent(mapped.file, mapped.facts.path);
    return;
  }
  ++counters_.matches;
  auto alert = new_alert(AlertKind::kModuleHash,
                         {subject.process, subject.image, Content::kExecutable}, mapped.at_ns);
  if (parts_.responder != nullptr)
    alert.response = parts_.responder->on_library({matches, *mapped.facts.hash.digests},
                                                  subject.process.get(), mapped);
  alert.severity = loudest(matches);
  alert.matches = std::move(matches);
  alert.module = mapped.facts;
  alert.message = alert_message(alert);
  parts_.on_alert(std::move(alert));
}

void Pipeline::publish_module(const std::shared_ptr<const SeenModule>& module,
                              std::uint64_t ticket) {
  if (parts_.event_log == nullptr || !parts_.event_log->wanted("module")) return;
  auto render = [this, module] {
    EventExtras extras;
    extras.boot_epoch_ns = boot_epoch_ns(parts_.clock);
    if (module->subject.process != nullptr) add_container(*module->subject.process, extras);
    extras.hash = &module->hash;
    return to_json(module->event, extras);
  };
  if (ticket == 0) {
    parts_.event_log->add("module", std::move(render));
  } else {
    parts_.event_log->add_held("module", ticket, parts_.clock.boot_ns(), std::move(render));
  }
}

}  // namespace tocsin
