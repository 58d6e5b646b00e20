// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "event/decode.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/limits.hpp"
#include "tocsin_wire.h"

namespace tocsin {
namespace {

using Bytes = std::span<const std::byte>;

// Copies the fixed part out: wire bytes have no alignment promise.
template <typename T>
Result<T> fixed_part(Bytes bytes) {
  if (bytes.size() < sizeof(T))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("size {} is below the fixed part of {}", bytes.size(), sizeof(T)));
  T out;
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

std::string fixed_string(const char* data, std::size_t capacity) {
  return std::string(data, strnlen(data, capacity));
}

std::int64_t to_ns(std::int64_t seconds, std::uint32_t nanoseconds) {
  // A hostile recording may hold any number; clamp instead of overflowing.
  constexpr std::int64_t kMaxSeconds = INT64_MAX / kNsPerSecond - 1;
  return std::clamp(seconds, -kMaxSeconds, kMaxSeconds) * kNsPerSecond +
         std::min<std::int64_t>(nanoseconds, kNsPerSecond - 1);
}

EventHead head_of(const tw_header& h, WallNs boot_epoch_ns) {
  EventHead head;
  head.time_ns = static_cast<WallNs>(h.boot_ns + static_cast<std::uint64_t>(boot_epoch_ns));
  head.process = {h.pid, h.start_ns};
  head.cgroup_id = h.cgroup_id;
  return head;
}

std::optional<std::uint32_t> unless_unset(std::uint32_t id) {
  if (id == UINT32_MAX) return std::nullopt;
  return id;
}

FileIdentity file_of(const tw_file& f) {
  return {.dev = f.dev,
          .ino = f.ino,
          .size = f.size,
          .ctime_ns = to_ns(f.ctime_s, f.ctime_ns),
          .mtime_ns = to_ns(f.mtime_s, f.mtime_ns),
          .nlink = f.nlink,
          .mode = f.mode,
          .generation = f.generation,
          .mount_id = f.mount_id,
          .owner_uid = f.owner_uid,
          .fs_magic = f.fs_magic};
}

// "true\0bin\0usr\0" -> "/usr/bin/true". A cut walk does not reach the root: marked by "…".
std::string path_of(std::string_view components, bool cut) {
  std::vector<std::string_view> names;
  while (!components.empty()) {
    const auto end = components.find('\0');
    if (end != 0) names.push_back(components.substr(0, end));
    if (end == std::string_view::npos) break;
    components.remove_prefix(end + 1);
  }
  std::string out = cut ? "…" : "";
  for (auto name = names.rbegin(); name != names.rend(); ++name) out.append("/").append(*name);
  return out.empty() ? "/" : out;
}

std::vector<std::string> split_args(std::string_view args) {
  std::vector<std::string> out;
  while (!args.empty()) {
    const auto end = args.find('\0');
    out.emplace_back(args.substr(0, end));
    if (end == std::string_view::npos) break;
    args.remove_prefix(end + 1);
  }
  return out;
}

// Takes the next length bytes of the string data, or says which field runs past the end.
class Strings {
 public:
  explicit Strings(Bytes bytes)
      : rest_(reinterpret_cast<const char*>(bytes.data()), bytes.size()) {}
  std::string_view take(std::size_t length, std::string_view field) {
    if (length > rest_.size()) {
      if (bad_field_.empty()) bad_field_ = field;
      return {};
    }
    const auto out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return out;
  }
  [[nodiscard]] std::string_view bad_field() const { return bad_field_; }

 private:
  std::string_view rest_;
  std::string_view bad_field_;
};

std::string until_nul(std::string_view text) {
  return std::string(text.substr(0, text.find('\0')));
}

void fill_exec_flags(ExecEvent& out, const tw_exec& e) {
  out.script = (e.flags & TW_EXEC_SCRIPT) != 0;
  out.memfd = (e.flags & TW_EXEC_MEMFD) != 0;
  out.unlinked = (e.flags & TW_EXEC_UNLINKED) != 0;
  out.secure = (e.flags & TW_EXEC_SECURE) != 0;
  out.by_fd = (e.flags & TW_EXEC_FD) != 0;
  out.first_seen = (e.flags & TW_EXEC_FIRST_SEEN) != 0;
  out.path_cut = (e.flags & TW_EXEC_PATH_CUT) != 0;
  out.path_disconnected = (e.flags & TW_EXEC_DISCONNECTED) != 0;
  out.argv_cut = (e.flags & (TW_EXEC_ARGS_CUT | TW_EXEC_ARGS_FAULT)) != 0;
  out.killed = (e.flags & TW_EXEC_KILLED) != 0;
  out.kill_rehearsed = (e.flags & TW_EXEC_REHEARSED) != 0;
}

Result<Event> decode_exec(Bytes bytes, WallNs epoch) {
  TOCSIN_TRY(const tw_exec e, fixed_part<tw_exec>(bytes));
  ExecEvent out;
  out.head = head_of(e.h, epoch);
  out.parent = {e.parent_pid, e.parent_start_ns};
  out.file = file_of(e.file);
  out.root = {e.mnt_ns_id, e.mnt_ns, e.root_ino, e.root_dev};
  out.pid_ns = e.pid_ns;
  out.net_ns = e.net_ns;
  out.ns_pid = e.ns_pid;
  out.uid = e.uid;
  out.gid = e.gid;
  out.euid = e.euid;
  out.egid = e.egid;
  out.login_uid = unless_unset(e.login_uid);
  out.session_id = unless_unset(e.session_id);
  out.comm = fixed_string(e.comm, sizeof e.comm);
  out.tty = fixed_string(e.tty, sizeof e.tty);
  for (std::size_t i = 0; i < out.stdio.size(); ++i)
    out.stdio[i] =
        e.stdio[i] <= TW_STDIO_INET_SOCKET ? static_cast<Stdio>(e.stdio[i]) : Stdio::kUnknown;
  fill_exec_flags(out, e);
  if ((e.flags & TW_EXEC_IMA_SHA256) != 0) {
    out.sha256.emplace();
    std::memcpy(out.sha256->bytes.data(), e.ima_digest, sizeof e.ima_digest);
    out.sha256_from_ima = true;
  }

  Strings strings(bytes.subspan(sizeof(tw_exec)));
  const auto path = strings.take(e.path_len, "path");
  const auto cwd = strings.take(e.cwd_len, "working directory");
  const auto filename = strings.take(e.filename_len, "file name");
  const auto interpreter = strings.take(e.interp_len, "interpreter");
  const auto args = strings.take(e.args_len, "arguments");
  if (!strings.bad_field().empty())
    return fail(ErrorCode::kInvalidInput,
                fmt::format("exec: {} runs past the end of the event", strings.bad_field()));
  out.path = path_of(path, out.path_cut);
  out.cwd = path_of(cwd, (e.flags & TW_EXEC_CWD_CUT) != 0);
  out.filename = until_nul(filename);
  out.interpreter = until_nul(interpreter);
  out.argv = split_args(args);
  return out;
}

Result<Event> decode_module(Bytes bytes, WallNs epoch) {
  TOCSIN_TRY(const tw_module e, fixed_part<tw_module>(bytes));
  Strings strings(bytes.subspan(sizeof e));
  const auto path = strings.take(e.path_len, "path");
  if (!strings.bad_field().empty())
    return fail(ErrorCode::kInvalidInput, "module: path runs past the end of the event");
  ModuleEvent out;
  out.head = head_of(e.h, epoch);
  out.file = file_of(e.file);
  out.root = {e.mnt_ns_id, e.mnt_ns, e.root_ino, e.root_dev};
  out.program_ino = e.program_ino;
  out.program_dev = e.program_dev;
  out.path_cut = (e.flags & TW_MODULE_PATH_CUT) != 0;
  out.path_disconnected = (e.flags & TW_MODULE_DISCONNECTED) != 0;
  out.memfd = (e.flags & TW_MODULE_MEMFD) != 0;
  out.killed = (e.flags & TW_MODULE_KILLED) != 0;
  out.kill_rehearsed = (e.flags & TW_MODULE_REHEARSED) != 0;
  out.path = path_of(path, out.path_cut);
  return out;
}

Result<Event> decode_refused(Bytes bytes, WallNs epoch) {
  TOCSIN_TRY(const tw_refused e, fixed_part<tw_refused>(bytes));
  Strings strings(bytes.subspan(sizeof e));
  const auto path = strings.take(e.path_len, "path");
  if (!strings.bad_field().empty())
    return fail(ErrorCode::kInvalidInput, "refused: path runs past the end of the event");
  RefusedEvent out;
  out.head = head_of(e.h, epoch);
  out.file = file_of(e.file);
  std::memcpy(out.sha256.bytes.data(), e.digest, sizeof e.digest);
  out.path = path_of(path, /*cut=*/false);
  out.library = (e.flags & TW_REFUSED_LIBRARY) != 0;
  out.rehearsed = (e.flags & TW_REFUSED_REHEARSED) != 0;
  out.known = (e.flags & TW_REFUSED_KNOWN) != 0;
  out.took_ns = e.took_ns;
  return out;
}

Endpoint endpoint_of(const tw_endpoint& e) {
  Endpoint out;
  const std::span<const std::uint8_t, 16> raw(e.addr);
  out.address = e.family == 6 ? IpAddress::v6(raw) : IpAddress::v4(raw.first<4>());
  out.port = ntohs(e.port);
  return out;
}

ConnectResult result_of(std::int32_t error) {
  switch (error) {
    case 0:
      return ConnectResult::kOk;
    case ECONNREFUSED:
    case ECONNRESET:
      return ConnectResult::kRefused;
    case ETIMEDOUT:
      return ConnectResult::kTimeout;
    case EHOSTUNREACH:
    case ENETUNREACH:
      return ConnectResult::kUnreachable;
    case EPERM:
    case EACCES:
      return ConnectResult::kDenied;
    default:
      return ConnectResult::kOtherError;
  }
}

Result<Event> decode_connect(Bytes bytes, WallNs epoch) {
  TOCSIN_TRY(const tw_connect e, fixed_part<tw_connect>(bytes));
  if (e.remote.family != 4 && e.remote.family != 6)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("connect: address family {}", e.remote.family));
  ConnectEvent out;
  out.head = head_of(e.h, epoch);
  out.cookie = e.cookie;
  out.remote = endpoint_of(e.remote);
  out.protocol = e.protocol;
  out.datagram = (e.flags & TW_CONNECT_DATAGRAM) != 0;
  out.mapped = (e.flags & TW_CONNECT_MAPPED) != 0;
  out.net_ns = e.net_ns;
  out.uid = e.uid;
  out.comm = fixed_string(e.comm, sizeof e.comm);
  out.result = e.protocol == IPPROTO_TCP ? ConnectResult::kInProgress : ConnectResult::kUnknown;
  if ((e.flags & TW_CONNECT_DENIED) != 0) out.result = ConnectResult::kDenied;
  out.rehearsed = (e.flags & TW_CONNECT_REHEARSED) != 0;
  out.isolated = (e.flags & TW_CONNECT_ISOLATED) != 0;
  return out;
}

Result<Event> decode_connect_result(Bytes bytes, WallNs epoch) {
  TOCSIN_TRY(const tw_connect_result e, fixed_part<tw_connect_result>(bytes));
  return ConnectResultEvent{.head = head_of(e.h, epoch),
                            .cookie = e.cookie,
                            .local = endpoint_of(e.local),
                            .remote = endpoint_of(e.remote),
                            .result = result_of(e.error),
                            .error = e.error,
                            .took_ns = e.took_ns};
}

Result<Event> decode_close(Bytes bytes, WallNs epoch) {
  TOCSIN_TRY(const tw_close e, fixed_part<tw_close>(bytes));
  return CloseEvent{.head = head_of(e.h, epoch),
                    .cookie = e.cookie,
                    .local = endpoint_of(e.local),
                    .remote = endpoint_of(e.remote),
                    .bytes_out = e.bytes_out,
                    .bytes_in = e.bytes_in,
                    .duration_ns = e.duration_ns};
}

PacketKind packet_kind_of(std::uint16_t kind) {
  switch (kind) {
    case TW_DNS_UDP:
      return PacketKind::kDnsUdp;
    case TW_DNS_TCP:
      return PacketKind::kDnsTcp;
    case TW_TCP_START:
      return PacketKind::kTcpStart;
    default:
      return PacketKind::kQuic;
  }
}

Result<Event> decode_packet(Bytes bytes, WallNs epoch) {
  TOCSIN_TRY(const tw_packet e, fixed_part<tw_packet>(bytes));
  for (const tw_endpoint& end : {e.local, e.remote})
    if (end.family != 4 && end.family != 6)
      return fail(ErrorCode::kInvalidInput, fmt::format("packet: address family {}", end.family));
  if (e.data_len > bytes.size() - sizeof e)
    return fail(ErrorCode::kInvalidInput, "packet: payload runs past the end of the event");
  if (e.length < e.data_len)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("packet: {} bytes of a payload of {}", e.data_len, e.length));
  const Bytes payload = bytes.subspan(sizeof e, e.data_len);
  return PacketEvent{.head = head_of(e.h, epoch),
                     .kind = packet_kind_of(e.h.kind),
                     .outgoing = (e.flags & TW_PACKET_OUT) != 0,
                     .cookie = e.cookie,
                     .net_ns = e.net_ns,
                     .local = endpoint_of(e.local),
                     .remote = endpoint_of(e.remote),
                     .tcp_seq = e.tcp_seq,
                     .tcp_first = (e.flags & TW_PACKET_FIRST) != 0,
                     .length = e.length,
                     .payload = {payload.begin(), payload.end()}};
}

Result<Event> decode_cgroup(Bytes bytes, WallNs epoch) {
  TOCSIN_TRY(const tw_cgroup e, fixed_part<tw_cgroup>(bytes));
  if (e.path_len > sizeof e.path)
    return fail(ErrorCode::kInvalidInput, "cgroup: path runs past the end of the event");
  return CgroupEvent{.head = head_of(e.h, epoch),
                     .hierarchy = e.hierarchy,
                     .path = until_nul(std::string_view(e.path, e.path_len))};
}

}  // namespace

Result<Event> decode(Bytes bytes, WallNs boot_epoch_ns) {
  TOCSIN_TRY(const tw_header h, fixed_part<tw_header>(bytes));
  if (h.version != TOCSIN_WIRE_VERSION)
    return fail(ErrorCode::kInvalidInput, fmt::format("wire version {}, this build reads {}",
                                                      h.version, TOCSIN_WIRE_VERSION));
  if (h.size < sizeof h || h.size > bytes.size() || h.size > limits::kWireEventBytesMax)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("event says {} bytes, {} are there", h.size, bytes.size()));
  bytes = bytes.first(h.size);
  switch (h.kind) {
    case TW_FORK: {
      TOCSIN_TRY(const tw_fork e, fixed_part<tw_fork>(bytes));
      return ForkEvent{head_of(e.h, boot_epoch_ns), {e.parent_pid, e.parent_start_ns}};
    }
    case TW_EXEC:
      return decode_exec(bytes, boot_epoch_ns);
    case TW_EXIT: {
      TOCSIN_TRY(const tw_exit e, fixed_part<tw_exit>(bytes));
      return ExitEvent{head_of(e.h, boot_epoch_ns), e.exit_code};
    }
    case TW_CONNECT:
      return decode_connect(bytes, boot_epoch_ns);
    case TW_CONNECT_RESULT:
      return decode_connect_result(bytes, boot_epoch_ns);
    case TW_CLOSE:
      return decode_close(bytes, boot_epoch_ns);
    case TW_CGROUP:
      return decode_cgroup(bytes, boot_epoch_ns);
    case TW_MODULE:
      return decode_module(bytes, boot_epoch_ns);
    case TW_REFUSED:
      return decode_refused(bytes, boot_epoch_ns);
    case TW_DNS_UDP:
    case TW_DNS_TCP:
    case TW_TCP_START:
    case TW_QUIC:
      return decode_packet(bytes, boot_epoch_ns);
    default:
      return fail(ErrorCode::kInvalidInput, fmt::format("event kind {} is unknown", h.kind));
  }
}

}  // namespace tocsin
