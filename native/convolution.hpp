// What the kernels of convolution share: the geometry, and pictures with zeros around them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "parts.hpp"
#include "vector.hpp"

namespace lernwerk {

// y[b, p, o] = sum over q, i of x[b, p * stride + q * dilation - padding, i] * w[q, i, o]
struct Geometry {
  int64_t batch, h, w, c;
  int64_t out_h, out_w, out_c;
  int64_t kernel_h, kernel_w;
  int64_t stride_h, stride_w;
  int64_t top, left;  // padding
  int64_t dilation_h, dilation_w;
  int64_t groups;

  // The first COUNT parameters of each kernel, in this order.
  static constexpr int COUNT = 16;
  explicit Geometry(const int64_t* p)
      : batch(p[0]),
        h(p[1]),
        w(p[2]),
        c(p[3]),
        out_h(p[4]),
        out_w(p[5]),
        out_c(p[6]),
        kernel_h(p[7]),
        kernel_w(p[8]),
        stride_h(p[9]),
        stride_w(p[10]),
        top(p[11]),
        left(p[12]),
        dilation_h(p[13]),
        dilation_w(p[14]),
        groups(p[15]) {}

  int64_t group_c() const { return c / groups; }
  int64_t group_out_c() const { return out_c / groups; }
  int64_t taps() const { return kernel_h * kernel_w; }
  int64_t kernel_size() const { return taps() * group_c() * out_c; }

  // How many rows (columns) of the input so many windows cover.
  int64_t rows_of(int64_t windows) const {
    return (windows - 1) * stride_h + (kernel_h - 1) * dilation_h + 1;
  }
  int64_t columns_of(int64_t windows) const {
    return (windows - 1) * stride_w + (kernel_w - 1) * dilation_w + 1;
  }
};

// Whether a row of the kernel and the channels are one run of the picture.
static inline bool rows_are_runs(const Geometry& g) { return g.groups == 1 && g.dilation_w == 1; }

// Where the runs of a window begin.
static inline int64_t window_offsets(const Geometry& g, int64_t row_length, int64_t* offsets) {
  const int64_t columns = rows_are_runs(g) ? 1 : g.kernel_w;
  for (int64_t i = 0; i < g.kernel_h; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      *offsets++ = i * g.dilation_h * row_length + j * g.dilation_w * g.c;
    }
  }
  return g.kernel_h * columns;
}

// A picture (h, w, c) in memory.
struct Picture {
  const float* data;
  int64_t h, w, c;
};

// A rectangle of pixels, which may reach beyond its picture.
struct Rectangle {
  int64_t row, column, rows, columns;

  bool inside(int64_t h, int64_t w) const {
    return row >= 0 && column >= 0 && row + rows <= h && column + columns <= w;
  }
};

// Copies a rectangle (rows, columns, width >= c), with zeros where the picture has nothing.
static inline void copy_padded(const Picture& picture, const Rectangle& part, int64_t width,
                               float* to) {
  const int64_t c = picture.c;
  const int64_t first = std::clamp<int64_t>(-part.column, 0, part.columns);
  const int64_t stop = std::clamp<int64_t>(picture.w - part.column, first, part.columns);
  for (int64_t i = 0; i < part.rows; ++i, to += part.columns * width) {
    const int64_t row = part.row + i;
    if (row < 0 || row >= picture.h) {
      std::fill_n(to, part.columns * width, 0.0f);
      continue;
    }
    const float* from = picture.data + (row * picture.w + part.column + first) * c;
    std::fill_n(to, first * width, 0.0f);
    if (width == c) {
      std::copy_n(from, (stop - first) * c, to + first * c);
    } else {
      for (int64_t j = first; j < stop; ++j, from += c) {
        std::copy_n(from, c, to + j * width);
        std::fill_n(to + j * width + c, width - c, 0.0f);
      }
    }
    std::fill_n(to + stop * width, (part.columns - stop) * width, 0.0f);
  }
}

// A rectangle as the first of its pixels and the length of its rows: in the picture itself, or in
// scratch memory where it reaches beyond or `copy` is set.
struct View {
  const float* data;
  int64_t row;
};

static inline View cut(const Picture& picture, const Rectangle& part, bool copy, float* scratch) {
  const int64_t c = picture.c;
  if (!copy) return {picture.data + (part.row * picture.w + part.column) * c, picture.w * c};
  copy_padded(picture, part, c, scratch);
  return {scratch, part.columns * c};
}

// What may follow a convolution while its results are in the cache.
enum Epilogue : int64_t { NOTHING = 0, BIAS_RELU = 1, BIAS = 2 };

// `pixels` rows of c results, a way of `row` apart: plus the bias (c), and the positive part.
static inline void finish(float* y, int64_t pixels, int64_t row, int64_t c, const float* bias,
                          int64_t epilogue) {
  if (epilogue == NOTHING) return;
  const bool relu = epilogue == BIAS_RELU;
  for (int64_t i = 0; i < pixels; ++i, y += row) {
    for (int64_t j = 0; j < c; ++j) {
      const float sum = y[j] + bias[j];
      y[j] = relu && sum < 0 ? 0.0f : sum;  // written so that NaN stays NaN
    }
  }
}

}  // namespace lernwerk
