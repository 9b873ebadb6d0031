// How a convolution's gradient comes back to its input. Pixels of the input that lie a stride apart
// meet the same places of the kernel: they are one phase.
#pragma once

#include "convolution.hpp"

namespace lernwerk {

// The places of the kernel along one axis, sorted by the phase that they belong to. Pixel
// phase + stride * j of the input meets place[t] at pixel j + shift[t] of g, shifts rising.
struct Axis {
  int64_t* place;
  int64_t* shift;
  int64_t* start;  // of each phase; one more entry ends the last

  int64_t count(int64_t phase) const { return start[phase + 1] - start[phase]; }
  static int64_t entries(int64_t size, int64_t stride) { return 2 * size + stride + 1; }
};

static inline Axis axis_of(int64_t size, int64_t stride, int64_t dilation, int64_t padding,
                           int64_t* memory) {
  Axis axis{memory, memory + size, memory + 2 * size};
  int64_t found = 0;
  for (int64_t phase = 0; phase < stride; ++phase) {
    axis.start[phase] = found;
    for (int64_t q = size - 1; q >= 0; --q) {
      const int64_t way = phase + padding - q * dilation;
      if (way % stride) continue;
      axis.place[found] = q;
      axis.shift[found++] = way / stride;
    }
  }
  axis.start[stride] = found;
  return axis;
}

static inline int64_t floor_divide(int64_t a, int64_t b) { return (a >= 0 ? a : a - b + 1) / b; }

// The part of g that the windows of rows first .. first + count of the input cover.
static inline Rectangle covered(const Geometry& g, int64_t first, int64_t count) {
  const int64_t high = (g.kernel_h - 1) * g.dilation_h, wide = (g.kernel_w - 1) * g.dilation_w;
  const int64_t top = floor_divide(first + g.top - high, g.stride_h);
  const int64_t left = floor_divide(g.left - wide, g.stride_w);
  return {top, left, floor_divide(first + count - 1 + g.top, g.stride_h) - top + 1,
          floor_divide(g.w - 1 + g.left, g.stride_w) - left + 1};
}

}  // namespace lernwerk
