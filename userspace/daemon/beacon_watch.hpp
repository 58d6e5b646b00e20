// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "alert/alert.hpp"
#include "alert/alert_id.hpp"
#include "base/clock.hpp"
#include "base/lru_map.hpp"
#include "beacon/beacon_limits.hpp"
#include "beacon/known_programs.hpp"
#include "beacon/table.hpp"
#include "daemon/allow_list.hpp"
#include "daemon/beacon_alerts.hpp"
#include "daemon/held_contacts.hpp"
#include "daemon/loss_ledger.hpp"
#include "daemon/module_ledger.hpp"
#include "daemon/observer.hpp"
#include "daemon/subject_facts.hpp"
#include "extract/suffixes.hpp"
#include "indicators/store.hpp"

namespace tocsin {

// Feeds the beacon engine from what the pipeline tells, and raises what it finds. docs/beacons.md.
class BeaconWatch final : public Observer {
 public:
  struct Parts {
    const Clock& clock;
    CgroupTable& cgroups;
    LossLedger& losses;
    AlertIdSource& ids;
    const IndicatorStore* indicators = nullptr;  // null: no address is weighed by listed names
    PublicSuffixes suffixes;
    BeaconOptions options = {};
    std::function<void(Alert)> on_alert;
    std::function<bool(ProcessId)> is_own = {};  // may be empty
    // The libraries of a program that nothing vouches for; may be empty.
    std::function<ModuleLedger::Modules(const ExecEvent&, ProcessId)> modules_of = {};
    AllowList allowed = {};
    std::string accounts{kAccounts};  // passwd file of the host
  };
  struct Counters {
    std::uint64_t ignored = 0;       // loopback, link-local, multicast, tocsin's own
    std::uint64_t unattributed = 0;  // neither a process nor a local address is known
    std::uint64_t alerts = 0;
  };

  explicit BeaconWatch(Parts parts);

  void on_exec(const Subject& subject) override;
  void on_program(const Subject& subject) override;
  void on_module(const ModuleEvent& event, const Subject& subject, const HashResult& hash) override;
  void on_contact(const ConnectEvent& event, const Subject& subject,
                  std::span<const NameCandidate> names) override;
  void on_contact_result(const ConnectResultEvent& event, const Subject& subject) override;
  void on_close(const CloseEvent& event, const Subject& subject) override;
  void on_dns(const DnsEvent& event, const Subject& subject) override;
  void on_hello(const HelloEvent& event, const Subject& subject) override;

  // The configuration was read again: programs that the site vouches for.
  void set_allowed(std::span<const std::string> texts) { alerts_.set_allowed(texts); }
  // Once a second, and before the first event: coverage begins with it.
  void tick();
  // What still waits is filed and told: at the end of a recording, and before the state is saved.
  void flush();

  // Every key whose B is at least this, most regular first; a row is rendered when it is asked for,
  // and is nothing when its key is gone by then.
  struct Row {
    BeaconTable::Slot slot;
    std::uint64_t identity;
    double score, probability;
  };
  std::vector<Row> rows(double least_score);
  std::optional<std::string> row_json(const Row& row);

  [[nodiscard]] nlohmann::json status() const;
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] BeaconTable& table() { return table_; }
  [[nodiscard]] KnownPrograms& programs() { return programs_; }

 private:
  struct LastContact {
    ConnectEvent connect;
    std::vector<NameCandidate> names;
  };
  // A process that made contacts, and what it ran then.
  struct Contactor {
    std::weak_ptr<Image> image;
    std::weak_ptr<Process> process;
    BeaconSubject subject;
    std::string container;
    struct Command {
      std::string name;
      WallNs at_ns;
    };
    std::vector<Command> recon;  // different look-around commands below it, within a minute
    // The last contact and the best of the names that led to it: null before the first.
    std::shared_ptr<const LastContact> last;
  };
  struct OpenContact {
    BeaconTable::Slot slot;
    std::uint64_t identity;
    WallNs opened_ns;
    // Kept by others: a lost end must not keep a process and all above it.
    std::weak_ptr<Process> process;
    std::weak_ptr<Image> image;
    [[nodiscard]] Subject subject() const { return {process.lock(), image.lock()}; }
  };
  struct FollowUp {
    BeaconKey::Flag what;
    const Process& process;  // that shows it
    WallNs at_ns;
    bool again = false;  // no level is reached for the first time
  };

  void file(const HeldContact& contact);
  Contactor& contactor(const std::shared_ptr<Process>& process,
                       const std::shared_ptr<Image>& image);
  void add_library(const std::string& container, BeaconSubject& subject);
  void ended(const OpenContact& contact, std::optional<std::uint64_t> bytes_out,
             std::optional<std::uint64_t> duration_ns);
  void weigh(BeaconTable::Slot slot, const Subject& subject, const HeldContact* contact);
  bool is_news(BeaconTable::Slot slot, const Assessment& assessment, const Subject& subject,
               WallNs now);
  void mark_long_lived(const OpenContact& contact);
  [[nodiscard]] WallNs scaled(double seconds) const;
  [[nodiscard]] std::string domain_of(const std::string& name) const;
  [[nodiscard]] std::optional<Evidence> indicator_evidence(
      const ConnectEvent& event, std::span<const NameCandidate> names) const;

  // In beacon_follow_up.cpp.
  Contactor* contactor_above(const Subject& subject, bool itself);
  void look_above(const Subject& shell);
  void note_session(const Subject& subject);
  [[nodiscard]] bool is_remote_shell(const ExecEvent& exec, const Process& process,
                                     const Contactor& above);
  [[nodiscard]] bool is_attended(const Contactor& above, const Process& below);
  [[nodiscard]] bool begins_session(const Process& process);
  [[nodiscard]] bool has_session_above(const Process& process);
  [[nodiscard]] std::string person_of(const Process& process, std::uint32_t number) const;
  [[nodiscard]] bool is_logged_in(const Process& process, std::optional<std::uint32_t> who);
  [[nodiscard]] bool is_persons(const Process& process, const ExecEvent& exec);
  [[nodiscard]] bool somebody_is_there(const Process& process, const ExecEvent& exec);
  [[nodiscard]] bool begins_shell(const Process& shell, const Contactor& above) const;
  [[nodiscard]] bool had_shell(const Contactor& above, WallNs now) const;
  std::vector<BeaconTable::Slot> talking(const Contactor& above, WallNs now);
  void note_recon(Contactor& above, const Subject& subject);
  void note_command(const Subject& subject);
  void follow_up(Contactor& above, FollowUp what);
  void note_step(const Contactor& above, IncidentStepKind kind, const Process& process);
  // What it ran when it made its contacts; null: that is gone.
  [[nodiscard]] std::shared_ptr<Image> image_of(const Contactor& above) const;
  // False when the site vouches for the program.
  bool raise(const BeaconFinding& finding, const Subject& subject, const HeldContact* contact,
             const FollowUp* what);
  void tell_contact(Alert& alert, const HeldContact* contact, const BeaconFinding& finding);
  [[nodiscard]] IncidentFacts update_of(const BeaconFinding& finding);

  Parts parts_;
  SubjectFacts facts_;
  KnownPrograms programs_;
  BeaconTable table_;
  HeldContacts held_;
  LruMap<ProcessId, Contactor, ProcessIdHash> contactors_{limits::kContactingProcessesMax};
  LruMap<ConnectionId, OpenContact, ConnectionIdHash> open_{limits::kOpenContactsMax};
  // The same that are open for four hours: told so, and kept for what follows and for their end.
  LruMap<ConnectionId, OpenContact, ConnectionIdHash> long_open_{limits::kLongContactsMax};
  LruMap<BeaconAlerts::Program, WallNs, BeaconAlerts::ProgramHash> libraries_{
      limits::kLibraryProgramsMax};
  LruMap<std::string, std::weak_ptr<Process>> sessions_{limits::kPersonsMax};  // last of a person
  Counters counters_;
  BeaconAlerts alerts_;
};

}  // namespace tocsin
