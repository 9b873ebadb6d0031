// Folds over an axis: how one reduction combines two values, for vectors and single numbers alike,
// and how rows and columns of floats are folded with it.
#pragma once

#include "lanes.hpp"

namespace lernwerk {

struct Sum {
  static constexpr float start = 0;
  template <class V>
  static V combine(V a, V b) {
    return a + b;
  }
};

struct Product {
  static constexpr float start = 1;
  template <class V>
  static V combine(V a, V b) {
    return a * b;
  }
};

struct Maximum {
  static constexpr float start = -__builtin_inff();
  template <class V>
  static V combine(V a, V b) {
    return greater_or_nan(a, b);
  }
};

struct Minimum {
  static constexpr float start = __builtin_inff();
  template <class V>
  static V combine(V a, V b) {
    return less_or_nan(a, b);
  }
};

// Eight vectors hide the latency of an addition; a block of 16 values for each lane keeps the
// rounding of sums as small as that of NumPy's pairwise blocks of 128.
inline constexpr int64_t LANES = 8 * WIDTH;
inline constexpr int64_t BLOCK = 16 * LANES;

// A block of n <= BLOCK neighbours.
template <class Fold>
inline float fold_block(const float* x, int64_t n) {
  float rest = Fold::start;
  const int64_t vectors = n / WIDTH;
  for (int64_t i = vectors * WIDTH; i < n; ++i) rest = Fold::combine(rest, x[i]);
  if (vectors == 0) return rest;
  floats lanes[8];
  for (floats& lane : lanes) lane = splat(Fold::start);
  int64_t i = 0;
  for (; i + 8 <= vectors; i += 8) {
    for (int j = 0; j < 8; ++j) {
      lanes[j] = Fold::combine(lanes[j], load(x + (i + j) * WIDTH));
    }
  }
  for (; i < vectors; ++i) lanes[0] = Fold::combine(lanes[0], load(x + i * WIDTH));
  for (int apart = 4; apart > 0; apart /= 2) {
    for (int j = 0; j < apart; ++j) lanes[j] = Fold::combine(lanes[j], lanes[j + apart]);
  }
  float across[WIDTH];
  store(across, lanes[0]);
  for (int apart = WIDTH / 2; apart > 0; apart /= 2) {
    for (int j = 0; j < apart; ++j) across[j] = Fold::combine(across[j], across[j + apart]);
  }
  return Fold::combine(across[0], rest);
}

// n neighbours, halved until a block is left: the rounding of a sum grows with log n.
template <class Fold>
float fold_row(const float* x, int64_t n) {
  if (n <= BLOCK) return fold_block<Fold>(x, n);
  const int64_t half = (n / BLOCK + 1) / 2 * BLOCK;
  return Fold::combine(fold_row<Fold>(x, half), fold_row<Fold>(x + half, n - half));
}

// One strip of `count` vectors of columns over all rows: y = fold of the rows. Every 256 rows the
// running values go into totals, so that long sums do not lose small addends.
template <class Fold, class V, int count>
inline void fold_strip(const float* x, int64_t rows, int64_t stride, float* y) {
  constexpr int64_t step = sizeof(V) / sizeof(float);
  V totals[count];
  for (V& total : totals) total = Fold::start - V{};
  for (int64_t begin = 0; begin < rows; begin += 256) {
    const int64_t end = begin + 256 < rows ? begin + 256 : rows;
    V running[count];
    for (V& each : running) each = Fold::start - V{};
    for (int64_t i = begin; i < end; ++i) {
      for (int j = 0; j < count; ++j) {
        running[j] = Fold::combine(running[j], load_as<V>(x + i * stride + j * step));
      }
    }
    for (int j = 0; j < count; ++j) totals[j] = Fold::combine(totals[j], running[j]);
  }
  for (int j = 0; j < count; ++j) store_as(y + j * step, totals[j]);
}

// y[j] = fold over the rows i of x[i * stride + j], for `columns` columns.
template <class Fold>
void fold_columns(const float* x, int64_t rows, int64_t columns, int64_t stride, float* y) {
  int64_t j = 0;
  for (; j + LANES <= columns; j += LANES) fold_strip<Fold, floats, 8>(x + j, rows, stride, y + j);
  for (; j + 4 * WIDTH <= columns; j += 4 * WIDTH) {
    fold_strip<Fold, floats, 4>(x + j, rows, stride, y + j);
  }
  each_lanes(columns - j, [&](auto zero, int64_t at) {
    fold_strip<Fold, decltype(zero), 1>(x + j + at, rows, stride, y + j + at);
  });
}

}  // namespace lernwerk
