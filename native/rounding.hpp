// How the processor treats numbers below 1e-38. Momenta of weights that rest fade into them, and
// arithmetic with them takes a hundred times as long: plans count them as zero.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace lernwerk {

// The control word of this thread's floating-point unit.
static inline uint64_t floating_mode() {
#if defined(__SSE2__)
  return _mm_getcsr();
#elif defined(__aarch64__)
  uint64_t mode;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
#else
  return 0;
#endif
}

static inline void set_floating_mode([[maybe_unused]] uint64_t mode) {
#if defined(__SSE2__)
  _mm_setcsr(static_cast<uint32_t>(mode));
#elif defined(__aarch64__)
  asm volatile("msr fpcr, %0" : : "r"(mode));
#endif
}

// Counts the tiniest numbers as zero for as long as it lives.
class TinyIsZero {
 public:
  TinyIsZero() : before_(floating_mode()) { set_floating_mode(before_ | TINY_IS_ZERO); }
  ~TinyIsZero() { set_floating_mode(before_); }
  TinyIsZero(const TinyIsZero&) = delete;
  TinyIsZero& operator=(const TinyIsZero&) = delete;

 private:
#if defined(__SSE2__)
  static constexpr uint64_t TINY_IS_ZERO = 0x8040;  // flush to zero, denormals are zero
#else
  static constexpr uint64_t TINY_IS_ZERO = 1 << 24;  // FPCR.FZ
#endif
  uint64_t before_;
};

}  // namespace lernwerk
