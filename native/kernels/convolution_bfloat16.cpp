// Convolution in bfloat16; convolution.cpp is the same in float32. One group, and rows of the
// kernel without dilation.
//
// With stride 1 nothing is copied but the rounded pictures: if all pixels are numbered through, the
// windows of neighbouring pixels lie one pixel apart, also across the edges of the picture, where
// they are computed in vain. Other windows are copied as rows of a matrix.
#include <algorithm>

#include "bfloat16.hpp"
#include "convolution.hpp"
#include "kernel.hpp"

using namespace lernwerk;
using bfloat16::blocks_of, bfloat16::DEPTH, bfloat16::LINES, bfloat16::tiles_of,
    bfloat16::TILE_SIZE, bfloat16::width_of;

namespace {

// Numbers of 2 bytes that end with a line of the cache, and so much behind copied windows.
int64_t aligned(int64_t count) { return (count + DEPTH - 1) / DEPTH * DEPTH; }

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

  void round(const float* x, int64_t piece, uint16_t* picture) const;
  const uint16_t* copy(const float* x, int64_t piece, uint16_t* scratch) const;
  void multiply_sliding(const float* x, int64_t piece, const uint16_t* packed, uint16_t* scratch,
                        float* y) const;
};

// A rectangle of a picture, rounded, with zeros where the picture has nothing.
void round_padded(const Picture& picture, const Rectangle& part, uint16_t* to) {
  const int64_t c = picture.c;
  const int64_t first = std::clamp<int64_t>(-part.column, 0, part.columns);
  const int64_t stop = std::clamp<int64_t>(picture.w - part.column, first, part.columns);
  for (int64_t i = 0; i < part.rows; ++i, to += part.columns * c) {
    const int64_t row = part.row + i;
    if (row < 0 || row >= picture.h) {
      std::fill_n(to, part.columns * c, uint16_t{0});
      continue;
    }
    const float* from = picture.data + (row * picture.w + part.column + first) * c;
    std::fill_n(to, first * c, uint16_t{0});
    bfloat16::round_row(from, (stop - first) * c, (part.columns - first) * c, to + first * c);
  }
}

void Windows::round(const float* x, int64_t piece, uint16_t* picture) const {
  round_padded(
      {x, g.h, g.w, g.c},
      {piece * rows * g.stride_h - g.top, -g.left, g.rows_of(count(piece)), g.columns_of(g.out_w)},
      picture);
}

const uint16_t* Windows::copy(const float* x, int64_t piece, uint16_t* scratch) const {
  uint16_t* windows = scratch + picture_size();
  round(x, piece, scratch);
  for (int64_t i = 0; i < count(piece); ++i) {
    bfloat16::copy_windows(scratch + i * g.stride_h * row_length(), g.out_w, g.stride_w * g.c,
                           g.kernel_h, g.dilation_h * row_length(), g.kernel_w * g.c,
                           windows + i * g.out_w * width(), width());
  }
  return windows;
}

// One piece of y, first with the pixels between its rows.
void Windows::multiply_sliding(const float* x, int64_t piece, const uint16_t* packed,
                               uint16_t* scratch, float* y) const {
  const int64_t lines = count(piece), columns = g.columns_of(g.out_w);
  const int64_t run = g.kernel_w * g.c, pixels = (lines - 1) * columns + g.out_w;
  float* all = reinterpret_cast<float*>(scratch + picture_size() + aligned(2 * LINES * g.c));
  round(x, piece, scratch);
  bfloat16::multiply({pixels, g.out_c, run / DEPTH, scratch, LINES * g.c, packed,
                      tiles_of(depth()) * TILE_SIZE, columns == g.out_w ? y : all, g.out_c, false,
                      g.c, DEPTH, g.kernel_h, g.dilation_h * row_length()});
  if (columns == g.out_w) return;
  for (int64_t i = 0; i < lines; ++i)
    std::copy_n(all + i * columns * g.out_c, g.out_w * g.out_c, y + i * g.out_w * g.out_c);
}

// The kernel (kernel_h, kernel_w, out_c, c) of the gradient's convolution as (.., c, out_c):
// turned by half a circle, input and output exchanged.
void turn_kernel(const Geometry& g, const float* w, float* turned) {
  for (int64_t tap = 0; tap < g.taps(); ++tap) {
    const float* from = w + (g.taps() - 1 - tap) * g.c * g.out_c;
    float* to = turned + tap * g.c * g.out_c;
    for (int64_t i = 0; i < g.c; ++i) {
      for (int64_t o = 0; o < g.out_c; ++o) to[i * g.out_c + o] = from[o * g.c + i];
    }
  }
}

void pack_kernel(const Geometry& g, const float* w, Pool& pool, uint16_t* packed) {
  const int64_t depth = g.taps() * g.c, blocks = blocks_of(g.out_c);
  const int64_t chunks = g.kernel_size() < SMALL ? 1 : std::min<int64_t>(blocks, 8);
  pool.each(chunks, [&](int64_t chunk, int) {
    const Share mine = share(blocks, chunks, chunk);
    const int64_t first = mine.first * LINES, stop = std::min(g.out_c, mine.stop * LINES);
    bfloat16::pack_b({w + first, stop - first, depth, g.out_c, true},
                     packed + mine.first * tiles_of(depth) * TILE_SIZE);
  });
}

}  // namespace

// Inputs: x (batch, h, w, c), kernel (kernel_h, kernel_w, c, out_c). Outputs: y (batch, out_h,
// out_w, out_c). Parameters: geometry, rows of y in a piece of work, chunks, whether the kernel has
// to be turned: for an input's gradient, x being that of y.
KERNEL(convolution_bfloat16) {
  const Windows windows{Geometry(call.whole), call.whole[Geometry::COUNT]};
  const Geometry& g = windows.g;
  const int64_t chunks = call.whole[Geometry::COUNT + 1], pieces = windows.pieces();
  const int64_t tiles = tiles_of(windows.depth()), width = windows.width();
  const float *x = call.in<float>(0), *w = call.in<float>(1);
  uint16_t* packed = reinterpret_cast<uint16_t*>(call.shared);
  if (call.whole[Geometry::COUNT + 2]) {
    float* turned = reinterpret_cast<float*>(packed + blocks_of(g.out_c) * tiles * TILE_SIZE);
    turn_kernel(g, w, turned);
    w = turned;
  }
  pack_kernel(g, w, call.pool, packed);
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    const Share mine = share(g.batch * pieces, chunks, chunk);
    for (int64_t i = mine.first; i < mine.stop; ++i) {
      const int64_t image = i / pieces, piece = i % pieces;
      const float* picture = x + image * g.h * g.w * g.c;
      uint16_t* scratch = call.mine<uint16_t>(worker);
      float* y = call.out<float>(0) + (image * g.out_h + piece * windows.rows) * g.out_w * g.out_c;
      if (windows.slide()) {
        windows.multiply_sliding(picture, piece, packed, scratch, y);
        continue;
      }
      const uint16_t* a = windows.copy(picture, piece, scratch);
      bfloat16::multiply({windows.count(piece) * g.out_w, g.out_c, tiles, a, LINES * width, packed,
                          tiles * TILE_SIZE, y, g.out_c, false, width, DEPTH});
    }
  });
  return true;
}

// Inputs: x, g. Outputs: dw. Each part of the pictures has a sum of its own, transposed (out_c,
// taps * c): so the windows are the factor that needs no more than pairs of rows.
// Parameters: geometry, rows of g in a piece of work, parts.
KERNEL(convolution_kernel_gradient_bfloat16) {
  const Windows windows{Geometry(call.whole), call.whole[Geometry::COUNT]};
  const Geometry& g = windows.g;
  const int64_t parts = call.whole[Geometry::COUNT + 1], pieces = windows.pieces();
  const int64_t depth = windows.depth(), size = g.kernel_size();
  const float *x = call.in<float>(0), *dy = call.in<float>(1);
  float* sums = reinterpret_cast<float*>(call.shared);
  call.pool.each(parts, [&](int64_t part, int worker) {
    const Share mine = share(g.batch * pieces, parts, part);
    uint16_t* scratch = call.mine<uint16_t>(worker);
    uint16_t* a = scratch + windows.size();
    for (int64_t i = mine.first; i < mine.stop; ++i) {
      const int64_t image = i / pieces, piece = i % pieces;
      const int64_t pixels = windows.count(piece) * g.out_w, tiles = tiles_of(pixels);
      const uint16_t* rows = windows.copy(x + image * g.h * g.w * g.c, piece, scratch);
      const float* from = dy + (image * g.out_h + piece * windows.rows) * g.out_w * g.out_c;
      uint16_t* b = a + blocks_of(g.out_c) * tiles * TILE_SIZE;
      bfloat16::pack_a({from, g.out_c, pixels, g.out_c, true}, a);
      bfloat16::pack_b(rows, windows.width(), depth, pixels, b);
      bfloat16::multiply({g.out_c, depth, tiles, a, tiles * TILE_SIZE, b, tiles * TILE_SIZE,
                          sums + part * size, depth, i > mine.first});
    }
  });
  float* total = sums + parts * size;
  sum_parts(call.pool, sums, parts, size, total);
  float* dw = call.out<float>(0);
  for (int64_t k = 0; k < depth; ++k) {
    for (int64_t o = 0; o < g.out_c; ++o) dw[k * g.out_c + o] = total[o * depth + k];
  }
  return true;
}

// The same with stride 1: for each tap of the kernel the picture, transposed once (c, pixels), is a
// factor that begins so many pixels later. The columns between the rows of g are zeros.
// Parameters: geometry, rows of g in a piece of work, parts.
KERNEL(convolution_kernel_gradient_shifted_bfloat16) {
  const Windows windows{Geometry(call.whole), call.whole[Geometry::COUNT]};
  const Geometry& g = windows.g;
  const int64_t parts = call.whole[Geometry::COUNT + 1], pieces = windows.pieces();
  const int64_t columns = g.columns_of(g.out_w), size = g.kernel_size();
  const int64_t most = g.rows_of(windows.rows) * columns,
                width = width_of(most + g.kernel_w + DEPTH);
  const float *x = call.in<float>(0), *dy = call.in<float>(1);
  float* sums = reinterpret_cast<float*>(call.shared);
  call.pool.each(parts, [&](int64_t part, int worker) {
    const Share mine = share(g.batch * pieces, parts, part);
    float* padded = call.mine<float>(worker);
    uint16_t* turned = reinterpret_cast<uint16_t*>(padded + most * std::max(g.c, g.out_c));
    uint16_t* packed = turned + blocks_of(g.c) * LINES * width;
    std::fill(turned, packed, uint16_t{0});
    for (int64_t i = mine.first; i < mine.stop; ++i) {
      const int64_t image = i / pieces, piece = i % pieces, first = piece * windows.rows;
      const int64_t lines = windows.count(piece), pixels = lines * columns;
      const Rectangle part_of_x{first - g.top, -g.left, g.rows_of(lines), columns};
      copy_padded({x + image * g.h * g.w * g.c, g.h, g.w, g.c}, part_of_x, g.c, padded);
      bfloat16::round_rows({padded, g.c, g.rows_of(lines) * columns, g.c, true}, width, turned);
      copy_padded({dy + (image * g.out_h + first) * g.out_w * g.out_c, lines, g.out_w, g.out_c},
                  {0, 0, lines, columns}, g.out_c, padded);
      bfloat16::pack_b({padded, g.out_c, pixels, g.out_c, true}, packed);
      for (int64_t tap = 0; tap < g.taps(); ++tap) {
        const int64_t shift = tap / g.kernel_w * g.dilation_h * columns + tap % g.kernel_w;
        const int64_t tiles = tiles_of(pixels);
        bfloat16::multiply({g.c, g.out_c, tiles, turned + shift, LINES * width, packed,
                            tiles * TILE_SIZE, sums + part * size + tap * g.c * g.out_c, g.out_c,
                            i > mine.first, width, DEPTH});
      }
    }
  });
  sum_parts(call.pool, sums, parts, size, call.out<float>(0));
  return true;
}
