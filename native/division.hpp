// Quotients without the processor's divider, which gives a vector every 12 cycles or so: a
// reciprocal, and a correction by what is left over. The result is the rounded quotient where the
// reciprocal is rounded, too (Markstein 1990, "Computation of elementary functions on the IBM RISC
// System/6000 processor"), else but for one case in a million.
#pragma once

#include "vector.hpp"

namespace lernwerk {

// Beyond these sizes a reciprocal, or what is left over, may be infinite or lose digits.
inline constexpr float LEAST_DIVISOR = 0x1p-100f, LARGEST_DIVISOR = 0x1p100f;

#if defined(__AVX512F__) || defined(__FMA__)

static inline floats multiply_add(floats a, floats b, floats c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#else
  return _mm256_fmadd_ps(a, b, c);
#endif
}

// a / b by way of the reciprocal of b. Without a remainder the quotient keeps the sign of its
// zero, and where there is infinity or NaN it is right as well.
static inline floats corrected_quotient(floats a, floats b, floats reciprocal) {
  const floats quotient = a * reciprocal;
  const floats rest = multiply_add(-quotient, b, a);
  const floats better = multiply_add(rest, reciprocal, quotient);
  return select((rest == 0) | (better != better), quotient, better);
}

// Divides by one number, whose reciprocal is taken once.
class Divisor {
 public:
  explicit Divisor(float b) : b_(splat(b)), reciprocal_(splat(1 / b)) {}
  static bool serves(float b) {
    return __builtin_fabsf(b) > LEAST_DIVISOR && __builtin_fabsf(b) < LARGEST_DIVISOR;
  }
  floats operator()(floats a) const { return corrected_quotient(a, b_, reciprocal_); }

 private:
  floats b_, reciprocal_;
};

#else

// Without fused multiply-adds what is left over is not known exactly.
class Divisor {
 public:
  explicit Divisor(float b) : b_(splat(b)) {}
  static bool serves(float) { return true; }
  floats operator()(floats a) const { return a / b_; }

 private:
  floats b_;
};

#endif

// a / b where the divider is busy with roots.
static inline floats quotient(floats a, floats b) {
#if defined(__AVX512F__)
  const floats size = absolute(b);
  const __mmask16 serves = _mm512_cmp_ps_mask(size, splat(LEAST_DIVISOR), _CMP_GT_OQ) &
                           _mm512_cmp_ps_mask(size, splat(LARGEST_DIVISOR), _CMP_LT_OQ);
  if (serves != 0xffff) return a / b;
  const floats guess = _mm512_rcp14_ps(b);  // 14 bits are right, after one of Newton's steps 28
  const floats reciprocal = multiply_add(multiply_add(-guess, b, splat(1)), guess, guess);
  return corrected_quotient(a, b, reciprocal);
#else
  return a / b;
#endif
}

}  // namespace lernwerk
