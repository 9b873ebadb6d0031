// The Python module: the only file that knows nanobind. Arrays come as addresses; whoever calls
// keeps them alive.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "blas.hpp"
#include "kernel.hpp"

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

NB_MODULE(ENGINE_MODULE, m) {
  m.def("has_kernel", [](const std::string& name) { return find_kernel(name.c_str()) != nullptr; });
  m.def("call_kernel", &call_kernel);
  m.def("use_blas", &blas::use);
  m.def("threads", [] { return Pool::instance().threads(); });
  m.def("set_threads", [](int count) { Pool::instance().set_threads(count); });
}
