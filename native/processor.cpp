// What the processor can do, asked before any module that needs it is loaded.
#include <nanobind/nanobind.h>

NB_MODULE(_processor, m) {
  // The best of the engine's builds that this processor runs.
  m.def("target", [] {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("x86-64-v4")) return "avx512";
    if (__builtin_cpu_supports("x86-64-v3")) return "avx2";
#endif
    return "baseline";
  });
}
