// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/ip_address.hpp"
#include "base/process_id.hpp"
#include "event/event_head.hpp"
#include "event/file_identity.hpp"
#include "event/name_event.hpp"
#include "event/stdio.hpp"

// What later stages see: owned, checked values, made by decode.cpp and read_event_json.cpp only. An
// absent optional is "unknown", never zero.
namespace tocsin {

// The root directory a process sees, in its mount namespace: where a path of its has its meaning.
struct RootIdentity {
  std::uint64_t mnt_ns_id = 0;  // unique id where the kernel has one, else the inode number
  std::uint32_t mnt_ns = 0;     // inode number of the namespace
  std::uint64_t root_ino = 0;
  std::uint32_t root_dev = 0;
  friend bool operator==(const RootIdentity&, const RootIdentity&) = default;
};

// What the host's package databases say about a file.
struct PackageFacts {
  std::optional<bool> packaged;  // whether a package owns it; nullopt: unknown
  std::string name, version, manager;
  std::optional<bool> intact;  // whether the content is what the package brought
};

struct ForkEvent {
  EventHead head;  // the child
  ProcessId parent;
};

struct ScriptInfo {
  std::string path;
  std::optional<Sha256> sha256;
};

struct ExecEvent {
  EventHead head;
  ProcessId parent;
  FileIdentity file;  // ino 0: unknown (JSON lines do not carry it)
  RootIdentity root;
  std::string path;  // of the file executed, inside the process's root
  bool path_cut = false;
  bool path_disconnected = false;  // not below the process's root: path is what the walk could find
  std::string filename;            // as given to execve; for a script the script
  std::string interpreter;         // script only
  std::vector<std::string> argv;
  bool argv_cut = false;
  std::string cwd;
  std::string comm;
  std::string tty;
  std::optional<std::uint32_t> uid, gid, euid, egid;
  std::optional<std::uint32_t> login_uid, session_id;
  std::uint32_t pid_ns = 0, net_ns = 0, ns_pid = 0;  // 0: unknown
  std::array<Stdio, 3> stdio{};
  bool script = false;  // filename is one: by its first line, or as the interpreter's argument
  bool script_by_argument = false;  // found on the command line by the pipeline, not by the kernel
  bool memfd = false;
  bool unlinked = false;
  bool secure = false;                          // set-uid, set-gid or file capabilities took effect
  bool by_fd = false;                           // fexecve / execveat on a descriptor
  bool first_seen = false;                      // new to the kernel side's table of recent files
  bool killed = false, kill_rehearsed = false;  // in the exec hook: a known bad file

  // Digest that came with the event: from the kernel's IMA, or from a replayed JSON line.
  std::optional<Sha256> sha256;
  bool sha256_from_ima = false;
  // The package that owns the file, and whether its content is what the package brought. packaged:
  // whether any owns it.
  std::string package, package_version, package_manager;
  std::optional<bool> packaged, package_intact;
  PackageFacts script_package;  // of the script
  // Whether the file, or the script, was in the container before it started; false: written since.
  // nullopt: on the host, or not known.
  std::optional<bool> image_layer, script_image_layer;
  // From replayed lines only.
  std::optional<ScriptInfo> script_info;
  std::string container;
};

struct ExitEvent {
  EventHead head;
  std::optional<std::int32_t> exit_code;  // wait(2) status
};

struct ModuleEvent {  // a library mapped executable
  EventHead head;
  FileIdentity file;
  RootIdentity root;
  // The program that mapped it, as far as the kernel names it; 0: unknown. The dynamic loader is
  // mapped before the exec event of its program comes.
  std::uint64_t program_ino = 0;
  std::uint32_t program_dev = 0;
  std::string path;                                  // inside the process's root
  bool path_cut = false, path_disconnected = false;  // as in ExecEvent
  bool memfd = false;
  bool killed = false, kill_rehearsed = false;  // as it was mapped: a known bad file
  std::optional<Sha256> sha256;                 // from a replayed line
  std::string package, package_version, package_manager;
  std::optional<bool> packaged, package_intact;
};

struct RefusedEvent {  // a file that was not executed or mapped, for its content
  EventHead head;      // the process that tried: it still runs what it ran
  FileIdentity file;
  Sha256 sha256;
  std::string path;           // inside the process's root
  bool library = false;       // mapped; else executed
  bool rehearsed = false;     // dry run: it went on
  bool known = false;         // by the verdict about the unchanged file
  std::uint64_t took_ns = 0;  // from the hook's begin to its answer
};

enum class ConnectResult : std::uint8_t {
  kUnknown,
  kOk,
  kRefused,
  kTimeout,
  kUnreachable,
  kInProgress,
  kDenied,
  kOtherError
};

// One attempt. result is kInProgress when the attempt is announced; ConnectResultEvent brings the
// outcome of a TCP attempt under the same cookie. A datagram peer has no outcome (kUnknown).
struct ConnectEvent {
  EventHead head;
  std::uint64_t cookie = 0;               // 0 in replays of JSON lines
  Endpoint remote;                        // as asked for
  std::uint8_t protocol = 0;              // IPPROTO_*
  bool datagram = false, mapped = false;  // unconnected UDP send; asked for as v4-mapped IPv6
  std::uint32_t net_ns = 0;
  std::optional<std::uint32_t> uid;
  std::string comm;
  ConnectResult result = ConnectResult::kInProgress;
  // The best name for the remote address, by the names stage or from a replayed line.
  std::string host, host_source;
  std::optional<std::uint64_t> host_age_ns;
  bool host_stale = false;         // older than its TTL allows
  std::uint64_t host_sharing = 0;  // names this address has had; 0: unknown
  Endpoint local = {};             // capture files only; port 0: unknown
  bool rehearsed = false;          // would have been refused: dry run
  bool isolated = false;           // refused by an isolation, not for its address
};

struct ConnectResultEvent {
  EventHead head;
  std::uint64_t cookie = 0;
  Endpoint local, remote;  // remote as the kernel uses it
  ConnectResult result = ConnectResult::kUnknown;
  std::int32_t error = 0;
  std::uint64_t took_ns = 0;
};

struct CloseEvent {
  EventHead head;
  std::uint64_t cookie = 0;
  Endpoint local, remote;
  std::optional<std::uint64_t> bytes_out, bytes_in;
  std::optional<std::uint64_t> duration_ns;
};

struct CgroupEvent {  // a control group was made
  EventHead head;     // cgroup_id is the new one
  std::uint32_t hierarchy = 0;
  std::string path;
};

struct LossEvent {  // something was lost at a stage: "ring/exec", "hash/queue", …
  WallNs time_ns = 0;
  std::string stage;
  std::uint64_t count = 0;
};

using Event = std::variant<ForkEvent, ExecEvent, ExitEvent, ModuleEvent, ConnectEvent,
                           ConnectResultEvent, CloseEvent, CgroupEvent, PacketEvent, DnsEvent,
                           HelloEvent, LossEvent, RefusedEvent>;

}  // namespace tocsin
