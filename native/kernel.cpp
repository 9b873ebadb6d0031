#include "kernel.hpp"

#include <map>
#include <string>

namespace lernwerk {

template <class Function>
static std::map<std::string, Function>& table() {
  static std::map<std::string, Function> functions;
  return functions;
}

template <class Function>
static Function find(const char* name) {
  const auto found = table<Function>().find(name);
  return found == table<Function>().end() ? Function{} : found->second;
}

Registration::Registration(const char* name, Kernel kernel) { table<Kernel>()[name] = kernel; }

Registration::Registration(const char* name, Preparation preparation) {
  table<Preparation>()[name] = preparation;
}

Kernel find_kernel(const char* name) { return find<Kernel>(name); }

Preparation find_preparation(const char* name) { return find<Preparation>(name); }

}  // namespace lernwerk
