// What the convolutions in bfloat16 share: the windows over a picture as rows of a matrix. One
// group, and rows of the kernel without dilation.
//
// With stride 1 nothing is copied but the rounded pictures: if all pixels are numbered through, the
// windows of neighbouring pixels lie one pixel apart, also across the edges of the picture, where
// they are computed in vain. Other windows are copied as rows of a matrix.
#pragma once

#include <algorithm>
#include <type_traits>

#include "bfloat16.hpp"
#include "convolution.hpp"

namespace lernwerk::bfloat16 {

// Numbers of 2 bytes that end with a line of the cache, and so much behind copied windows.
static inline int64_t aligned(int64_t count) { return (count + DEPTH - 1) / DEPTH * DEPTH; }

// Results for `runs` times `pixels` pixels, with a gap of some pixels between two runs.
struct Products {
  const float* data;
  int64_t pixels, runs, gap;
};

// The windows over some rows of a picture as a matrix (pixels, taps * c), in scratch memory.
struct Windows {
  Geometry g;
  int64_t rows;  // of the output in a piece, at most

  int64_t depth() const { return g.taps() * g.c; }
  int64_t width() const { return width_of(depth()); }
  int64_t pieces() const { return (g.out_h + rows - 1) / rows; }
  int64_t count(int64_t piece) const { return std::min(rows, g.out_h - piece * rows); }
  int64_t row_length() const { return g.columns_of(g.out_w) * g.c; }
  int64_t picture_size() const { return aligned(g.rows_of(rows) * row_length()); }
  // Numbers of the scratch memory; the matrix is read in whole blocks of rows.
  int64_t size() const {
    return picture_size() + blocks_of(rows * g.out_w) * LINES * width() + 2 * DEPTH;
  }

  // Whether windows are read where they lie: runs that are whole tiles, one pixel apart.
  bool slide() const { return g.stride_h == 1 && g.stride_w == 1 && g.kernel_w * g.c % DEPTH == 0; }

  // Where products lie that stay in the scratch memory.
  float* products(uint16_t* scratch) const {
    const int64_t behind = slide() ? picture_size() + aligned(2 * LINES * g.c) : aligned(size());
    return reinterpret_cast<float*>(scratch + behind);
  }

  Rectangle covered(int64_t piece) const;
  template <class T>
  void round(const T* x, int64_t piece, uint16_t* picture) const;
  template <class T>
  const uint16_t* rounded(const T* x, int64_t piece, uint16_t* scratch) const;
  template <class T>
  const uint16_t* copy(const T* x, int64_t piece, uint16_t* scratch) const;
  template <class T>
  bool reads_before(const T* end, const T* x, int64_t piece) const;
  template <class T>
  Products multiply_sliding(const T* x, const T* end, int64_t piece, const uint16_t* packed,
                            uint16_t* scratch, float* y) const;
  template <class T>
  Products multiply_copied(const T* x, int64_t piece, const uint16_t* packed, uint16_t* scratch,
                           float* y) const;
};

// A picture (h, w, c), narrow or in float32.
template <class T>
struct Pixels {
  const T* data;
  int64_t h, w, c;
};

// A rectangle of a picture, rounded, with zeros where the picture has nothing.
template <class T>
void round_padded(const Pixels<T>& picture, const Rectangle& part, uint16_t* to) {
  const int64_t c = picture.c;
  const int64_t first = std::clamp<int64_t>(-part.column, 0, part.columns);
  const int64_t stop = std::clamp<int64_t>(picture.w - part.column, first, part.columns);
  for (int64_t i = 0; i < part.rows; ++i, to += part.columns * c) {
    const int64_t row = part.row + i;
    if (row < 0 || row >= picture.h) {
      std::fill_n(to, part.columns * c, uint16_t{0});
      continue;
    }
    const T* from = picture.data + (row * picture.w + part.column + first) * c;
    std::fill_n(to, first * c, uint16_t{0});
    bfloat16::round_row(from, (stop - first) * c, (part.columns - first) * c, to + first * c);
  }
}

// The rectangle of the picture that the windows of a piece cover.
inline Rectangle Windows::covered(int64_t piece) const {
  return {piece * rows * g.stride_h - g.top, -g.left, g.rows_of(count(piece)),
          g.columns_of(g.out_w)};
}

template <class T>
void Windows::round(const T* x, int64_t piece, uint16_t* picture) const {
  round_padded<T>({x, g.h, g.w, g.c}, covered(piece), picture);
}

// The same where it lies already, if nothing has to be changed.
template <class T>
const uint16_t* Windows::rounded(const T* x, int64_t piece, uint16_t* scratch) const {
  if constexpr (std::is_same_v<T, Narrow>) {
    const Rectangle part = covered(piece);
    if (part.columns == g.w && part.inside(g.h, g.w))
      return reinterpret_cast<const uint16_t*>(x + part.row * g.w * g.c);
  }
  round(x, piece, scratch);
  return scratch;
}

template <class T>
const uint16_t* Windows::copy(const T* x, int64_t piece, uint16_t* scratch) const {
  uint16_t* windows = scratch + picture_size();
  round(x, piece, scratch);
  for (int64_t i = 0; i < count(piece); ++i) {
    bfloat16::copy_windows(scratch + i * g.stride_h * row_length(), g.out_w, g.stride_w * g.c,
                           g.kernel_h, g.dilation_h * row_length(), g.kernel_w * g.c,
                           windows + i * g.out_w * width(), width());
  }
  return windows;
}

// Whether all pixels that sliding windows read, whole blocks of them, lie before `end`.
template <class T>
bool Windows::reads_before(const T* end, const T* x, int64_t piece) const {
  const int64_t columns = g.columns_of(g.out_w), blocks = blocks_of(count(piece) * columns) + 1;
  const int64_t behind = (g.kernel_h - 1) * g.dilation_h * columns + g.kernel_w;
  const int64_t first = (piece * rows - g.top) * g.w;
  return (first + blocks * LINES + behind) * g.c <= end - x;
}

// The products of one piece of the picture x, first with the pixels between its rows; where `y` is
// null they stay so, in the scratch memory.
template <class T>
Products Windows::multiply_sliding(const T* x, const T* end, int64_t piece, const uint16_t* packed,
                                   uint16_t* scratch, float* y) const {
  const int64_t lines = count(piece), columns = g.columns_of(g.out_w);
  const int64_t run = g.kernel_w * g.c, pixels = (lines - 1) * columns + g.out_w;
  const bool is_whole = columns == g.out_w;
  float* all = is_whole && y ? y : products(scratch);
  const uint16_t* a = scratch;
  if (reads_before(end, x, piece))
    a = rounded(x, piece, scratch);
  else
    round(x, piece, scratch);
  bfloat16::multiply({pixels, g.out_c, run / DEPTH, a, LINES * g.c, packed,
                      tiles_of(depth()) * TILE_SIZE, all, g.out_c, false, g.c, DEPTH, g.kernel_h,
                      g.dilation_h * row_length()});
  if (y && !is_whole) {
    for (int64_t i = 0; i < lines; ++i)
      std::copy_n(all + i * columns * g.out_c, g.out_w * g.out_c, y + i * g.out_w * g.out_c);
  }
  return {all, g.out_w, lines, columns - g.out_w};
}

// The same for windows that are copied.
template <class T>
Products Windows::multiply_copied(const T* x, int64_t piece, const uint16_t* packed,
                                  uint16_t* scratch, float* y) const {
  const int64_t tiles = tiles_of(depth());
  float* to = y ? y : products(scratch);
  const int64_t pixels = count(piece) * g.out_w;
  const uint16_t* a = copy(x, piece, scratch);
  bfloat16::multiply({pixels, g.out_c, tiles, a, LINES * width(), packed, tiles * TILE_SIZE, to,
                      g.out_c, false, width(), DEPTH});
  return {to, pixels, 1, 0};
}

}  // namespace lernwerk::bfloat16
