// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>
#include <netinet/in.h>

#include <cmath>

#include "base/text.hpp"
#include "event/event_json.hpp"
#include "event/flat_json.hpp"

namespace tocsin {
namespace {

using Kind = FlatJson::Kind;
using Value = FlatJson::Value;

// Reads members of one object; the first wrong one is remembered by name.
class Members {
 public:
  Members(const FlatJson& all, const Value& object) : all_(all), object_(object) {}

  [[nodiscard]] std::string text(const char* name) {
    const auto* v = get(name);
    if (v == nullptr) return {};
    if (v->kind == Kind::kText) return v->text;
    wrong(name, "is not a string");
    return {};
  }
  std::optional<std::uint64_t> number(const char* name, std::uint64_t max = UINT64_MAX) {
    const auto* v = get(name);
    if (v == nullptr) return std::nullopt;
    if (v->kind == Kind::kWhole && v->whole <= max) return v->whole;
    wrong(name, "is not a whole number in range");
    return std::nullopt;
  }
  std::optional<std::uint32_t> id(const char* name) {
    const auto v = number(name, UINT32_MAX);
    return v ? std::optional(static_cast<std::uint32_t>(*v)) : std::nullopt;
  }
  std::optional<bool> flag(const char* name) {
    const auto* v = get(name);
    if (v == nullptr) return std::nullopt;
    if (v->kind == Kind::kBoolean) return v->flag;
    wrong(name, "is not true or false");
    return std::nullopt;
  }
  // Unix seconds with fraction -> nanoseconds.
  std::optional<WallNs> seconds(const char* name) {
    const auto* v = get(name);
    if (v == nullptr) return std::nullopt;
    const bool number =
        v->kind == Kind::kReal || v->kind == Kind::kWhole || v->kind == Kind::kNegative;
    if (number && std::isfinite(v->real) && std::abs(v->real) < 9e9)
      return std::llround(v->real * 1e9);
    wrong(name, "is not a time in Unix seconds");
    return std::nullopt;
  }
  std::optional<Sha256> sha256(const char* name) {
    const auto* v = get(name);
    if (v == nullptr) return std::nullopt;
    if (v->kind == Kind::kText)
      if (auto digest = Sha256::parse(v->text)) return digest;
    wrong(name, "is not 64 hex digits");
    return std::nullopt;
  }
  const Value* get(const char* name) {
    const auto* found = all_.find(object_, name);
    return found == nullptr || found->kind == Kind::kNull ? nullptr : found;
  }
  [[nodiscard]] bool has(const char* name) const { return all_.find(object_, name) != nullptr; }
  [[nodiscard]] const FlatJson& all() const { return all_; }
  void wrong(const char* name, const char* why) {
    if (error_.empty()) error_ = fmt::format("member \"{}\" {}", name, why);
  }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  const FlatJson& all_;
  const Value& object_;
  std::string error_;
};

EventHead read_head(Members& m) {
  EventHead head;
  head.time_ns = m.seconds("ts").value_or(0);
  head.process.pid = m.id("pid").value_or(0);
  head.process.start_ns = static_cast<BootNs>(m.seconds("start").value_or(0));
  return head;
}

Stdio read_stdio(Members& m, const char* name) {
  const auto text = m.text(name);
  for (const auto s : {Stdio::kClosed, Stdio::kNull, Stdio::kFile, Stdio::kPipe, Stdio::kSocket,
                       Stdio::kPty, Stdio::kOther})
    if (text == to_string(s)) return s;
  return Stdio::kUnknown;
}

Stdio read_stdin(Members& m) {
  const auto stdio = read_stdio(m, "stdin");
  const auto family = m.text("stdin_family");
  if (stdio != Stdio::kSocket || family.empty()) return stdio;
  if (family == "unix") return Stdio::kUnixSocket;
  return family == "inet" ? Stdio::kInetSocket : stdio;
}

void read_flags(Members& m, ExecEvent& out) {
  const auto* flags = m.get("flags");
  if (flags == nullptr) return;
  if (flags->kind != Kind::kArray) return m.wrong("flags", "is not an array");
  m.all().for_each(*flags, [&](const Value& flag) {
    out.memfd = out.memfd || flag.text == "memfd";
    out.unlinked = out.unlinked || flag.text == "deleted";
    out.script = out.script || flag.text == "script";
    out.secure = out.secure || flag.text == "setuid";
  });
}

// An empty package, or null, is knowledge: nobody owns the file. Only a missing one is unknown.
std::optional<bool> read_packaged(Members& m, const std::string& package) {
  const auto said = m.flag("packaged");
  if (said || !m.has("package")) return said;
  return !package.empty();
}

PackageFacts read_script_package(Members& m) {
  PackageFacts out;
  out.name = m.text("package");
  out.version = m.text("package_version");
  out.manager = m.text("package_manager");
  out.packaged = read_packaged(m, out.name);
  out.intact = m.flag("package_intact");
  return out;
}

template <typename E>
void read_package(Members& m, E& out) {
  out.package = m.text("package");
  out.package_version = m.text("package_version");
  out.package_manager = m.text("package_manager");
  out.packaged = read_packaged(m, out.package);
  out.package_intact = m.flag("package_intact");
}

Event read_exec(Members& m) {
  ExecEvent out;
  out.head = read_head(m);
  out.parent.pid = m.id("ppid").value_or(0);
  out.parent.start_ns = static_cast<BootNs>(m.seconds("pstart").value_or(0));
  out.path = m.text("path");
  out.cwd = m.text("cwd");
  out.comm = m.text("comm");
  out.tty = m.text("tty");
  out.uid = m.id("uid");
  out.gid = m.id("gid");
  out.euid = m.id("euid");
  out.login_uid = m.id("loginuid");
  out.session_id = m.id("session");
  out.sha256 = m.sha256("sha256");
  read_package(m, out);
  out.image_layer = m.flag("image_layer");
  out.container = m.text("container");
  out.stdio[0] = read_stdin(m);
  out.stdio[1] = read_stdio(m, "stdout");
  if (const auto* argv = m.get("argv")) {
    if (argv->kind != Kind::kArray) m.wrong("argv", "is not an array");
    m.all().for_each(*argv, [&](const Value& arg) {
      if (arg.kind == Kind::kText) out.argv.push_back(arg.text);
    });
  }
  read_flags(m, out);
  if (const auto* script = m.get("script")) {
    if (script->kind == Kind::kObject) {
      Members s(m.all(), *script);
      out.script_info = ScriptInfo{s.text("path"), s.sha256("sha256")};
      out.script = true;
      out.filename = out.script_info->path;
      out.script_package = read_script_package(s);
      out.script_image_layer = s.flag("image_layer");
      if (!s.error().empty()) m.wrong("script", s.error().c_str());
    } else {
      m.wrong("script", "is not an object");
    }
  }
  return out;
}

std::uint8_t read_protocol(Members& m) {
  const auto text = m.text("proto");
  if (text == "tcp") return IPPROTO_TCP;
  if (text == "udp") return IPPROTO_UDP;
  if (!text.empty()) m.wrong("proto", "is neither tcp nor udp");
  return 0;
}

Endpoint read_endpoint(Members& m, const char* addr = "addr", const char* port = "port") {
  Endpoint out;
  const auto text = m.text(addr);
  if (!text.empty()) {
    if (const auto address = IpAddress::parse(text)) {
      out.address = *address;
    } else {
      m.wrong(addr, "is not an address");
    }
  }
  out.port = static_cast<std::uint16_t>(m.number(port, 65535).value_or(0));
  return out;
}

Event read_connect(Members& m) {
  ConnectEvent out;
  out.head = read_head(m);
  out.remote = read_endpoint(m);
  out.protocol = read_protocol(m);
  out.host = m.text("host");
  out.host_source = m.text("host_source");
  if (const auto age = m.seconds("host_age")) out.host_age_ns = static_cast<std::uint64_t>(*age);
  out.host_stale = m.flag("host_stale").value_or(false);
  out.host_sharing = m.number("host_sharing").value_or(0);
  out.local = read_endpoint(m, "local_addr", "local_port");
  out.uid = m.id("uid");
  out.result = ConnectResult::kUnknown;
  const auto result = m.text("result");
  for (const auto r : {ConnectResult::kOk, ConnectResult::kRefused, ConnectResult::kTimeout,
                       ConnectResult::kUnreachable, ConnectResult::kInProgress,
                       ConnectResult::kDenied, ConnectResult::kOtherError})
    if (result == to_string(r)) out.result = r;
  return out;
}

Event read_close(Members& m) {
  CloseEvent out;
  out.head = read_head(m);
  out.remote = read_endpoint(m);
  out.bytes_out = m.number("bytes_out");
  out.bytes_in = m.number("bytes_in");
  if (const auto d = m.seconds("duration")) out.duration_ns = static_cast<std::uint64_t>(*d);
  return out;
}

Event read_dns(Members& m) {
  DnsEvent out;
  out.head = read_head(m);
  out.qname = m.text("qname");
  out.qtype = m.text("qtype");
  out.rcode = m.text("rcode");
  out.response = m.flag("response");
  out.truncated = m.flag("truncated").value_or(false);
  out.cut = m.flag("cut").value_or(false);
  if (m.text("origin") == "resolver-monitor") out.origin = DnsOrigin::kResolverMonitor;
  out.protocol = read_protocol(m);
  out.server = read_endpoint(m);
  out.client = read_endpoint(m, "local_addr", "local_port");
  if (const auto* answers = m.get("answers"); answers != nullptr && answers->kind == Kind::kArray)
    m.all().for_each(*answers, [&](const Value& answer) {
      if (answer.kind != Kind::kObject) return;
      Members a(m.all(), answer);
      out.answers.push_back(
          {a.text("type"), a.text("data"), a.id("ttl").value_or(0), a.text("owner"), {}});
      if (!a.error().empty()) m.wrong("answers", a.error().c_str());
    });
  return out;
}

Event read_hello(Members& m, HelloKind kind) {
  HelloEvent out;
  out.head = read_head(m);
  out.kind = kind;
  out.remote = read_endpoint(m);
  out.host = m.text("host");
  out.encrypted_name = m.flag("ech").value_or(false);
  out.cut = m.flag("cut").value_or(false);
  out.ja4 = m.text("ja4");
  out.local = read_endpoint(m, "local_addr", "local_port");
  return out;
}

Event read_module(Members& m) {
  ModuleEvent out;
  out.head = read_head(m);
  out.path = m.text("path");
  out.sha256 = m.sha256("sha256");
  read_package(m, out);
  if (const auto* flags = m.get("flags"); flags != nullptr && flags->kind == Kind::kArray)
    m.all().for_each(*flags,
                     [&](const Value& flag) { out.memfd = out.memfd || flag.text == "memfd"; });
  return out;
}

Event read_fork(Members& m) {
  ForkEvent out;
  out.head = read_head(m);
  out.parent.pid = m.id("ppid").value_or(0);
  out.parent.start_ns = static_cast<BootNs>(m.seconds("pstart").value_or(0));
  return out;
}

Event read_exit(Members& m) {
  ExitEvent out;
  out.head = read_head(m);
  if (const auto code = m.number("exit_code", INT32_MAX))
    out.exit_code = static_cast<std::int32_t>(*code);
  return out;
}

Event read_loss(Members& m) {
  return LossEvent{m.seconds("ts").value_or(0), m.text("stage"), m.number("count").value_or(0)};
}

}  // namespace

Result<Event> read_event_json(std::string_view line) {
  if (line.size() > kEventLineBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("line of {} bytes, at most {} are read", line.size(),
                                               kEventLineBytesMax));
  const auto json = FlatJson::parse(line);
  if (!json) return fail(ErrorCode::kInvalidInput, "not valid JSON");
  if (json->root().kind != Kind::kObject)
    return fail(ErrorCode::kInvalidInput, "not a JSON object");
  Members m(*json, json->root());
  const auto kind = m.text("kind");
  Event event;
  if (kind == "fork")
    event = read_fork(m);
  else if (kind == "exec")
    event = read_exec(m);
  else if (kind == "exit")
    event = read_exit(m);
  else if (kind == "module")
    event = read_module(m);
  else if (kind == "connect")
    event = read_connect(m);
  else if (kind == "close")
    event = read_close(m);
  else if (kind == "dns")
    event = read_dns(m);
  else if (kind == "tls")
    event = read_hello(m, HelloKind::kTls);
  else if (kind == "quic")
    event = read_hello(m, HelloKind::kQuic);
  else if (kind == "http")
    event = read_hello(m, HelloKind::kHttp);
  else if (kind == "loss")
    event = read_loss(m);
  else
    return fail(ErrorCode::kInvalidInput, "member \"kind\" is missing or not a known event kind");
  if (m.get("ts") == nullptr) m.wrong("ts", "is missing");
  if (!m.error().empty()) return fail(ErrorCode::kInvalidInput, m.error());
  return event;
}

}  // namespace tocsin
