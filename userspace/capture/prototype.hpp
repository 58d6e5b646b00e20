// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct btf;

// What our programs take for granted about the kernel functions and tracepoints they hang on, and
// whether this kernel agrees. The verifier checks a typed program's loads against the same types,
// but not a raw tracepoint's, and not which parameter means what: a kernel that changed an order
// would be read wrongly, in silence.
namespace tocsin {

enum class AttachPoint : std::uint8_t {
  kTracepoint,  // BTF: typedef btf_trace_NAME of a pointer to a function
  kLsm,         // BTF: function bpf_lsm_NAME
  kFunction,    // BTF: function NAME
};

// Parameters in order, as far as they are used; later ones may come and go. "struct NAME *",
// "char *" or "integer" (of any width: they are passed as 64 bits); "A|B" when either will do.
struct Prototype {
  std::string_view program;  // function name in the BPF object
  AttachPoint point;
  std::string_view name;  // "sched_process_exec"
  std::span<const std::string_view> parameters;
};

// Of every program that is not attached to a control group, whose contexts never change.
std::span<const Prototype> prototypes();

// The types of one kernel.
class KernelTypes {
 public:
  // Of the running kernel; an error says why they cannot be read.
  static Result<KernelTypes> load();
  explicit KernelTypes(btf* types);  // takes it over

  // Why this kernel's function is not the one that the prototype means; empty when it is.
  [[nodiscard]] std::string fault(const Prototype& wanted) const;
  // The same for a program by name; empty, too, when nothing is taken for granted about it.
  [[nodiscard]] std::string fault(std::string_view program) const;

 private:
  struct Closer {
    void operator()(btf* types) const;
  };
  std::unique_ptr<btf, Closer> types_;
};

}  // namespace tocsin
