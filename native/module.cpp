// The Python module: the only file that knows nanobind. Arrays come as addresses; whoever calls
// keeps them alive.
#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "bfloat16.hpp"
#include "blas.hpp"
#include "fused.hpp"
#include "kernel.hpp"
#include "plan.hpp"

namespace nb = nanobind;
using namespace lernwerk;

// One kernel on its own, for the tests of kernels; plans do not come this way.
static bool call_kernel(const std::string& name, const std::vector<uintptr_t>& inputs,
                        const std::vector<uintptr_t>& outputs, const std::vector<int64_t>& whole,
                        const std::vector<double>& real, uintptr_t shared, uintptr_t local,
                        int64_t local_bytes) {
  Kernel kernel = find_kernel(name.c_str());
  if (!kernel) throw nb::key_error(name.c_str());
  nb::gil_scoped_release release;
  return kernel(Call{reinterpret_cast<char* const*>(inputs.data()),
                     reinterpret_cast<char* const*>(outputs.data()), whole.data(), real.data(),
                     reinterpret_cast<char*>(shared), reinterpret_cast<char*>(local), local_bytes,
                     Pool::instance()});
}

// (kernel, inputs, outputs, whole, real, offset of the shared scratch, bytes of local scratch);
// operands are (base, offset).
using Operands = std::vector<std::pair<int64_t, int64_t>>;
using Row = std::tuple<std::string, Operands, Operands, std::vector<int64_t>, std::vector<double>,
                       int64_t, int64_t>;

static std::vector<Operand> operands(const Operands& pairs) {
  std::vector<Operand> result;
  for (const auto& [base, offset] : pairs) result.push_back({base, offset});
  return result;
}

static void make_plan(Plan* place, const std::vector<Row>& rows) {
  std::vector<Instruction> instructions;
  for (const auto& [kernel, inputs, outputs, whole, real, shared, local] : rows) {
    instructions.push_back(
        {kernel, operands(inputs), operands(outputs), whole, real, shared, local});
  }
  new (place) Plan(std::move(instructions));
}

// Python computes a node; what it raises ends the run and reaches the caller.
static Plan::Fallback calling(const nb::callable& function) {
  return [&function](int64_t number) {
    nb::gil_scoped_acquire held;
    function(number);
  };
}

static void run(Plan& plan, const nb::callable& fallback) {
  const auto call = calling(fallback);
  nb::gil_scoped_release release;
  plan.run(call);
}

// feeds: (base, source, buffer, bytes of a row); harvests: (base, offset, destination, bytes).
static void run_epoch(Plan& plan, int64_t steps, uintptr_t order, int64_t batch,
                      const std::vector<std::tuple<int64_t, uintptr_t, uintptr_t, int64_t>>& feeds,
                      const std::vector<std::tuple<int64_t, int64_t, uintptr_t, int64_t>>& harvests,
                      const nb::callable& fallback) {
  std::vector<Feed> fed;
  for (const auto& [base, source, buffer, bytes] : feeds) {
    fed.push_back(
        {base, reinterpret_cast<const char*>(source), reinterpret_cast<char*>(buffer), bytes});
  }
  std::vector<Harvest> harvested;
  for (const auto& [base, offset, destination, bytes] : harvests) {
    harvested.push_back({{base, offset}, reinterpret_cast<char*>(destination), bytes});
  }
  const auto call = calling(fallback);
  nb::gil_scoped_release release;
  plan.run_epoch(steps, reinterpret_cast<const int64_t*>(order), batch, fed, harvested, call);
}

NB_MODULE(ENGINE_MODULE, m) {
  m.def("call_kernel", &call_kernel);
  m.def("has_bfloat16", &bfloat16::available);
  m.def("use_tiles", &bfloat16::use_tiles);
  m.def("use_blas", &blas::use);
  m.def("threads", [] { return Pool::instance().threads(); });
  m.def("operation_number", [](const std::string& name, int64_t type) {
    return operation_number(name.c_str(), static_cast<Type>(type));
  });
  m.def("set_threads", [](int count) { Pool::instance().set_threads(count); });
  nb::class_<Plan>(m, "Plan")
      .def("__init__", &make_plan)
      .def("bind", &Plan::bind)
      .def("address", &Plan::address)
      .def("run", &run)
      .def("run_epoch", &run_epoch)
      .def("steps_done", &Plan::steps_done);
}
