// Sums over a tile of a program and over its rows. Numbers add up in a type that holds more.
#pragma once

#include <type_traits>

#include "masked.hpp"

namespace lernwerk {

template <class T>
struct Wide {
  using type = std::conditional_t<std::is_floating_point_v<T>, double, int64_t>;
};

template <class T>
typename Wide<T>::type tile_sum(const T* x, int64_t n) {
  typename Wide<T>::type total = 0;
  for (int64_t i = 0; i < n; ++i) total += x[i];
  return total;
}

// Eight vectors of sums: of a tile each lane adds up eight numbers, so that little is rounded away.
template <>
inline double tile_sum(const float* x, int64_t n) {
  constexpr int64_t SUMS = 8;
  if (n <= WIDTH) return group_sum<WIDTH>(load_masked(x, n, 0))[0];
  floats sums[SUMS] = {};
  int64_t i = 0;
  for (; i + SUMS * WIDTH <= n; i += SUMS * WIDTH) {
#pragma GCC unroll 8
    for (int64_t j = 0; j < SUMS; ++j) sums[j] += load(x + i + j * WIDTH);
  }
  for (int64_t j = 0; i + WIDTH <= n; i += WIDTH, ++j) sums[j] += load(x + i);
  if (i < n) sums[SUMS - 1] += load_masked(x + i, n - i, 0);
#pragma GCC unroll 4
  for (int64_t half = SUMS / 2; half > 0; half /= 2) {
    for (int64_t j = 0; j < half; ++j) sums[j] += sums[j + half];
  }
  return group_sum<WIDTH>(sums[0])[0];
}

template <class S, class T>
void add(S* total, const T* x, int64_t n) {
  for (int64_t j = 0; j < n; ++j) total[j] += x[j];
}

// total[j] += the sum of column j, for COUNT columns that add up in registers.
template <int COUNT, class S, class T>
inline void add_strip(S* total, const T* x, int64_t rows, int64_t columns) {
  S sums[COUNT];
  for (int j = 0; j < COUNT; ++j) sums[j] = total[j];
  for (int64_t r = 0; r < rows; ++r) {
    for (int j = 0; j < COUNT; ++j) sums[j] += x[r * columns + j];
  }
  for (int j = 0; j < COUNT; ++j) total[j] = sums[j];
}

template <class S, class T>
void add_rows(S* total, const T* x, int64_t rows, int64_t columns) {
  int64_t j = 0;
  for (; j + 16 <= columns; j += 16) add_strip<16>(total + j, x + j, rows, columns);
  if (j + 8 <= columns) add_strip<8>(total + j, x + j, rows, columns), j += 8;
  if (j + 4 <= columns) add_strip<4>(total + j, x + j, rows, columns), j += 4;
  for (; j < columns; ++j) add_strip<1>(total + j, x + j, rows, columns);
}

}  // namespace lernwerk
