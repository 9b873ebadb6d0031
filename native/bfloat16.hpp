// Matrix products in bfloat16: the factors are rounded while they are packed, the sums are float32.
//
// A packed factor consists of tiles of 16 lines (rows of A or columns of B) by 32 elements of
// depth, 1 KB each: the registers of AMX. Lines and depth are filled up with zeros.
#pragma once

#include <cstdint>

namespace lernwerk::bfloat16 {

inline constexpr int64_t LINES = 16, DEPTH = 32;
inline constexpr int64_t TILE_SIZE = LINES * DEPTH;  // elements of 2 bytes

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
  const float* data;
  int64_t lines, depth, stride;
  bool side_by_side;
};

// Packs a factor as A or as B: block by block of lines, in it tile by tile of depth.
void pack_a(const Factor& factor, uint16_t* packed);
void pack_b(const Factor& factor, uint16_t* packed);

// A row of `count` numbers as bfloat16, with zeros up to `width`.
void round_row(const float* x, int64_t count, int64_t width, uint16_t* rounded);

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
};

void multiply(const Product& product);

}  // namespace lernwerk::bfloat16
