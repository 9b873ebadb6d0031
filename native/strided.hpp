// Copies between two arrays whose axes lie apart by any strides: the one loop behind transposes,
// slices, flips and broadcasting.
#pragma once

#include <cstdint>
#include <cstring>

#include "vector.hpp"

namespace lernwerk {

// One axis: its length and the distance of its elements in x and y, counted in elements.
struct Axis {
  int64_t length, x, y;
};

// Walks over all places of some axes, from a given one on; x and y are the offsets there.
class Walk {
 public:
  static constexpr int MOST = 8;

  Walk(const Axis* axes, int rank, int64_t start) : axes_(axes), rank_(rank) {
    for (int i = rank - 1; i >= 0; --i) {
      place_[i] = start % axes[i].length;
      start /= axes[i].length;
      x += place_[i] * axes[i].x;
      y += place_[i] * axes[i].y;
    }
  }

  void next() {
    for (int i = rank_ - 1; i >= 0; --i) {
      x += axes_[i].x;
      y += axes_[i].y;
      if (++place_[i] < axes_[i].length) return;
      x -= place_[i] * axes_[i].x;
      y -= place_[i] * axes_[i].y;
      place_[i] = 0;
    }
  }

  int64_t x = 0, y = 0;

 private:
  const Axis* axes_;
  int rank_;
  int64_t place_[MOST];
};

// A run of n elements; the strides that the compiler can turn into vectors have their own loop.
template <class T>
inline void copy_run(const T* x, T* y, int64_t n, int64_t stride) {
  if (stride == 1) {
    std::memcpy(y, x, static_cast<size_t>(n) * sizeof(T));
  } else if (stride == 0) {
    const T value = *x;
    for (int64_t i = 0; i < n; ++i) y[i] = value;
  } else if (stride == -1) {
    for (int64_t i = 0; i < n; ++i) y[i] = x[-i];
  } else if (stride == 2) {
    for (int64_t i = 0; i < n; ++i) y[i] = x[2 * i];
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] = x[i * stride];
  }
}

// y[i * to + j] = x[j * from + i] for rows i and columns j.
template <class T>
inline void transpose_plain(const T* x, int64_t from, T* y, int64_t to, int64_t rows,
                            int64_t columns) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) y[i * to + j] = x[j * from + i];
  }
}

// Exchanges the blocks beside the diagonal of all squares of 2 * apart rows, which lie in `rows`.
template <int apart>
inline void swap_blocks(floats (&rows)[WIDTH]) {
  ints low, high;
  for (int k = 0; k < WIDTH; ++k) {
    low[k] = k & apart ? WIDTH + k - apart : k;
    high[k] = k & apart ? WIDTH + k : k + apart;
  }
  for (int i = 0; i < WIDTH; ++i) {
    if (i & apart) continue;
    const floats a = rows[i], b = rows[i + apart];
    rows[i] = __builtin_shuffle(a, b, low);
    rows[i + apart] = __builtin_shuffle(a, b, high);
  }
}

// A square of WIDTH rows and columns in registers: log2(WIDTH) rounds of exchanges.
inline void transpose_square(const float* x, int64_t from, float* y, int64_t to) {
  floats rows[WIDTH];
  for (int i = 0; i < WIDTH; ++i) rows[i] = load(x + i * from);
  swap_blocks<1>(rows);
  swap_blocks<2>(rows);
  if constexpr (WIDTH >= 8) swap_blocks<4>(rows);
  if constexpr (WIDTH >= 16) swap_blocks<8>(rows);
  for (int i = 0; i < WIDTH; ++i) store(y + i * to, rows[i]);
}

// As transpose_plain, in squares; elements of 4 bytes go through registers.
template <class T>
inline void transpose_block(const T* x, int64_t from, T* y, int64_t to, int64_t rows,
                            int64_t columns) {
  int64_t i = 0;
  for (; i + WIDTH <= rows; i += WIDTH) {
    int64_t j = 0;
    for (; j + WIDTH <= columns; j += WIDTH) {
      const T* source = x + j * from + i;
      T* target = y + i * to + j;
      if constexpr (sizeof(T) == 4) {
        transpose_square(reinterpret_cast<const float*>(source), from,
                         reinterpret_cast<float*>(target), to);
      } else {
        transpose_plain(source, from, target, to, WIDTH, WIDTH);
      }
    }
    transpose_plain(x + j * from + i, from, y + i * to + j, to, WIDTH, columns - j);
  }
  transpose_plain(x + i, from, y + i * to, to, rows - i, columns);
}

}  // namespace lernwerk
