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
// q) has at a place (row, column). To a kernel that moves by one place, phases are more channels.
struct Lattice {
  int64_t h, w, c;
  int64_t stride, top, left;

  int64_t phases() const { return stride * stride; }
  int64_t channels() const { return phases() * c; }
  // Numbers from tile to tile in a matrix of products; the last vector of a phase may be ragged.
  int64_t width() const { return (phases() - 1) * c + vectors_of(c) * WIDTH; }
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

// What a row of tiles reads, `size` places of each tile along each axis, as the channels' vectors:
// from the picture itself where it has all of them, else from a copy with zeros.
static inline View row_of_squares(const Lattice& l, const float* picture, int64_t tile_row,
                                  int64_t tiles, int64_t size, float* scratch) {
  const Rectangle part{tile_row * RESULTS * l.stride - l.top, -l.left, size * l.stride,
                       ((tiles - 1) * RESULTS + size) * l.stride};
  const Picture whole{picture, l.h, l.w, l.c};
  const int64_t width = vectors_of(l.c) * WIDTH;
  if (width == l.c && part.inside(l.h, l.w)) return cut(whole, part, false, scratch);
  copy_padded(whole, part, width, scratch);
  return {scratch, part.columns * width};
}

// Transforms one phase of a row of squares. place(v) says where the first product of the first tile
// goes for the channels of vector v, and how far it is from tile to tile; products lie `step`
// apart.
template <class Matrix, class Place>
static inline void transform_row(const View& view, const Lattice& l, int64_t phase, int64_t tiles,
                                 int64_t step, const Place& place, float* to) {
  const int64_t width = vectors_of(l.c) * WIDTH, down = l.stride * view.row;
  const float* start = view.data + phase / l.stride * view.row + phase % l.stride * width;
  for (int64_t v = 0; v < vectors_of(l.c); ++v) {
    const PackedVector found = place(v);
    for (int64_t tile = 0; tile < tiles; ++tile) {
      const float* from = start + tile * RESULTS * l.stride * width + v * WIDTH;
      float* target = to + found.offset + tile * found.stride;
      transform<Matrix>(
          [&](int i, int j) { return load(from + i * down + j * l.stride * width); },
          [&](int i, int j, floats x) { store(target + (i * Matrix::TO + j) * step, x); });
    }
  }
}

// All phases of it, side by side as the channels of rows that are l.width() apart.
template <class Matrix>
static inline void transform_phases(const View& view, const Lattice& l, int64_t tiles, int64_t step,
                                    float* to) {
  // A ragged last vector spills zeros into the next phase, which then overwrites them.
  for (int64_t phase = 0; phase < l.phases(); ++phase) {
    transform_row<Matrix>(
        view, l, phase, tiles, step,
        [&](int64_t v) { return PackedVector{phase * l.c + v * WIDTH, l.width()}; }, to);
  }
}

}  // namespace lernwerk::winograd
