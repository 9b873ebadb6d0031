// Parts of vectors, without a branch or a call for each length; lanes in a new order.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "shuffle.hpp"
#include "vector.hpp"

namespace lernwerk {

static inline ints lane_numbers() {
  ints numbers;
  for (int i = 0; i < WIDTH; ++i) numbers[i] = i;
  return numbers;
}

// The lanes below n.
static inline ints first_lanes(int64_t n) {
  return lane_numbers() < (static_cast<int32_t>(n) - ints{});
}

// n <= WIDTH elements; the other lanes are `fill`.
static inline floats load_masked(const float* p, int64_t n, float fill) {
#if defined(__AVX512F__)
  return _mm512_mask_loadu_ps(splat(fill), static_cast<__mmask16>((1u << n) - 1), p);
#elif defined(__AVX2__)
  const ints mask = first_lanes(n);
  return select(mask, _mm256_maskload_ps(p, reinterpret_cast<__m256i>(mask)), splat(fill));
#else
  return select(first_lanes(n), load_part(p, n), splat(fill));
#endif
}

static inline void store_masked(float* p, floats v, int64_t n) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
#elif defined(__AVX2__)
  _mm256_maskstore_ps(p, reinterpret_cast<__m256i>(first_lanes(n)), v);
#else
  store_part(p, v, n);
#endif
}

// Lane i takes v[order[i]].
static inline floats permuted(floats v, ints order) {
#if defined(__AVX512F__)
  return _mm512_maskz_permutexvar_ps(0xffff, reinterpret_cast<__m512i>(order), v);
#elif defined(__AVX2__)
  return _mm256_permutevar8x32_ps(v, reinterpret_cast<__m256i>(order));
#else
  floats result;
  for (int i = 0; i < WIDTH; ++i) result[i] = v[order[i]];
  return result;
#endif
}

// Lane i takes lane i ^ DISTANCE.
template <int DISTANCE>
struct Exchanged {
  static constexpr int pick(size_t i, size_t) { return static_cast<int>(i ^ DISTANCE); }
};

// The sum over each group of PLACES neighbouring lanes, a power of 2, in all lanes of the group.
template <int PLACES>
static inline floats group_sum(floats v) {
  if constexpr (PLACES > 1) v += shuffled<Exchanged<1>>(v, v);
  if constexpr (PLACES > 2) v += shuffled<Exchanged<2>>(v, v);
  if constexpr (PLACES > 4) v += shuffled<Exchanged<4>>(v, v);
  if constexpr (PLACES > 8) v += shuffled<Exchanged<8>>(v, v);
  return v;
}

// The sum over the lanes that lie multiples of N apart, in all of them.
template <int N>
static inline floats sum_at_distance(floats v) {
  if constexpr (N * 2 <= WIDTH) v += shuffled<Exchanged<WIDTH / 2>>(v, v);
  if constexpr (N * 4 <= WIDTH) v += shuffled<Exchanged<WIDTH / 4>>(v, v);
  if constexpr (N * 8 <= WIDTH) v += shuffled<Exchanged<WIDTH / 8>>(v, v);
  if constexpr (N * 16 <= WIDTH) v += shuffled<Exchanged<WIDTH / 16>>(v, v);
  return v;
}

// The same for the largest; with NaN in a group, its lanes may differ.
template <int PLACES>
static inline floats group_maximum(floats v) {
  if constexpr (PLACES > 1) v = maximum(v, shuffled<Exchanged<1>>(v, v));
  if constexpr (PLACES > 2) v = maximum(v, shuffled<Exchanged<2>>(v, v));
  if constexpr (PLACES > 4) v = maximum(v, shuffled<Exchanged<4>>(v, v));
  if constexpr (PLACES > 8) v = maximum(v, shuffled<Exchanged<8>>(v, v));
  return v;
}

}  // namespace lernwerk
