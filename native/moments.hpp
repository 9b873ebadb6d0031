// Sums down the columns of a matrix: mean and squared distances from it, or any terms of a row.
//
// Columns go through registers in tiles of a few vectors, rows in blocks that stay in the cache, so
// that the mean of a block is known before its squares are summed: one pass over memory is as
// exact as two. Blocks are joined in double precision.
#pragma once

#include <algorithm>

#include "masked.hpp"

namespace lernwerk {

inline constexpr int64_t BLOCK_ROWS = 32;  // times a tile: 16 kB, a third of the first cache
inline constexpr int TILE = 8;             // vectors; two sums of each fit into the registers

static inline floats take_lanes(const float* x, int64_t lanes) {
  return lanes >= WIDTH ? load(x) : load_masked(x, lanes, 0);
}

// Calls work.operator()<vectors>(column, lanes): tiles of 8 and 4 full vectors, then single ones
// that may have fewer lanes.
template <class Work>
static inline void each_tile(int64_t columns, const Work& work) {
  int64_t i = 0;
  for (; i + TILE * WIDTH <= columns; i += TILE * WIDTH) work.template operator()<TILE>(i, WIDTH);
  for (; i + 4 * WIDTH <= columns; i += 4 * WIDTH) work.template operator()<4>(i, WIDTH);
  for (; i < columns; i += WIDTH) {
    work.template operator()<1>(i, std::min<int64_t>(WIDTH, columns - i));
  }
}

// Means and sums of squared distances of n values for each column.
struct Moments {
  double* mean;
  double* squares;

  // Chan, Golub & LeVeque 1983, The American Statistician 37, 242-247: two sets of values as one.
  void join(int64_t i, double n, double other_mean, double other_squares, double other_n) const {
    const double distance = other_mean - mean[i], share = other_n / (n + other_n);
    mean[i] += distance * share;
    squares[i] += other_squares + distance * distance * n * share;
  }
};

// Three sums of one tile of columns; `rest` is what the differences from the rounded mean add up
// to.
template <int VECTORS>
struct Tile {
  float mean[VECTORS * WIDTH], rest[VECTORS * WIDTH], squares[VECTORS * WIDTH];

  void sum_up(const float* x, int64_t rows, int64_t stride, int64_t lanes) {
    floats middle[VECTORS]{}, differences[VECTORS]{}, products[VECTORS]{};
    for (int64_t row = 0; row < rows; ++row) {
      for (int v = 0; v < VECTORS; ++v) {
        middle[v] += take_lanes(x + row * stride + v * WIDTH, lanes);
      }
    }
    for (floats& each : middle) each *= 1.0f / static_cast<float>(rows);
    for (int64_t row = 0; row < rows; ++row) {
      for (int v = 0; v < VECTORS; ++v) {
        const floats distance = take_lanes(x + row * stride + v * WIDTH, lanes) - middle[v];
        differences[v] += distance;
        products[v] += distance * distance;
      }
    }
    std::memcpy(mean, middle, sizeof mean);
    std::memcpy(rest, differences, sizeof rest);
    std::memcpy(squares, products, sizeof squares);
  }
};

// The moments of the columns of x (rows, columns).
static inline void column_moments(const float* x, int64_t rows, int64_t columns,
                                  const Moments& moments) {
  std::fill_n(moments.mean, columns, 0.0);
  std::fill_n(moments.squares, columns, 0.0);
  for (int64_t begin = 0; begin < rows; begin += BLOCK_ROWS) {
    const int64_t count = std::min(BLOCK_ROWS, rows - begin);
    const auto before = static_cast<double>(begin), n = static_cast<double>(count);
    each_tile(columns, [&]<int VECTORS>(int64_t column, int64_t lanes) {
      Tile<VECTORS> tile;
      tile.sum_up(x + begin * columns + column, count, columns, lanes);
      const Moments part{moments.mean + column, moments.squares + column};
      const int64_t used = VECTORS > 1 ? VECTORS * WIDTH : lanes;
      for (int64_t i = 0; i < used; ++i) {
        const double correction = tile.rest[i] / n;
        part.join(i, before, tile.mean[i] + correction, tile.squares[i] - tile.rest[i] * correction,
                  n);
      }
    });
  }
}

// The sums of g and of g (x - mean) down the columns of g and x (rows, columns).
static inline void column_sums(const float* g, const float* x, const float* mean, int64_t rows,
                               int64_t columns, double* plain, double* centred) {
  std::fill_n(plain, columns, 0.0);
  std::fill_n(centred, columns, 0.0);
  for (int64_t begin = 0; begin < rows; begin += BLOCK_ROWS) {
    const int64_t end = std::min(begin + BLOCK_ROWS, rows);
    each_tile(columns, [&]<int VECTORS>(int64_t column, int64_t lanes) {
      floats middle[VECTORS], sums[VECTORS]{}, products[VECTORS]{};
      for (int v = 0; v < VECTORS; ++v) middle[v] = take_lanes(mean + column + v * WIDTH, lanes);
      for (int64_t row = begin; row < end; ++row) {
        for (int v = 0; v < VECTORS; ++v) {
          const int64_t place = row * columns + column + v * WIDTH;
          const floats each = take_lanes(g + place, lanes);
          sums[v] += each;
          products[v] += each * (take_lanes(x + place, lanes) - middle[v]);
        }
      }
      float part_sums[VECTORS * WIDTH], part_products[VECTORS * WIDTH];
      std::memcpy(part_sums, sums, sizeof sums);
      std::memcpy(part_products, products, sizeof products);
      const int64_t used = VECTORS > 1 ? VECTORS * WIDTH : lanes;
      for (int64_t i = 0; i < used; ++i) {
        plain[column + i] += part_sums[i];
        centred[column + i] += part_products[i];
      }
    });
  }
}

}  // namespace lernwerk
