// Work that is dealt out in parts, and the sums of their results.
#pragma once

#include <algorithm>
#include <cstdint>

#include "pool.hpp"

namespace lernwerk {

// Pieces first .. stop - 1 of chunk i when `pieces` are dealt out evenly to `chunks`.
struct Share {
  int64_t first, stop;
};
static inline Share share(int64_t pieces, int64_t chunks, int64_t i) {
  return {i * pieces / chunks, (i + 1) * pieces / chunks};
}

// Copying, adding or packing fewer numbers is too little for two threads.
inline constexpr int64_t SMALL = 1 << 16;

// to = the sum of `parts` arrays that lie `apart` from each other, added in this order.
static inline void sum_slices(Pool& pool, const float* arrays, int64_t parts, int64_t apart,
                              int64_t size, float* to) {
  const int64_t chunks = size < SMALL ? 1 : 8;
  pool.each(chunks, [&](int64_t chunk, int) {
    const Share mine = share(size, chunks, chunk);
    std::copy(arrays + mine.first, arrays + mine.stop, to + mine.first);
    for (int64_t part = 1; part < parts; ++part) {
      const float* array = arrays + part * apart;
      for (int64_t i = mine.first; i < mine.stop; ++i) to[i] += array[i];
    }
  });
}

// The same for arrays that lie one after the other.
static inline void sum_parts(Pool& pool, const float* arrays, int64_t parts, int64_t size,
                             float* to) {
  sum_slices(pool, arrays, parts, size, size, to);
}

}  // namespace lernwerk
