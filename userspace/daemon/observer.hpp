// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <span>

#include "event/event.hpp"
#include "names/name_candidate.hpp"
#include "process/process_table.hpp"

namespace tocsin {

// Who an event is about: the process, and what it ran at that moment. Both may be null: a capture
// file knows no process. The digests of image may still be on their way (Image::hash_pending);
// on_program() tells when they are there.
struct Subject {
  std::shared_ptr<Process> process;
  std::shared_ptr<Image> image;
  // tocsin itself: the self-proof's canary, or the relay's look-ups. Nobody's behaviour, nothing to
  // remember.
  bool own = false;
};

// Hears what happened once the pipeline knows who did it, what its file is and what the
// destination is called: for what remembers or judges behaviour. Called on the state thread in the
// order of the events; must not block and must not call back into
// the pipeline.
class Observer {
 public:
  virtual ~Observer() = default;
  // A process runs something else from now on; its digests are not known yet.
  virtual void on_exec(const Subject& /*subject*/) {}
  // The digests of an image, or the reasons why there are none, are final: once for each exec
  // (again when a recording brings the digest later), and once for each program that ran before the
  // daemon did (Image::from_procfs).
  virtual void on_program(const Subject& /*subject*/) {}
  // A process mapped a library; its digests and its package are final. None: a package's library
  // that did not change lately, or one that could not be read. A pair of program and library is
  // told about once a minute, not for each process.
  virtual void on_module(const ModuleEvent& /*event*/, const Subject& /*subject*/,
                         const HashResult& /*hash*/) {}
  virtual void on_exit(const ExitEvent& /*event*/, const Subject& /*subject*/) {}
  // An attempt; names: all the destination may have been called, best first. The best is in
  // event.host, too.
  virtual void on_contact(const ConnectEvent& /*event*/, const Subject& /*subject*/,
                          std::span<const NameCandidate> /*names*/) {}
  // Its outcome, under the same cookie.
  virtual void on_contact_result(const ConnectResultEvent& /*event*/, const Subject& /*subject*/) {}
  virtual void on_close(const CloseEvent& /*event*/, const Subject& /*subject*/) {}
  // Questions and answers, told apart by is_answer().
  virtual void on_dns(const DnsEvent& /*event*/, const Subject& /*subject*/) {}
  virtual void on_hello(const HelloEvent& /*event*/, const Subject& /*subject*/) {}
  virtual void on_loss(const LossEvent& /*event*/) {}
  // A control group was made in the unified hierarchy.
  virtual void on_cgroup(const CgroupEvent& /*event*/) {}
};

}  // namespace tocsin
