// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/ssh_lab.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <stdexcept>
#include <thread>

#include "base/fd.hpp"

namespace tocsin::test {
namespace {

const std::string kUnpacked =
    std::string(TOCSIN_SOURCE_DIR) + "/build/test-programs/openssh-server/usr/sbin/sshd";
// Where a site's own programs are: elsewhere nobody is let in.
constexpr const char* kMounted = "/usr/local/sbin/sshd";

bool is_unpacked() {
  return std::filesystem::exists(kUnpacked);
}

std::string program() {
  return is_unpacked() ? kUnpacked : "/usr/sbin/sshd";
}

std::string free_port() {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* any = reinterpret_cast<sockaddr*>(&at);
  if (::bind(fd.get(), any, size) != 0 || ::getsockname(fd.get(), any, &size) != 0)
    throw std::runtime_error("no free port");
  return std::to_string(ntohs(at.sin_port));
}

void make_key(const std::string& path) {
  const auto done = run_program({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path});
  if (done.exit_code != 0) throw std::runtime_error("ssh-keygen: " + done.err);
}

// As Debian's, as far as it matters here: the login is written into the kernel's audit session.
constexpr const char* kPam =
    "auth required pam_permit.so\naccount required pam_permit.so\n"
    "session required pam_loginuid.so\nsession required pam_permit.so\n";

}  // namespace

std::string SshLab::refusal() {
  if (!std::filesystem::exists(program())) return "sshd is not there";
  if (run_program({program(), "-t", "-f", "/dev/null", "-h", "/dev/null"}).exit_code == 127)
    return "sshd does not start here";
  return {};
}

SshLab::SshLab() : port_(free_port()) {
  make_key(dir_ / "host");
  make_key(dir_ / "user");
  dir_.write("passwd",
             read_text("/etc/passwd") + "\nsshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n");
  std::filesystem::copy("/etc/pam.d", dir_ / "pam.d", std::filesystem::copy_options::recursive);
  dir_.write("pam.d/sshd", kPam);
  const std::string folder = dir_.path();
  const auto config =
      dir_.write("config", "Port " + port_ + "\nListenAddress 127.0.0.1\nHostKey " + folder +
                               "/host\nPidFile none\nUsePAM yes\nPermitRootLogin yes\n"
                               "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                               "AuthorizedKeysFile " +
                               folder + "/user.pub\nStrictModes no\n");
  const std::string mounted =
      is_unpacked() ? "mount --bind " + std::filesystem::path(kUnpacked).parent_path().string() +
                          " /usr/local/sbin\nexec " + kMounted
                    : "exec " + program();
  const auto script = dir_.write(
      "start.sh", "set -e\nmount --bind " + folder + "/passwd /etc/passwd\nmount --bind " + folder +
                      "/pam.d /etc/pam.d\nmount -t tmpfs none /run\nmkdir -m 755 /run/sshd\n" +
                      mounted + " -D -e -f " + config + "\n");
  server_ = std::make_unique<Child>(
      ChildOptions{.argv = {"unshare", "-m", "--propagation", "private", "sh", script}});
  for (int i = 0; i < 1000 && log().find("listening on") == std::string::npos; ++i) {
    if (!server_->running()) throw std::runtime_error("sshd: " + log());
    std::this_thread::sleep_for(Millis(10));
  }
}

Finished SshLab::run(const std::string& user, const std::string& command, bool terminal) {
  return run_program({"ssh", terminal ? "-tt" : "-T", "-F", "none", "-i", dir_ / "user", "-p",
                      port_, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                      "-o", "BatchMode=yes", user + "@127.0.0.1", command});
}

std::string SshLab::last_client_port() const {
  const auto text = log();
  const auto accepted = text.rfind("Accepted ");
  const auto port = text.find(" port ", accepted == std::string::npos ? text.size() : accepted);
  if (port == std::string::npos) return {};
  return text.substr(port + 6, text.find(' ', port + 6) - port - 6);
}

}  // namespace tocsin::test
