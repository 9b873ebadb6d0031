#include "kernel.hpp"

#include <map>
#include <string>

namespace lernwerk {

static std::map<std::string, Kernel>& table() {
  static std::map<std::string, Kernel> kernels;
  return kernels;
}

Registration::Registration(const char* name, Kernel kernel) { table()[name] = kernel; }

Kernel find_kernel(const char* name) {
  auto found = table().find(name);
  return found == table().end() ? nullptr : found->second;
}

}  // namespace lernwerk
