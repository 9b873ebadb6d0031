// Winograd's minimal filtering: results of a convolution along two axes from fewer products. With
// the matrices A, B, G of Lavin & Gray 2016 (arXiv:1509.09308)
//   y = A^T [(G w G^T) . (B^T d B)] A
// for a tile d of pixels. The functions apply one matrix to both sides of a square of vectors, each
// element of which belongs to another channel.
#pragma once

#include "vector.hpp"

namespace lernwerk::winograd {

inline constexpr int RESULTS = 4;  // of a tile, along each axis

// F(4x4, 3x3): 16 results from 36 products instead of 144.
struct ThreeTaps {
  static constexpr int TAPS = 3, TILE = RESULTS + TAPS - 1, PRODUCTS = TILE * TILE;

  // B^T d
  struct Input {
    static constexpr int FROM = TILE, TO = TILE;
    static inline void apply(const floats* d, floats* v) {
      const floats even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
      const floats fours = d[4] - d[2], twos = 2 * (d[3] - d[1]);
      v[0] = 4 * d[0] - 5 * d[2] + d[4];
      v[1] = even + odd;
      v[2] = even - odd;
      v[3] = fours + twos;
      v[4] = fours - twos;
      v[5] = 4 * d[1] - 5 * d[3] + d[5];
    }
  };

  // A^T m
  struct Output {
    static constexpr int FROM = TILE, TO = RESULTS;
    static inline void apply(const floats* m, floats* y) {
      const floats p = m[1] + m[2], q = m[1] - m[2], r = m[3] + m[4], s = m[3] - m[4];
      y[0] = m[0] + p + r;
      y[1] = q + 2 * s;
      y[2] = p + 4 * r;
      y[3] = q + 8 * s + m[5];
    }
  };

  // A g: how the gradient of y reaches the products
  struct OutputGradient {
    static constexpr int FROM = RESULTS, TO = TILE;
    static inline void apply(const floats* g, floats* m) {
      const floats even = g[0] + g[2], odd = g[1] + g[3];
      const floats fours = g[0] + 4 * g[2], eights = 2 * g[1] + 8 * g[3];
      m[0] = g[0];
      m[1] = even + odd;
      m[2] = even - odd;
      m[3] = fours + eights;
      m[4] = fours - eights;
      m[5] = g[3];
    }
  };

  // G w
  struct Weights {
    static constexpr int FROM = TAPS, TO = TILE;
    static inline void apply(const floats* w, floats* u) {
      const floats sixth = w[1] * (1.0f / 6), twelfth = w[1] * (1.0f / 12);
      const floats even = (w[0] + w[2]) * (-1.0f / 6);
      const floats other = w[0] * (1.0f / 24) + w[2] * (1.0f / 6);
      u[0] = w[0] * 0.25f;
      u[1] = even - sixth;
      u[2] = even + sixth;
      u[3] = other + twelfth;
      u[4] = other - twelfth;
      u[5] = w[2];
    }
  };

  // G^T u: how the gradient of the products reaches the kernel
  struct WeightGradient {
    static constexpr int FROM = TILE, TO = TAPS;
    static inline void apply(const floats* u, floats* w) {
      const floats first = (u[1] + u[2]) * (1.0f / 6), second = u[3] + u[4];
      w[0] = u[0] * 0.25f - first + second * (1.0f / 24);
      w[1] = (u[2] - u[1]) * (1.0f / 6) + (u[3] - u[4]) * (1.0f / 12);
      w[2] = second * (1.0f / 6) - first + u[5];
    }
  };
};

// F(4x4, 2x2): 16 results from 25 products instead of 64, with the points 0, 1, -1, 2 and infinity.
struct TwoTaps {
  static constexpr int TAPS = 2, TILE = RESULTS + TAPS - 1, PRODUCTS = TILE * TILE;

  struct Input {
    static constexpr int FROM = TILE, TO = TILE;
    static inline void apply(const floats* d, floats* v) {
      v[0] = 2 * (d[0] - d[2]) + d[3] - d[1];
      v[1] = d[3] - d[2] - 2 * d[1];
      v[2] = d[3] - 3 * d[2] + 2 * d[1];
      v[3] = d[3] - d[1];
      v[4] = 2 * (d[1] - d[3]) + d[4] - d[2];
    }
  };

  struct Output {
    static constexpr int FROM = TILE, TO = RESULTS;
    static inline void apply(const floats* m, floats* y) {
      const floats p = m[1] + m[2], q = m[1] - m[2];
      y[0] = m[0] + p + m[3];
      y[1] = q + 2 * m[3];
      y[2] = p + 4 * m[3];
      y[3] = q + 8 * m[3] + m[4];
    }
  };

  struct OutputGradient {
    static constexpr int FROM = RESULTS, TO = TILE;
    static inline void apply(const floats* g, floats* m) {
      const floats even = g[0] + g[2], odd = g[1] + g[3];
      m[0] = g[0];
      m[1] = even + odd;
      m[2] = even - odd;
      m[3] = g[0] + 2 * g[1] + 4 * g[2] + 8 * g[3];
      m[4] = g[3];
    }
  };

  struct Weights {
    static constexpr int FROM = TAPS, TO = TILE;
    static inline void apply(const floats* w, floats* u) {
      u[0] = w[0] * 0.5f;
      u[1] = (w[0] + w[1]) * -0.5f;
      u[2] = (w[1] - w[0]) * (1.0f / 6);
      u[3] = (w[0] + 2 * w[1]) * (1.0f / 6);
      u[4] = w[1];
    }
  };

  struct WeightGradient {
    static constexpr int FROM = TILE, TO = TAPS;
    static inline void apply(const floats* u, floats* w) {
      w[0] = (u[0] - u[1]) * 0.5f + (u[3] - u[2]) * (1.0f / 6);
      w[1] = (u[2] + 2 * u[3]) * (1.0f / 6) - u[1] * 0.5f + u[4];
    }
  };
};

// Applies a matrix to the columns and to the rows of a square: read(i, j) -> write(i, j, vector).
template <class Matrix, class Read, class Write>
static inline void transform(const Read& read, const Write& write) {
  floats half[Matrix::TO][Matrix::FROM];
#pragma GCC unroll 6
  for (int j = 0; j < Matrix::FROM; ++j) {
    floats column[Matrix::FROM], result[Matrix::TO];
#pragma GCC unroll 6
    for (int i = 0; i < Matrix::FROM; ++i) column[i] = read(i, j);
    Matrix::apply(column, result);
#pragma GCC unroll 6
    for (int i = 0; i < Matrix::TO; ++i) half[i][j] = result[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < Matrix::TO; ++i) {
    floats result[Matrix::TO];
    Matrix::apply(half[i], result);
#pragma GCC unroll 6
    for (int j = 0; j < Matrix::TO; ++j) write(i, j, result[j]);
  }
}

}  // namespace lernwerk::winograd
