// The same code over vectors of several widths: a row of channels is taken in full vectors, then
// in vectors of four, then one by one.
#pragma once

#include "vector.hpp"

namespace lernwerk {

typedef float four_floats __attribute__((vector_size(16)));

// Calls work(zero, i) for pieces that cover 0 <= i < n; the type of zero says how wide they are.
template <class Work>
inline void each_lanes(int64_t n, const Work& work) {
  int64_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH) work(floats{}, i);
  for (; i + 4 <= n; i += 4) work(four_floats{}, i);
  for (; i < n; ++i) work(0.0f, i);
}

template <class V>
inline V load_as(const float* p) {
  V v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

template <class V>
inline void store_as(float* p, V v) {
  std::memcpy(p, &v, sizeof v);
}

// As np.maximum and np.minimum: NaN where either is NaN.
template <class V>
inline V greater_or_nan(V a, V b) {
  const auto take = (b > a) | (b != b);
  return take ? b : a;
}

template <class V>
inline V less_or_nan(V a, V b) {
  const auto take = (b < a) | (b != b);
  return take ? b : a;
}

}  // namespace lernwerk
