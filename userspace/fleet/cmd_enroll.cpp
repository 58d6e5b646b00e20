// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// enroll: certificates and rights for hosts and servers, from the operator's folder.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "fleet/command.hpp"
#include "fleet/credentials.hpp"
#include "fleet/enrolment.hpp"

namespace tocsin::fleet {
namespace {

Result<int> enroll(const Context& context, const EnrolmentRequest& request, bool here) {
  TOCSIN_TRY(const auto subjects, context.subjects());
  TOCSIN_TRY(const auto enrolled, enrol(subjects, request));
  std::vector<std::string> written;
  if (here) {
    TOCSIN_TRY(written, set_up_broker_here(request.folder, {}));
  }
  context.out.document({{"folder", request.folder},
                        {"made", enrolled.made},
                        {"hosts", enrolled.hosts},
                        {"written", written}});
  for (const auto& made : enrolled.made)
    context.out.line(fmt::format("made {}/{}", request.folder, made));
  for (const auto& path : written) context.out.line(fmt::format("wrote {}", path));
  context.out.line(
      here ? fmt::format("{} hosts: systemctl restart nats-server, or reload when it runs already",
                         enrolled.hosts.size())
           : fmt::format("{} hosts in {}/hosts.conf: copy it to the brokers and reload them",
                         enrolled.hosts.size(), request.folder));
  return kDone;
}

}  // namespace

Runner declare_enroll(CLI::App& app) {
  auto request = std::make_shared<EnrolmentRequest>();
  request->folder = kFleetFolder;
  app.add_option("hosts", request->hosts, "Names of hosts: a-z, 0-9 and '-'")->type_name("HOST");
  app.add_option("--broker", request->servers,
                 "Name or address under which hosts reach a broker; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  auto here = std::make_shared<bool>(false);
  app.add_flag("--here", *here,
               "The broker is this machine: also put its files and configuration where Debian's "
               "nats-server looks");
  app.add_flag(
      "--renew", request->renew,
      "New certificates for the hosts and brokers that are named; for none: the operator's");
  app.add_option("-o,--out", request->folder, "The operator's folder")
      ->type_name("DIR")
      ->capture_default_str();
  return [request, here](Context& context) {
    const auto code = enroll(context, *request, *here);
    return code ? *code : context.failed(code.error());
  };
}

}  // namespace tocsin::fleet
