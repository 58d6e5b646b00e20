// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What happens below a program that made contacts, and what is raised then.
#include <fmt/format.h>

#include <algorithm>

#include "alert/message.hpp"
#include "base/percent.hpp"
#include "base/text.hpp"
#include "beacon/command_line.hpp"
#include "beacon/program_facts.hpp"
#include "daemon/beacon_subject.hpp"
#include "daemon/beacon_watch.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kDescentMax = 8;  // generations between a program and what follows below it
constexpr double kReconS = 60;
constexpr std::size_t kReconLeast = 3;
constexpr double kFirstCommandS = 86'400;  // before that nothing is a habit
constexpr double kShellStoryS = 86'400;
constexpr std::size_t kPathBytesShown = 256;
constexpr std::size_t kModulesShown = 3;

Severity severity_of(BeaconLevel level) {
  if (level == BeaconLevel::kCritical) return Severity::kCritical;
  return level == BeaconLevel::kAlert ? Severity::kHigh : Severity::kLow;
}

// A connection of a line, whose end nobody told; the kernel tells every end.
constexpr double kStillOpenS = 12 * 3'600;

// A shell that may be talked to through what an ancestor holds. One that was given its command, or
// a script, is not: but on a network's socket, which nobody's pipe is. Of a local one that cannot
// be said, Node, Bun and libuv give their children pairs of them; lines may not tell which it is.
bool may_be_remote(const ExecEvent& exec, const Process& process) {
  if (exec.stdio[0] == Stdio::kInetSocket) return is_shell(exec.path, exec.argv);
  const bool interactive = is_interactive_shell(exec.path, exec.argv);
  const bool untold = exec.stdio[0] == Stdio::kUnknown && !exec.tty.empty();
  if (exec.stdio[0] == Stdio::kPty || untold) return interactive;
  if (!is_socket(exec.stdio[0])) return false;
  if (interactive) return true;
  if (exec.stdio[0] == Stdio::kUnixSocket || !is_shell_command(exec.path, exec.argv)) return false;
  const auto* by = process.parent == nullptr ? nullptr : process.parent->image.get();
  return by == nullptr || !gives_socket_pairs(by->exec.path);
}

constexpr std::uint32_t kInit = 1;

// sshd asks for names, too.
bool is_login_itself(const BeaconSubject& subject) {
  return is_login(subject.path) && !subject.image.has(Evidence::kAltered) &&
         !subject.image.has(Evidence::kUnowned);
}

// What an install hook started, or runs from memory or a temporary folder, is no tool that a person
// opens terminals in, however much they are there.
bool is_nobodys_tool(const BeaconSubject& subject) {
  return subject.lineage.has(Evidence::kInstallHook) || subject.image.has(Evidence::kTempFolder) ||
         subject.image.has(Evidence::kMemoryOrDeleted);
}

std::optional<std::uint32_t> person(const ExecEvent& exec) {
  return exec.login_uid && *exec.login_uid != UINT32_MAX ? exec.login_uid : exec.uid;
}

IncidentStepKind step_of(BeaconKey::Flag what) {
  if (what == BeaconKey::kShell) return IncidentStepKind::kShell;
  if (what == BeaconKey::kFirstCommand) return IncidentStepKind::kFirstCommand;
  return what == BeaconKey::kRecon ? IncidentStepKind::kRecon : IncidentStepKind::kDropped;
}

// Of the file, or of the script that is the program; nullopt: not known.
std::optional<std::int64_t> changed_ns(const Image& image, SubjectKind kind) {
  const auto ctime =
      kind == SubjectKind::kScript ? image.script_hash.script.ctime_ns : image.exec.file.ctime_ns;
  return ctime != 0 ? std::optional(ctime) : std::nullopt;
}

// Since when a shell below the program is no news by itself.
std::string told_before(const BeaconFinding& finding) {
  constexpr auto kIndex = static_cast<std::size_t>(BeaconLevel::kAlert) - 1;
  return fmt::format("; a new shell below what was told first at {}",
                     format_time_utc(finding.crossed_ns[kIndex]));
}

// Ends where BeaconAlerts goes on with what ran below the program.
std::string beacon_message(const BeaconFinding& finding, const Alert& alert, bool again) {
  std::string out = finding.subject_path.empty() ? "an unknown program"
                                                 : printable(finding.subject_path, kPathBytesShown);
  out += ' ' + beacon_story(finding);
  if (again) out += told_before(finding);
  if (alert.incident && alert.incident->updated_ns)
    out += fmt::format("; updated {}", format_time_utc(*alert.incident->updated_ns));
  for (std::size_t i = 0; i < std::min(alert.modules.size(), kModulesShown); ++i)
    out += fmt::format("; maps {}", printable(alert.modules[i].path, kPathBytesShown));
  const auto more = alert.modules.size() - std::min(alert.modules.size(), kModulesShown);
  if (more > 0) out += fmt::format(" and {} more libraries", more);
  return out + fmt::format("; {} likely", whole_percent(finding.fusion.probability));
}

bool is_file(SubjectKind kind) {
  return kind == SubjectKind::kContent || kind == SubjectKind::kFile;
}

std::string shown_command(const ExecEvent& exec) {
  std::string out;
  for (const auto& arg : exec.argv) out += (out.empty() ? "" : " ") + arg;
  return printable(out.empty() ? exec.path : out, 120);
}

}  // namespace

// A person's session begins there; not where something that makes contacts has started the login
// program, or has become it: that gives its far end a session.
bool BeaconWatch::begins_session(const Process& process) {
  if (process.image == nullptr || !is_login(process.image->exec.path) ||
      !lets_people_in(*process.image, facts_.container_of(process)))
    return false;
  const Process* at = &process;
  for (std::size_t depth = 0; at != nullptr && at->id.pid != kInit && depth < kDescentMax;
       ++depth) {
    const auto* known = contactors_.find(at->id);
    if (known != nullptr && !is_login_itself(known->subject)) return false;
    at = at->parent.get();
  }
  return true;
}

bool BeaconWatch::has_session_above(const Process& process) {
  for (const auto* at = process.parent.get(); at != nullptr; at = at->parent.get())
    if (begins_session(*at)) return true;
  return false;
}

// A login begins a story of its own, and what a container's runtime starts in a container is not
// the runtime's.
BeaconWatch::Contactor* BeaconWatch::contactor_above(const Subject& subject, bool itself) {
  if (contactors_.empty()) return nullptr;
  const Process* at = itself ? subject.process.get() : subject.process->parent.get();
  for (std::size_t depth = 0; at != nullptr && depth < kDescentMax; ++depth) {
    if (at != subject.process.get() && begins_session(*at)) return nullptr;
    auto* found = contactors_.find(at->id);
    if (found != nullptr && !is_login_itself(found->subject)) {
      const bool enters =
          found->container.empty() && !facts_.container_of(*subject.process).empty();
      return enters ? nullptr : found;
    }
    at = at->parent.get();
  }
  return nullptr;
}

// A shell may come before the name that the contact waits for, and below another process than the
// one that called: a worker forked for that, or the run before this one.
void BeaconWatch::look_above(const Subject& shell) {
  std::vector<ProcessId> above;
  for (auto at = shell.process; at != nullptr && above.size() < kDescentMax; at = at->parent) {
    above.push_back(at->id);
    if (at == shell.process || at->image == nullptr || contactors_.find(at->id) != nullptr)
      continue;
    if (is_shell(at->image->exec.path, at->image->exec.argv)) continue;  // many run the same one
    const auto by = beacon_subject(at, *at->image, facts_.container_of(*at));
    if (table_.find_subject(by.id) != nullptr) contactor(at, at->image);
  }
  held_.hurry(above);
}

void BeaconWatch::note_session(const Subject& subject) {
  const auto& parent = subject.process->parent;
  if (parent == nullptr || !begins_session(*parent) || begins_session(*subject.process)) return;
  if (const auto who = person(subject.image->exec))
    sessions_.get(person_of(*subject.process, *who), [](const auto&, const auto&) {}) =
        subject.process;
}

// A number means another person in each container.
std::string BeaconWatch::person_of(const Process& process, std::uint32_t number) const {
  return fmt::format("{}/{}", facts_.container_of(process), number);
}

// What gave the session may have made its first contact since.
bool BeaconWatch::is_logged_in(const Process& process, std::optional<std::uint32_t> who) {
  const auto* session = who ? sessions_.find(person_of(process, *who)) : nullptr;
  const auto last = session == nullptr ? nullptr : session->lock();
  return last != nullptr && !last->exited && last->parent != nullptr &&
         begins_session(*last->parent);
}

// The session that the program was started in goes on, or the same person has another.
bool BeaconWatch::somebody_is_there(const Process& process, const ExecEvent& exec) {
  const Process* below = &process;
  for (const auto* at = process.parent.get(); at != nullptr; at = at->parent.get()) {
    if (begins_session(*at) && !below->exited) return true;
    below = at;
  }
  return is_logged_in(process, person(exec));
}

// The kernel's login id says that a login began it, that person is there, and the way up to the
// login is lost, as a daemon's is. Where the way leads to cron or a unit instead, those began it,
// whatever terminal and login id they gave it.
bool BeaconWatch::is_persons(const Process& process, const ExecEvent& exec) {
  if (!exec.login_uid || *exec.login_uid == UINT32_MAX || !is_logged_in(process, exec.login_uid))
    return false;
  const Process* at = &process;
  for (;;) {
    const auto* parent = at->parent.get();
    if (parent == nullptr || parent->image == nullptr || parent->id.pid == kInit) return true;
    // A terminal's server from before the daemon: a user's systemd adopts what lost its parent.
    if (is_scheduler(parent->image->exec.path))
      return base_name(parent->image->exec.path) == "systemd" && at->image != nullptr &&
             at->image->from_procfs;
    at = parent;
  }
}

// A person who is logged in opens terminals in what they started: editors do so all day.
bool BeaconWatch::is_remote_shell(const ExecEvent& exec, const Process& process,
                                  const Contactor& above) {
  if (is_socket(exec.stdio[0])) return true;
  const auto ancestor = above.image.lock();
  if (ancestor != nullptr && !exec.tty.empty() && ancestor->exec.tty == exec.tty) return false;
  return is_nobodys_tool(above.subject) || !is_attended(above, process);
}

// A person who is logged in started the program, and uses it.
bool BeaconWatch::is_attended(const Contactor& above, const Process& below) {
  return above.subject.lineage.has(Evidence::kLogin) && somebody_is_there(below, below.image->exec);
}

void BeaconWatch::on_exec(const Subject& subject) {
  const auto& exec = subject.image->exec;
  if (is_shell_command(exec.path, exec.argv)) note_command(subject);
  const bool shell = may_be_remote(exec, *subject.process);
  if (shell) look_above(subject);  // first: who calls gives nobody a session
  note_session(subject);
  // The process itself counts, too: it may have become a shell.
  auto* above = contactor_above(subject, /*itself=*/true);
  if (above == nullptr) return;
  if (shell && is_remote_shell(exec, *subject.process, *above))
    follow_up(*above, {BeaconKey::kShell, *subject.process, exec.head.time_ns});
  else if (alerts_.in_incident({above->subject.id, above->container}))
    note_step(*above, IncidentStepKind::kCommand, *subject.process);
  if (is_recon(exec.path)) note_recon(*above, subject);
}

// Agents look around all the time, from their first hour: what tells is that it is done by hand, or
// by a program that never did.
void BeaconWatch::note_recon(Contactor& above, const Subject& subject) {
  const auto& exec = subject.image->exec;
  const auto now = exec.head.time_ns;
  auto& recon = above.recon;
  std::erase_if(recon, [&](const auto& c) { return now - c.at_ns > scaled(kReconS); });
  const std::string name(base_name(exec.path));
  if (std::ranges::find(recon, name, &Contactor::Command::name) == recon.end())
    recon.push_back({name, now});
  if (recon.size() < kReconLeast) return;
  recon.clear();
  auto* known = programs_.find(above.subject.id);
  const bool habit = known == nullptr || std::exchange(known->looked_around, true) ||
                     now - known->seen_ns < scaled(kFirstCommandS);
  const bool by_hand = had_shell(above, now);
  if (by_hand || (!habit && !is_attended(above, *subject.process)))
    follow_up(above, {BeaconKey::kRecon, *subject.process, now});
}

// "sh -c" below a program that is long known and never had one.
void BeaconWatch::note_command(const Subject& subject) {
  const auto& parent = subject.process->parent;
  if (parent == nullptr || parent->image == nullptr || !is_settled(*parent->image)) return;
  const auto by = beacon_subject(parent, *parent->image, facts_.container_of(*parent));
  auto* known = programs_.find(by.id);
  if (known == nullptr || std::exchange(known->ran_command, true)) return;
  const auto now = subject.image->exec.head.time_ns;
  if (now - known->seen_ns < scaled(kFirstCommandS)) return;
  if (auto* above = contactors_.find(parent->id); above != nullptr && above->subject.id == by.id)
    follow_up(*above, {BeaconKey::kFirstCommand, *subject.process, now});
}

void BeaconWatch::on_program(const Subject& subject) {
  const auto& image = *subject.image;
  const auto container = facts_.container_of(*subject.process);
  auto program = beacon_subject(subject.process, image, container);
  const auto now = image.from_procfs ? parts_.clock.wall_ns() : image.exec.head.time_ns;
  // Only a content has a place that can get another; a command line is no file.
  const bool is_content =
      program.kind == SubjectKind::kContent || program.kind == SubjectKind::kScript;
  programs_.see({.id = program.id,
                 .container = container,
                 .path = is_content && !image.exec.memfd ? program.path : std::string(),
                 .ctime_ns = changed_ns(image, program.kind),
                 .ran_before = image.from_procfs,
                 .now_ns = now});
  programs_.tell(container, program);
  // Described anew at its next contact: the digest is part of its identity.
  if (auto* known = contactors_.find(subject.process->id)) known->image.reset();
  if (!program.image.has(Evidence::kUnowned) || program.appeared_ns != now) return;
  auto* above = contactor_above(subject, /*itself=*/false);
  if (above == nullptr || above->subject.id == program.id) return;
  if (!is_attended(*above, *subject.process) || had_shell(*above, now))
    follow_up(*above, {BeaconKey::kDropped, *subject.process, now});
}

void BeaconWatch::note_step(const Contactor& above, IncidentStepKind kind, const Process& process) {
  if (process.image == nullptr) return;
  const auto& exec = process.image->exec;
  alerts_.note({above.subject.id, above.container},
               {exec.head.time_ns, kind, shown_command(exec), process.id});
}

// An end may have been lost: once the process is gone only a fork of it, which shares its image,
// can talk on; another run of the program cannot.
std::vector<BeaconTable::Slot> BeaconWatch::talking(const Contactor& above, WallNs now) {
  std::vector<BeaconTable::Slot> out;
  const auto image = image_of(above);
  for (auto* contacts : {&open_, &long_open_}) {
    std::vector<ConnectionId> over;
    contacts->for_each([&](const ConnectionId& id, const OpenContact& open) {
      const auto [process, ran] = std::pair(open.process.lock(), open.image.lock());
      const bool runs = process != nullptr && !process->exited;
      if (!runs && ran == nullptr) return over.push_back(id);
      const bool still =
          (runs || ran == image) && (id.cookie != 0 || now - open.opened_ns < scaled(kStillOpenS));
      if (still && table_.holds(open.slot, open.identity)) out.push_back(open.slot);
    });
    for (const auto& id : over) contacts->erase(id);
  }
  return out;
}

// What a shell starts within the day is part of that shell's story. Later it counts by itself: one
// that is kept open for ever excuses nothing.
bool BeaconWatch::begins_shell(const Process& shell, const Contactor& above) const {
  const auto caller = above.process.lock();
  const Process* at = &shell;
  for (std::size_t depth = 0; at != caller.get() && depth < kDescentMax; ++depth) {
    at = at->parent.get();
    if (at == nullptr) return true;
    if (at == caller.get() || at->image == nullptr) continue;
    const auto age = shell.image->exec.head.time_ns - at->image->exec.head.time_ns;
    if (age < scaled(kShellStoryS) && may_be_remote(at->image->exec, *at)) return false;
  }
  return true;
}

bool BeaconWatch::had_shell(const Contactor& above, WallNs now) const {
  return table_.followed_by({above.subject, above.container, BeaconKey::kShell, now});
}

// Several destinations of one program may reach a level by it: one incident, told of the likeliest.
// A shell is told also through what has reached its level long ago: BeaconAlerts sees to it that
// this is once a day.
void BeaconWatch::follow_up(Contactor& above, FollowUp what) {
  note_step(above, step_of(what.what), what.process);
  const bool shell = what.what == BeaconKey::kShell;
  const bool anew = shell && begins_shell(what.process, above);
  const Subject by{above.process.lock(), image_of(above)};
  const auto open = shell ? talking(above, what.at_ns) : std::vector<BeaconTable::Slot>();
  std::optional<BeaconFinding> first, known;
  std::vector<BeaconTable::Slot> through;
  for (const auto slot :
       table_.follow_up({above.subject, above.container, what.what, what.at_ns}, open)) {
    const auto assessment = table_.assess(slot, what.at_ns);
    const bool news = is_news(slot, assessment, by, what.at_ns);
    if (!news && !(anew && table_.level(slot, assessment) >= BeaconLevel::kAlert)) continue;
    through.push_back(slot);
    auto& likeliest = news ? first : known;
    if (!likeliest || assessment.fusion.probability > likeliest->fusion.probability)
      likeliest = table_.finding(slot, assessment);
  }
  if (!first && !known) return;
  what.again = !first || (known && first->fusion.level < BeaconLevel::kAlert);
  const bool told = raise(what.again ? *known : *first, by, nullptr, &what);
  for (const auto slot : through) table_.note_told(slot, told);
}

// It may have executed something else since, which did nothing of this and vouches for nothing.
std::shared_ptr<Image> BeaconWatch::image_of(const Contactor& above) const {
  if (auto known = above.image.lock()) return known;
  const auto process = above.process.lock();
  if (process == nullptr || process->image == nullptr) return nullptr;
  const auto now = beacon_subject(process, *process->image, above.container);
  return now.id == above.subject.id ? process->image : nullptr;
}

bool BeaconWatch::raise(const BeaconFinding& finding, const Subject& subject,
                        const HeldContact* contact, const FollowUp* what) {
  const auto followed =
      finding.fusion.contribution[static_cast<std::size_t>(EvidenceGroup::kFollowUp)];
  Alert alert;
  alert.kind = followed > 0 ? AlertKind::kIncident : AlertKind::kBeacon;
  alert.severity = severity_of(finding.fusion.level);
  alert.time_ns = what != nullptr ? what->at_ns : finding.last_ns;
  alert.reported_ns = parts_.clock.wall_ns();
  alert.id = parts_.ids.next(alert.reported_ns);
  alert.loss = parts_.losses.since(finding.first_ns);
  if (subject.process != nullptr) {
    alert.lineage = facts_.lineage_of(subject.process);
    if (!alert.lineage.empty() && subject.process->image != subject.image) {
      alert.lineage[0] = facts_.of_one(*subject.process, subject.image.get());
      if (subject.image == nullptr && is_file(finding.subject_kind))
        alert.lineage[0].path = finding.subject_path;
    }
  }
  if (subject.image != nullptr && parts_.modules_of) {
    auto modules = parts_.modules_of(subject.image->exec, subject.process->id);
    alert.modules = std::move(modules.facts);
    alert.modules_left_out = modules.left_out;
  }
  tell_contact(alert, contact, finding);
  if (alert.kind == AlertKind::kIncident) alert.incident = update_of(finding);
  alert.message = beacon_message(finding, alert, what != nullptr && what->again);
  alert.beacon = finding;
  return alerts_.add(std::move(alert));
}

// The contact that is told: the one at hand, else the last of the process that went there.
void BeaconWatch::tell_contact(Alert& alert, const HeldContact* contact,
                               const BeaconFinding& finding) {
  if (contact != nullptr && contact->kind == ContactKind::kConnect) {
    alert.connect = contact->connect;
    alert.names = contact->names;
  } else if (!alert.lineage.empty()) {
    const auto* who = contactors_.find(alert.lineage[0].id);
    if (who == nullptr || who->last == nullptr) return;
    if (who->last->connect.host != finding.destination) return;
    alert.connect = who->last->connect;
    alert.names = who->last->names;
  }
}

IncidentFacts BeaconWatch::update_of(const BeaconFinding& finding) {
  BeaconSubject program;
  program.id = finding.subject_id;
  program.path = finding.subject_path;
  programs_.tell(finding.container, program);
  IncidentFacts out;
  if (program.changed_ns == 0) return out;
  out.updated_ns = program.changed_ns;
  out.before = program.before;
  return out;
}

}  // namespace tocsin
