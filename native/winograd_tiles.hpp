// Pictures as the kernels with Winograd's algorithm see them: in tiles, and with a stride in
// phases.
#pragma once

#include "convolution.hpp"
#include "gemm.hpp"
#include "winograd.hpp"

namespace lernwerk::winograd {

static inline int64_t vectors_of(int64_t channels) { return (channels + WIDTH - 1) / WIDTH; }

// Numbers from one matrix of products to the next: an odd number of cache lines, so that the places
// that a transform writes do not fall together in the cache.
static inline int64_t apart(int64_t size) { return (size / 16 | 1) * 16 + 32; }

static inline floats load_some(const float* p, int64_t n) {
  return n >= WIDTH ? load(p) : load_part(p, n);
}

static inline void store_some(float* p, floats v, int64_t n) {
  if (n >= WIDTH)
    store(p, v);
  else
    store_part(p, v, n);
}

// A picture of which pixel (stride * row + p - top, stride * column + q - left) is what phase (p,
// q) has at a place (row, column). To a kernel that moves by one place, phases are like channels.
struct Lattice {
  int64_t h, w, c;
  int64_t stride, top, left;

  int64_t phases() const { return stride * stride; }
  int64_t width() const { return vectors_of(c) * WIDTH; }  // numbers of a pixel in whole vectors
};

// A convolution that moves by one place, from pictures to pictures.
struct Passage {
  Lattice from, to;
  int64_t rows, columns;  // of tiles in each picture

  Passage(const Lattice& from, const Lattice& to, int64_t places_h, int64_t places_w)
      : from(from),
        to(to),
        rows((places_h + RESULTS - 1) / RESULTS),
        columns((places_w + RESULTS - 1) / RESULTS) {}
};

static inline int64_t taps_of(const Geometry& g) {
  return (g.kernel_h + g.stride_h - 1) / g.stride_h;
}

static inline Passage forward_passage(const Geometry& g) {
  return {{g.h, g.w, g.c, g.stride_h, g.top, g.left},
          {g.out_h, g.out_w, g.out_c, 1, 0, 0},
          g.out_h,
          g.out_w};
}

// From the gradient of the output to that of the input, with the kernel turned round. Places begin
// where the first pixel lies.
static inline Passage backward_passage(const Geometry& g) {
  const int64_t s = g.stride_h, first_h = g.top / s, first_w = g.left / s, before = taps_of(g) - 1;
  return {{g.out_h, g.out_w, g.out_c, 1, before - first_h, before - first_w},
          {g.h, g.w, g.c, s, g.top % s, g.left % s},
          (g.h - 1 + g.top) / s - first_h + 1,
          (g.w - 1 + g.left) / s - first_w + 1};
}

// Places of one phase: the first of them, and the ways to the next row and column.
struct Places {
  const float* data;
  int64_t row, column;
};

// Copies places (rows, columns) whose first is the pixel (top, left), with zeros where the picture
// has nothing.
static inline void copy_places(const Lattice& l, const float* picture, int64_t top, int64_t left,
                               int64_t rows, int64_t columns, float* to) {
  const int64_t width = l.width();
  if (l.stride == 1)
    return copy_padded({picture, l.h, l.w, l.c}, {top, left, rows, columns}, width, to);
  for (int64_t i = 0; i < rows; ++i, top += l.stride) {
    for (int64_t j = 0; j < columns; ++j, to += width) {
      const int64_t column = left + j * l.stride;
      const bool inside = top >= 0 && top < l.h && column >= 0 && column < l.w;
      const int64_t from = (top * l.w + column) * l.c;
      for (int64_t c = 0; c < l.c; c += WIDTH)
        store(to + c, inside ? load_some(picture + from + c, l.c - c) : floats{});
    }
  }
}

// What a row of tiles reads of one phase, `size` places of each tile along each axis, as the
// channels' vectors: in the picture itself where it has all of them, else in a copy with zeros.
static inline Places row_of_squares(const Lattice& l, const float* picture, int64_t phase,
                                    int64_t tile_row, int64_t tiles, int64_t size, float* scratch) {
  const int64_t columns = (tiles - 1) * RESULTS + size, s = l.stride;
  const int64_t top = tile_row * RESULTS * s + phase / s - l.top, left = phase % s - l.left;
  const Rectangle part{top, left, (size - 1) * s + 1, (columns - 1) * s + 1};
  if (l.width() == l.c && part.inside(l.h, l.w))
    return {picture + (top * l.w + left) * l.c, s * l.w * l.c, s * l.c};
  copy_places(l, picture, top, left, size, columns, scratch);
  return {scratch, columns * l.width(), l.width()};
}

// Transforms a row of squares. place(v) says where the first product of the first tile goes for the
// channels of vector v, and how far it is from tile to tile; products lie `step` apart.
template <class Matrix, class Place>
static inline void transform_row(const Places& places, int64_t c, int64_t tiles, int64_t step,
                                 const Place& place, float* to) {
  for (int64_t v = 0; v < vectors_of(c); ++v) {
    const PackedVector found = place(v);
    for (int64_t tile = 0; tile < tiles; ++tile) {
      const float* from = places.data + tile * RESULTS * places.column + v * WIDTH;
      float* target = to + found.offset + tile * found.stride;
      transform<Matrix>(
          [&](int i, int j) { return load(from + i * places.row + j * places.column); },
          [&](int i, int j, floats x) { store(target + (i * Matrix::TO + j) * step, x); });
    }
  }
}

// The same as rows of a matrix, one for each tile.
template <class Matrix>
static inline void transform_plain(const Places& places, const Lattice& l, int64_t tiles,
                                   int64_t step, float* to) {
  transform_row<Matrix>(
      places, l.c, tiles, step, [&](int64_t v) { return PackedVector{v * WIDTH, l.width()}; }, to);
}

}  // namespace lernwerk::winograd
