// Matrix products in bfloat16: factors in float32 are rounded while they are packed, the sums are
// float32.
//
// A packed factor consists of tiles of 16 lines (rows of A or columns of B) by 32 elements of
// depth, 1 KB each: the registers of AMX. Lines and depth are filled up with zeros.
#pragma once

#include <algorithm>
#include <cstdint>

#include "narrow.hpp"

namespace lernwerk::bfloat16 {

inline constexpr int64_t LINES = 16, DEPTH = 32;
inline constexpr int64_t TILE_SIZE = LINES * DEPTH;  // elements of 2 bytes

// Rounded to the 8 significant bits of bfloat16, halves to the even neighbour; NaN stays.
static inline floats rounded(floats a) {
  const words bits = reinterpret_cast<words>(a);
  const words nearest = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
  return select(a == a, reinterpret_cast<floats>(nearest), a);
}

// Stores the first n of rounded numbers as bfloat16.
static inline void store_rounded(uint16_t* to, floats a, int64_t n) {
  Narrow all[WIDTH];
  if (n >= WIDTH) return store_rounded_as(reinterpret_cast<Narrow*>(to), a);
  store_rounded_as(all, a);
  std::memcpy(to, all, static_cast<size_t>(n) * 2);
}

// Whether this processor has instructions for products in bfloat16, and this build uses them.
bool available();

// For tests: products by tiles (AMX), as a start, or by vectors (AVX512-BF16). True where the
// processor has them.
bool use_tiles(bool wanted);

static inline int64_t tiles_of(int64_t depth) { return (depth + DEPTH - 1) / DEPTH; }
static inline int64_t blocks_of(int64_t lines) { return (lines + LINES - 1) / LINES; }

// Element (line, depth) of a factor lies at data[line * stride + depth], or, where neighbouring
// lines lie side by side, at data[line + depth * stride].
struct Factor {
  const void* data;
  int64_t lines, depth, stride;
  bool side_by_side;
  bool narrow = false;  // whether it is in bfloat16 already

  int64_t way(int64_t line, int64_t start) const {
    return side_by_side ? line + start * stride : line * stride + start;
  }
  // Lines and depth from there on.
  Factor part(int64_t line, int64_t count, int64_t start, int64_t length) const {
    const int64_t bytes = way(line, start) * (narrow ? 2 : 4);
    return {static_cast<const char*>(data) + bytes, count, length, stride, side_by_side, narrow};
  }
};

// Packs a factor as A or as B: block by block of lines, in it tile by tile of depth.
void pack_a(const Factor& factor, uint16_t* packed);
void pack_b(const Factor& factor, uint16_t* packed);

// A as rows of a matrix, `width` apart, in whole tiles.
void round_rows(const Factor& factor, int64_t width, uint16_t* matrix);

// A row of `count` numbers as bfloat16, with zeros up to `width`.
void round_row(const float* x, int64_t count, int64_t width, uint16_t* rounded);
void round_row(const Narrow* x, int64_t count, int64_t width, uint16_t* rounded);

// Windows that slide over rounded numbers, as rows of a matrix: window i is made of `runs` runs of
// `run` numbers, the first at from + i * step, the others `way` apart. The rows of `to` are `width`
// apart, at least as much as a window rounded up to DEPTH, and filled up with zeros to there.
// Numbers behind a row are overwritten, up to DEPTH of them: also behind the last.
void copy_windows(const uint16_t* from, int64_t windows, int64_t step, int64_t runs, int64_t way,
                  int64_t run, uint16_t* to, int64_t width);

// Packs a matrix (depth, lines) of rounded numbers as B. Its rows are `width` apart, which is at
// least `lines` rounded up to DEPTH.
void pack_b(const uint16_t* matrix, int64_t width, int64_t lines, int64_t depth, uint16_t* packed);

// The width of a matrix for rows that are read 16 at a time: whole tiles, and no power of two,
// at which all rows would fall on the same places of the cache.
static inline int64_t width_of(int64_t depth) {
  const int64_t whole = tiles_of(depth) * DEPTH;
  return whole % 128 ? whole : whole + DEPTH;
}

// C (m, n) = A B, or C += A B where `accumulate` is set. The strides are from block to block of the
// factors and from row to row of C.
struct Product {
  int64_t m, n, tiles;  // of depth
  const uint16_t* a;
  int64_t stride_a;
  const uint16_t* b;
  int64_t stride_b;
  float* c;
  int64_t stride_c;
  bool accumulate;
  // From row to row of a tile of A and from tile to tile: an A that is not packed has others.
  int64_t row_a = DEPTH, step_a = TILE_SIZE;
  // A row of A may consist of several runs, so many tiles long and so far apart.
  int64_t runs = 1, way_a = 0;
  // Several products with the same B: where the A of each begins, and from C to C.
  const int64_t* starts = nullptr;
  int64_t repeats = 1, way_c = 0;
};

void multiply(const Product& product);

}  // namespace lernwerk::bfloat16
