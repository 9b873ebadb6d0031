// Vectors of floats of the width that the target has: 16 on AVX-512, 8 on AVX2, else 4 (SSE, NEON).
//
// One source for all processors: the compiler's vector types give + - * / and comparisons, this
// file the rest; vector_math.hpp adds exp, log and their kin.
#pragma once

#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace lernwerk {

#if defined(__AVX512F__)
inline constexpr int WIDTH = 16;
#elif defined(__AVX2__)
inline constexpr int WIDTH = 8;
#else
inline constexpr int WIDTH = 4;
#endif

typedef float floats __attribute__((vector_size(WIDTH * 4)));
typedef int32_t ints __attribute__((vector_size(WIDTH * 4)));  // also the result of a comparison
typedef uint32_t words __attribute__((vector_size(WIDTH * 4)));

static inline floats splat(float x) { return x - floats{}; }

static inline floats load(const float* p) {
  floats v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

static inline void store(float* p, floats v) { std::memcpy(p, &v, sizeof v); }

// The first n < WIDTH elements; the others are zero.
static inline floats load_part(const float* p, int64_t n) {
  floats v{};
  std::memcpy(&v, p, static_cast<size_t>(n) * 4);
  return v;
}

static inline void store_part(float* p, floats v, int64_t n) {
  std::memcpy(p, &v, static_cast<size_t>(n) * 4);
}

static inline floats select(ints condition, floats a, floats b) { return condition ? a : b; }
static inline floats maximum(floats a, floats b) { return a > b ? a : b; }
static inline floats minimum(floats a, floats b) { return a < b ? a : b; }
static inline floats as_floats(ints v) { return reinterpret_cast<floats>(v); }
static inline ints as_ints(floats v) { return reinterpret_cast<ints>(v); }
static inline floats absolute(floats v) { return as_floats(as_ints(v) & 0x7fffffff); }

// Compilers do not turn a loop over the lanes into the instruction that all processors have.
static inline floats square_root(floats v) {
#if defined(__AVX512F__)
  return reinterpret_cast<floats>(_mm512_sqrt_ps(reinterpret_cast<__m512>(v)));
#elif defined(__AVX2__)
  return reinterpret_cast<floats>(_mm256_sqrt_ps(reinterpret_cast<__m256>(v)));
#elif defined(__SSE2__)
  return reinterpret_cast<floats>(_mm_sqrt_ps(reinterpret_cast<__m128>(v)));
#elif defined(__aarch64__)
  return reinterpret_cast<floats>(vsqrtq_f32(reinterpret_cast<float32x4_t>(v)));
#else
  floats r;
  for (int i = 0; i < WIDTH; ++i) r[i] = __builtin_sqrtf(v[i]);
  return r;
#endif
}

static inline float sum(floats v) {
  float total = 0;
  for (int i = 0; i < WIDTH; ++i) total += v[i];
  return total;
}

static inline float largest(floats v) {
  float found = v[0];
  for (int i = 1; i < WIDTH; ++i) found = v[i] > found ? v[i] : found;
  return found;
}

}  // namespace lernwerk
