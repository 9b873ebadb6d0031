// Convolution in bfloat16; convolution.cpp is the same in float32. One group, and rows of the
// kernel without dilation.
//
// With stride 1 nothing is copied but the rounded pictures: if all pixels are numbered through, the
// windows of neighbouring pixels lie one pixel apart, also across the edges of the picture, where
// they are computed in vain. Other windows are copied as rows of a matrix.
#include <algorithm>

#include "bfloat16.hpp"
#include "convolution.hpp"
#include "fused.hpp"
#include "kernel.hpp"

using namespace lernwerk;
using bfloat16::blocks_of, bfloat16::DEPTH, bfloat16::LINES, bfloat16::tiles_of,
    bfloat16::TILE_SIZE, bfloat16::width_of;

namespace {

// Numbers of 2 bytes that end with a line of the cache, and so much behind copied windows.
int64_t aligned(int64_t count) { return (count + DEPTH - 1) / DEPTH * DEPTH; }

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

  template <class T>
  void round(const T* x, int64_t piece, uint16_t* picture) const;
  template <class T>
  const uint16_t* copy(const T* x, int64_t piece, uint16_t* scratch) const;
  template <class T>
  Products multiply_sliding(const T* x, int64_t piece, const uint16_t* packed, uint16_t* scratch,
                            float* y) const;
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

template <class T>
void Windows::round(const T* x, int64_t piece, uint16_t* picture) const {
  round_padded<T>(
      {x, g.h, g.w, g.c},
      {piece * rows * g.stride_h - g.top, -g.left, g.rows_of(count(piece)), g.columns_of(g.out_w)},
      picture);
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

// The products of one piece, first with the pixels between its rows; where `y` is null they stay
// so, in the scratch memory.
template <class T>
Products Windows::multiply_sliding(const T* x, int64_t piece, const uint16_t* packed,
                                   uint16_t* scratch, float* y) const {
  const int64_t lines = count(piece), columns = g.columns_of(g.out_w);
  const int64_t run = g.kernel_w * g.c, pixels = (lines - 1) * columns + g.out_w;
  const bool is_whole = columns == g.out_w;
  float* all = is_whole && y ? y : products(scratch);
  round(x, piece, scratch);
  bfloat16::multiply({pixels, g.out_c, run / DEPTH, scratch, LINES * g.c, packed,
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

// The parameters: geometry, rows of y in a piece of work, chunks, whether the kernel has to be
// turned (for an input's gradient, x being that of y), narrow operands.
struct Convolution {
  static constexpr int COUNT = Geometry::COUNT + 4;
  Windows windows;
  int64_t chunks;
  bool is_turned;
  int64_t narrow;

  explicit Convolution(const Call& call)
      : windows{Geometry(call.whole), call.whole[Geometry::COUNT]},
        chunks(call.whole[Geometry::COUNT + 1]),
        is_turned(call.whole[Geometry::COUNT + 2] != 0),
        narrow(call.whole[Geometry::COUNT + 3]) {}

  const uint16_t* pack(const Call& call) const {
    const Geometry& g = windows.g;
    const float* w = call.in<float>(1);
    uint16_t* packed = reinterpret_cast<uint16_t*>(call.shared);
    if (is_turned) {
      const int64_t size = blocks_of(g.out_c) * tiles_of(windows.depth()) * TILE_SIZE;
      float* turned = reinterpret_cast<float*>(packed + size);
      turn_kernel(g, w, turned);
      w = turned;
    }
    pack_kernel(g, w, call.pool, packed);
    return packed;
  }
};

// Calls after(first pixel, products, turn) for all pieces; `y` is null where the products stay in
// scratch memory until then.
template <class T, class After>
void convolve(const Convolution& convolution, const Call& call, float* y, const After& after) {
  const Windows& windows = convolution.windows;
  const Geometry& g = windows.g;
  const int64_t pieces = windows.pieces();
  const T* x = call.in<T>(0);
  const uint16_t* packed = convolution.pack(call);
  call.pool.each(convolution.chunks, [&](int64_t chunk, int worker) {
    const Share mine = share(g.batch * pieces, convolution.chunks, chunk);
    uint16_t* scratch = call.mine<uint16_t>(worker);
    for (int64_t i = mine.first; i < mine.stop; ++i) {
      const int64_t image = i / pieces, piece = i % pieces;
      const T* picture = x + image * g.h * g.w * g.c;
      const int64_t first = (image * g.out_h + piece * windows.rows) * g.out_w;
      float* to = y ? y + first * g.out_c : nullptr;
      const Products found = windows.slide()
                                 ? windows.multiply_sliding(picture, piece, packed, scratch, to)
                                 : windows.multiply_copied(picture, piece, packed, scratch, to);
      after(first, found, Turn{chunk, worker, i == mine.first});
    }
  });
}

}  // namespace

// Inputs: x (batch, h, w, c), which may be narrow, kernel (kernel_h, kernel_w, c, out_c). Outputs:
// y (batch, out_h, out_w, out_c). Parameters: see Convolution.
KERNEL(convolution_bfloat16) {
  const Convolution convolution(call);
  with_form(convolution.narrow, 0, [&](auto form) {
    convolve<decltype(form)>(convolution, call, call.out<float>(0),
                             [](int64_t, const Products&, const Turn&) {});
  });
  return true;
}

// The same, followed by a program that alone reads y: it is never stored. Inputs: x, kernel, then
// those of the program but y. Outputs: those of the program. Parameters: those of
// convolution_bfloat16, where the scratch memory of the program begins, shared and of a thread,
// which of its inputs is y; the program.
KERNEL(convolution_bfloat16_fused) {
  const Convolution convolution(call);
  const int64_t* own = call.whole + Convolution::COUNT;
  const Program program(own + 3, call.real);
  Call rest = call;
  rest.shared += own[0];
  rest.local += own[1];
  const int64_t place = own[2], pixel = convolution.windows.g.out_c * sizeof(float);
  const auto after = [&](int64_t first, const Products& y, const Turn& turn) {
    char* inputs[Program::MOST_INPUTS];
    std::copy_n(call.inputs + 2, place, inputs);
    std::copy_n(call.inputs + 2 + place, program.inputs - 1 - place, inputs + place + 1);
    // As if all of y lay there of which this is a part.
    inputs[place] = reinterpret_cast<char*>(const_cast<float*>(y.data)) - first * pixel;
    run_rows(program, rest, inputs, {first, y.pixels, y.runs, place, y.gap * pixel}, turn);
  };
  with_form(convolution.narrow, 0,
            [&](auto form) { convolve<decltype(form)>(convolution, call, nullptr, after); });
  finish_reductions(program, rest, convolution.chunks);
  return true;
}

// Inputs: x, g, which may be narrow. Outputs: dw. Each part of the pictures has a sum of its own,
// transposed (out_c, taps * c): so the windows are the factor that needs no more than pairs of
// rows. Parameters: geometry, rows of g in a piece of work, parts, narrow operands.
KERNEL(convolution_kernel_gradient_bfloat16) {
  const Windows windows{Geometry(call.whole), call.whole[Geometry::COUNT]};
  const Geometry& g = windows.g;
  const int64_t parts = call.whole[Geometry::COUNT + 1], narrow = call.whole[Geometry::COUNT + 2];
  const int64_t depth = windows.depth(), size = g.kernel_size(), pieces = windows.pieces();
  float* sums = reinterpret_cast<float*>(call.shared);
  const bfloat16::Factor dy{call.inputs[1], g.out_c, g.batch * g.out_h * g.out_w,
                            g.out_c,        true,    (narrow & 2) != 0};
  with_form(narrow, 0, [&](auto form) {
    const auto* x = call.in<decltype(form)>(0);
    call.pool.each(parts, [&](int64_t part, int worker) {
      const Share mine = share(g.batch * pieces, parts, part);
      uint16_t* scratch = call.mine<uint16_t>(worker);
      uint16_t* a = scratch + windows.size();
      for (int64_t i = mine.first; i < mine.stop; ++i) {
        const int64_t image = i / pieces, piece = i % pieces;
        const int64_t pixels = windows.count(piece) * g.out_w, tiles = tiles_of(pixels);
        const uint16_t* rows = windows.copy(x + image * g.h * g.w * g.c, piece, scratch);
        const int64_t first = (image * g.out_h + piece * windows.rows) * g.out_w;
        uint16_t* b = a + blocks_of(g.out_c) * tiles * TILE_SIZE;
        bfloat16::pack_a(dy.part(0, g.out_c, first, pixels), a);
        bfloat16::pack_b(rows, windows.width(), depth, pixels, b);
        bfloat16::multiply({g.out_c, depth, tiles, a, tiles * TILE_SIZE, b, tiles * TILE_SIZE,
                            sums + part * size, depth, i > mine.first});
      }
    });
  });
  float* total = sums + parts * size;
  sum_parts(call.pool, sums, parts, size, total);
  float* dw = call.out<float>(0);
  for (int64_t k = 0; k < depth; ++k) {
    for (int64_t o = 0; o < g.out_c; ++o) dw[k * g.out_c + o] = total[o * depth + k];
  }
  return true;
}

namespace {

// For each tap of the kernel the picture, transposed once (c, pixels), is a factor that begins so
// many pixels later. The columns between the rows of g are zeros.
struct Shifted {
  Windows windows;
  const Geometry& g = windows.g;
  int64_t columns = g.columns_of(g.out_w);
  int64_t most = g.rows_of(windows.rows) * columns;  // pixels of a piece
  int64_t width = width_of(most + g.kernel_w + DEPTH);

  // Numbers of a padded picture, a transposed one, and the packed g, one behind the other.
  int64_t padded_size() const { return aligned(most * std::max(g.c, g.out_c)); }
  int64_t turned_size() const { return blocks_of(g.c) * LINES * width; }

  template <class X, class G>
  void add_picture(const X* x, const G* dy, int64_t piece, uint16_t* scratch, float* sums,
                   bool accumulate) const;
};

template <class X, class G>
void Shifted::add_picture(const X* x, const G* dy, int64_t piece, uint16_t* scratch, float* sums,
                          bool accumulate) const {
  const int64_t first = piece * windows.rows, lines = windows.count(piece);
  const int64_t pixels = lines * columns, tiles = tiles_of(pixels);
  uint16_t *turned = scratch + padded_size(), *packed = turned + turned_size();
  windows.round(x, piece, scratch);
  bfloat16::round_rows({scratch, g.c, g.rows_of(lines) * columns, g.c, true, true}, width, turned);
  round_padded<G>({dy + first * g.out_w * g.out_c, lines, g.out_w, g.out_c}, {0, 0, lines, columns},
                  scratch);
  bfloat16::pack_b({scratch, g.out_c, pixels, g.out_c, true, true}, packed);
  for (int64_t tap = 0; tap < g.taps(); ++tap) {
    const int64_t shift = tap / g.kernel_w * g.dilation_h * columns + tap % g.kernel_w;
    bfloat16::multiply({g.c, g.out_c, tiles, turned + shift, LINES * width, packed,
                        tiles * TILE_SIZE, sums + tap * g.c * g.out_c, g.out_c, accumulate, width,
                        DEPTH});
  }
}

}  // namespace

// The same with stride 1, see Shifted. Parameters: geometry, rows of g in a piece of work, parts,
// narrow operands.
KERNEL(convolution_kernel_gradient_shifted_bfloat16) {
  const Shifted shifted{{Geometry(call.whole), call.whole[Geometry::COUNT]}};
  const Geometry& g = shifted.g;
  const int64_t parts = call.whole[Geometry::COUNT + 1], narrow = call.whole[Geometry::COUNT + 2];
  const int64_t pieces = shifted.windows.pieces(), size = g.kernel_size();
  float* sums = reinterpret_cast<float*>(call.shared);
  const auto add_part = [&](const auto* x, const auto* dy, int64_t part, int worker) {
    const Share mine = share(g.batch * pieces, parts, part);
    uint16_t* scratch = call.mine<uint16_t>(worker);
    std::fill_n(scratch + shifted.padded_size(), shifted.turned_size(), uint16_t{0});
    for (int64_t i = mine.first; i < mine.stop; ++i) {
      const int64_t image = i / pieces;
      shifted.add_picture(x + image * g.h * g.w * g.c, dy + image * g.out_h * g.out_w * g.out_c,
                          i % pieces, scratch, sums + part * size, i > mine.first);
    }
  };
  with_form(narrow, 0, [&](auto x) {
    with_form(narrow, 1, [&](auto dy) {
      call.pool.each(parts, [&](int64_t part, int worker) {
        add_part(call.in<decltype(x)>(0), call.in<decltype(dy)>(1), part, worker);
      });
    });
  });
  sum_parts(call.pool, sums, parts, size, call.out<float>(0));
  return true;
}
