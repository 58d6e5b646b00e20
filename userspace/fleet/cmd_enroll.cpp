// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// enroll: certificates and rights for hosts and servers, from the operator's folder.
#include <fmt/format.h>

#include <memory>

#include "fleet/command.hpp"
#include "fleet/credentials.hpp"
#include "fleet/enrolment.hpp"

namespace tocsin::fleet {

Runner declare_enroll(CLI::App& app) {
  auto request = std::make_shared<EnrolmentRequest>();
  request->folder = kFleetFolder;
  app.add_option("hosts", request->hosts, "Names of hosts: a-z, 0-9 and '-'")->type_name("HOST");
  app.add_option("--broker", request->servers,
                 "Name or address under which hosts reach a broker; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("-o,--out", request->folder, "The operator's folder")
      ->type_name("DIR")
      ->capture_default_str();
  return [request](Context& context) {
    const auto subjects = context.subjects();
    if (!subjects) return context.failed(subjects.error());
    const auto enrolled = enrol(*subjects, *request);
    if (!enrolled) return context.failed(enrolled.error());
    context.out.document(
        {{"folder", request->folder}, {"made", enrolled->made}, {"hosts", enrolled->hosts}});
    for (const auto& made : enrolled->made)
      context.out.line(fmt::format("made {}/{}", request->folder, made));
    context.out.line(
        fmt::format("{} hosts in {}/hosts.conf: copy it to the brokers and reload them",
                    enrolled->hosts.size(), request->folder));
    return kDone;
  };
}

}  // namespace tocsin::fleet
