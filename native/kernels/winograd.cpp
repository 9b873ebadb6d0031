// Convolutions with 3x3 kernels and stride 1 by Winograd's algorithm, and their gradients. Rounding
// errors stay below 1e-4 of the largest result. NaN and infinity spread over a tile of 4x4 results.
//
// A piece of work is some rows of tiles: their transforms lie in the second cache, as one matrix
// (tiles, channels) for each of the 36 products.
#include "winograd.hpp"

#include "convolution.hpp"
#include "gemm.hpp"
#include "kernel.hpp"

using namespace lernwerk;
using namespace lernwerk::winograd;

static int64_t vectors_of(int64_t channels) { return (channels + WIDTH - 1) / WIDTH; }

// Numbers from one of 36 matrices to the next: an odd number of cache lines, so that the 36 places
// that a transform writes do not fall together in the cache.
static int64_t apart(int64_t size) { return (size / 16 | 1) * 16 + 32; }

static floats load_some(const float* p, int64_t n) {
  return n >= WIDTH ? load(p) : load_part(p, n);
}

static void store_some(float* p, floats v, int64_t n) {
  if (n >= WIDTH)
    store(p, v);
  else
    store_part(p, v, n);
}

// How the pictures fall into tiles.
struct Tiles {
  int64_t rows, columns;  // of each picture

  explicit Tiles(const Geometry& g)
      : rows((g.out_h + RESULTS - 1) / RESULTS), columns((g.out_w + RESULTS - 1) / RESULTS) {}
};

// A row of squares of side `size` that lie 4 apart, as the channels' vectors: from the picture
// itself where it has all of them, else from a copy with zeros.
static View row_of_squares(const Picture& picture, int64_t row, int64_t column, int64_t tiles,
                           int64_t size, float* scratch) {
  const Rectangle part{row, column, size, (tiles - 1) * RESULTS + size};
  const int64_t c = picture.c, width = vectors_of(c) * WIDTH;
  if (width == c && part.inside(picture.h, picture.w)) return cut(picture, part, false, scratch);
  copy_padded(picture, part, width, scratch);
  return {scratch, part.columns * width};
}

// Transforms a row of squares; place(v) says where the first product of the first tile goes for the
// channels of vector v, and how far it is from tile to tile; products lie `step` apart.
template <class Matrix, class Place>
static void transform_row(const View& view, int64_t tiles, int64_t c, int64_t step,
                          const Place& place, float* to) {
  const int64_t width = vectors_of(c) * WIDTH;
  for (int64_t v = 0; v < vectors_of(c); ++v) {
    const PackedVector found = place(v);
    for (int64_t tile = 0; tile < tiles; ++tile) {
      const float* from = view.data + tile * RESULTS * width + v * WIDTH;
      float* target = to + found.offset + tile * found.stride;
      transform<Matrix>([&](int i, int j) { return load(from + i * view.row + j * width); },
                        [&](int i, int j, floats x) { store(target + (i * TILE + j) * step, x); });
    }
  }
}

// The products of a row of tiles, back as rows of pixels: `count` of their channels, which begin at
// y, products being `width` apart from tile to tile.
static void write_row(const Geometry& g, const float* products, int64_t step, int64_t width,
                      int64_t count, int64_t rows, float* y) {
  for (int64_t column = 0; column < g.out_w; column += RESULTS, products += width) {
    const int64_t columns = std::min<int64_t>(RESULTS, g.out_w - column);
    for (int64_t c = 0; c < count; c += WIDTH) {
      float* to = y + column * g.out_c + c;
      transform<Output>([&](int i, int j) { return load(products + c + (i * TILE + j) * step); },
                        [&](int i, int j, floats x) {
                          if (i < rows && j < columns)
                            store_some(to + (i * g.out_w + j) * g.out_c, x, count - c);
                        });
    }
  }
}

// The transformed kernel as 36 packed matrices (c, out_c); read(tap, i, v) gives its vectors.
template <class Read>
static void transform_kernel(const Call& call, const Geometry& g, const Read& read, float* to) {
  const int64_t step = apart(packed_b_bytes(g.c, g.out_c) / 4);
  const int64_t chunks = g.kernel_size() < SMALL ? 1 : 8;
  call.pool.each(chunks, [&](int64_t chunk, int) {
    const Share rows = share(g.c, chunks, chunk);
    for (int64_t v = 0; v < vectors_of(g.out_c); ++v) {
      const PackedVector found = packed_vector(g.c, g.out_c, v);
      for (int64_t i = rows.first; i < rows.stop; ++i) {
        float* target = to + found.offset + i * found.stride;
        transform<Weights>(
            [&](int a, int b) { return read(a * KERNEL + b, i, v); },
            [&](int a, int b, floats x) { store(target + (a * TILE + b) * step, x); });
      }
    }
  });
}

// The convolution itself, the transformed kernel being ready.
static void convolve(const Call& call, const Geometry& g, const float* x, const float* kernel,
                     const float* bias, int64_t epilogue, int64_t rows, int64_t chunks, float* y) {
  const Tiles tiles(g);
  const int64_t width = vectors_of(g.c) * WIDTH, out_width = vectors_of(g.out_c) * WIDTH;
  const int64_t kernel_step = apart(packed_b_bytes(g.c, g.out_c) / 4);
  const int64_t most = rows * tiles.columns;
  const int64_t step = apart(most * width), out_step = apart(most * out_width);
  const int64_t all = g.batch * tiles.rows, pieces = (all + rows - 1) / rows;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    float* inputs = call.mine<float>(worker);
    float* products = inputs + PRODUCTS * step;
    float* scratch = products + PRODUCTS * out_step;
    const Share mine = share(pieces, chunks, chunk);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const int64_t first = piece * rows, stop = std::min(first + rows, all);
      for (int64_t row = first; row < stop; ++row) {
        const Picture picture{x + row / tiles.rows * g.h * g.w * g.c, g.h, g.w, g.c};
        const View view = row_of_squares(picture, row % tiles.rows * RESULTS - g.top, -g.left,
                                         tiles.columns, TILE, scratch);
        transform_row<Input>(
            view, tiles.columns, g.c, step,
            [&](int64_t v) { return PackedVector{v * WIDTH, width}; },
            inputs + (row - first) * tiles.columns * width);
      }
      for (int64_t i = 0; i < PRODUCTS; ++i) {
        gemm_packed((stop - first) * tiles.columns, g.out_c, g.c, inputs + i * step, width,
                    kernel + i * kernel_step, products + i * out_step, out_width, false);
      }
      for (int64_t row = first; row < stop; ++row) {
        const int64_t top = row % tiles.rows * RESULTS;
        const int64_t count = std::min<int64_t>(RESULTS, g.out_h - top);
        float* to = y + (row / tiles.rows * g.out_h + top) * g.out_w * g.out_c;
        write_row(g, products + (row - first) * tiles.columns * out_width, out_step, out_width,
                  g.out_c, count, to);
        finish(to, count * g.out_w, g.out_c, g.out_c, bias, epilogue);
      }
    }
  });
}

// Inputs: x, kernel (3, 3, c, out_c), bias where the epilogue is not 0. Outputs: y. Parameters:
// geometry, rows of tiles in a piece of work, chunks, epilogue.
KERNEL(convolution_winograd) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const float* w = call.in<float>(1);
  float* kernel = reinterpret_cast<float*>(call.shared);
  transform_kernel(
      call, g,
      [&](int64_t tap, int64_t i, int64_t v) {
        return load_some(w + (tap * g.c + i) * g.out_c + v * WIDTH, g.out_c - v * WIDTH);
      },
      kernel);
  convolve(call, g, call.in<float>(0), kernel, more[2] ? call.in<float>(2) : nullptr, more[2],
           more[0], more[1], call.out<float>(0));
  return true;
}

// Transforms `depth` rows and `count` columns of the kernel, which begin at w. Memory is far away:
// the rows that come AHEAD later are asked for in time.
static void transform_columns(const Geometry& g, const float* w, int64_t depth, int64_t count,
                              int64_t step, float* to) {
  constexpr int64_t AHEAD = 4;
  for (int64_t i = 0; i < depth; ++i, w += g.out_c) {
    for (int64_t v = 0; v < vectors_of(count); ++v) {
      const float* from = w + v * WIDTH;
      const PackedVector found = packed_vector(depth, count, v);
      float* target = to + found.offset + i * found.stride;
      transform<Weights>(
          [&](int a, int b) {
            const float* here = from + (a * KERNEL + b) * g.c * g.out_c;
            __builtin_prefetch(here + AHEAD * g.out_c);
            return load_some(here, count - v * WIDTH);
          },
          [&](int a, int b, floats u) { store(target + (a * TILE + b) * step, u); });
    }
  }
}

// The same for few tiles and a large kernel: a piece of work is some columns of the kernel, which
// are transformed where they are needed, DEPTH of the c rows at a time.
// Parameters: geometry, columns of the kernel in a piece of work, DEPTH, epilogue.
KERNEL(convolution_winograd_columns) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t columns = more[0], most_depth = more[1], epilogue = more[2];
  const float* x = call.in<float>(0);
  const float* w = call.in<float>(1);
  const float* bias = epilogue == NOTHING ? nullptr : call.in<float>(2);
  float* y = call.out<float>(0);
  const Tiles tiles(g);
  const int64_t width = vectors_of(g.c) * WIDTH, rows = g.batch * tiles.rows;
  const int64_t step = apart(rows * tiles.columns * width);
  const int64_t out_step = apart(rows * tiles.columns * columns);
  float* inputs = reinterpret_cast<float*>(call.shared);
  call.pool.each(rows, [&](int64_t row, int worker) {
    const Picture picture{x + row / tiles.rows * g.h * g.w * g.c, g.h, g.w, g.c};
    const View view = row_of_squares(picture, row % tiles.rows * RESULTS - g.top, -g.left,
                                     tiles.columns, TILE, call.mine<float>(worker));
    transform_row<Input>(
        view, tiles.columns, g.c, step, [&](int64_t v) { return PackedVector{v * WIDTH, width}; },
        inputs + row * tiles.columns * width);
  });
  call.pool.each((g.out_c + columns - 1) / columns, [&](int64_t chunk, int worker) {
    const int64_t first = chunk * columns, count = std::min(columns, g.out_c - first);
    float* products = call.mine<float>(worker);
    float* kernel = products + PRODUCTS * out_step;
    for (int64_t start = 0; start < g.c; start += most_depth) {
      const int64_t depth = std::min(most_depth, g.c - start);
      const int64_t kernel_step = apart(packed_b_bytes(depth, count) / 4);
      transform_columns(g, w + start * g.out_c + first, depth, count, kernel_step, kernel);
      for (int64_t i = 0; i < PRODUCTS; ++i) {
        gemm_packed(rows * tiles.columns, count, depth, inputs + i * step + start, width,
                    kernel + i * kernel_step, products + i * out_step, columns, start > 0);
      }
    }
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t top = row % tiles.rows * RESULTS;
      const int64_t high = std::min<int64_t>(RESULTS, g.out_h - top);
      float* to = y + (row / tiles.rows * g.out_h + top) * g.out_w * g.out_c + first;
      write_row(g, products + row * tiles.columns * columns, out_step, columns, count, high, to);
      finish(to, high * g.out_w, g.out_c, count, bias ? bias + first : nullptr, epilogue);
    }
  });
  return true;
}

// The gradient of the input is a convolution of g with the kernel turned round and transposed.
// Inputs: g, kernel. Outputs: dx. Parameters: the geometry of that convolution, rows of tiles in a
// piece of work, chunks, bytes of the transformed kernel.
KERNEL(convolution_winograd_input_gradient) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const float* w = call.in<float>(1);
  float* kernel = reinterpret_cast<float*>(call.shared);
  float* turned = reinterpret_cast<float*>(call.shared + more[2]);
  const int64_t size = packed_b_bytes(g.c, g.out_c) / 4;
  const int64_t packing = g.kernel_size() < SMALL ? 1 : KERNEL;
  call.pool.each(packing, [&](int64_t chunk, int) {
    const Share taps = share(g.taps(), packing, chunk);
    for (int64_t tap = taps.first; tap < taps.stop; ++tap) {
      pack_b(g.c, g.out_c, w + (g.taps() - 1 - tap) * g.c * g.out_c, g.c, true,
             turned + tap * size);
    }
  });
  transform_kernel(
      call, g,
      [&](int64_t tap, int64_t i, int64_t v) {
        const PackedVector found = packed_vector(g.c, g.out_c, v);
        return load(turned + tap * size + found.offset + i * found.stride);
      },
      kernel);
  convolve(call, g, call.in<float>(0), kernel, nullptr, NOTHING, more[0], more[1],
           call.out<float>(0));
  return true;
}

// dw from the sums of 36 products, (c, out_c) each.
static void write_kernel(const Geometry& g, const float* sums, int64_t step, float* dw) {
  const int64_t width = vectors_of(g.out_c) * WIDTH;
  for (int64_t i = 0; i < g.c; ++i) {
    for (int64_t j = 0; j < g.out_c; j += WIDTH) {
      transform<WeightGradient>(
          [&](int a, int b) { return load(sums + (a * TILE + b) * step + i * width + j); },
          [&](int a, int b, floats x) {
            store_some(dw + ((a * KERNEL + b) * g.c + i) * g.out_c + j, x, g.out_c - j);
          });
    }
  }
}

// Inputs: x, g. Outputs: dw. Parameters: geometry, rows of tiles in a piece of work, parts of the
// pieces (each with a sum of its own).
KERNEL(convolution_winograd_kernel_gradient) {
  const Geometry g(call.whole);
  const int64_t rows = call.whole[Geometry::COUNT], parts = call.whole[Geometry::COUNT + 1];
  const float* x = call.in<float>(0);
  const float* dy = call.in<float>(1);
  float* dw = call.out<float>(0);
  float* partial = parts > 1 ? reinterpret_cast<float*>(call.shared) : dw;
  const Tiles tiles(g);
  const int64_t width = vectors_of(g.c) * WIDTH, out_width = vectors_of(g.out_c) * WIDTH;
  const int64_t most = rows * tiles.columns;
  const int64_t step = apart(most * width), out_step = apart(most * out_width);
  const int64_t sum_step = apart(g.c * out_width);
  const int64_t all = g.batch * tiles.rows, pieces = (all + rows - 1) / rows;
  call.pool.each(parts, [&](int64_t part, int worker) {
    float* sums = call.mine<float>(worker);
    float* inputs = sums + PRODUCTS * sum_step;
    float* gradients = inputs + PRODUCTS * step;
    float* scratch = gradients + PRODUCTS * out_step;
    const Share mine = share(pieces, parts, part);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const int64_t first = piece * rows, stop = std::min(first + rows, all);
      const int64_t count = (stop - first) * tiles.columns;
      for (int64_t row = first; row < stop; ++row) {
        const int64_t image = row / tiles.rows, top = row % tiles.rows * RESULTS;
        const int64_t before = (row - first) * tiles.columns;
        const View view = row_of_squares({x + image * g.h * g.w * g.c, g.h, g.w, g.c}, top - g.top,
                                         -g.left, tiles.columns, TILE, scratch);
        transform_row<Input>(
            view, tiles.columns, g.c, step,
            [&](int64_t v) { return PackedVector{before * width + v * WIDTH, width}; }, inputs);
        const View other =
            row_of_squares({dy + image * g.out_h * g.out_w * g.out_c, g.out_h, g.out_w, g.out_c},
                           top, 0, tiles.columns, RESULTS, scratch);
        transform_row<OutputGradient>(
            other, tiles.columns, g.out_c, out_step,
            [&](int64_t v) {
              const PackedVector found = packed_vector(count, g.out_c, v);
              return PackedVector{found.offset + before * found.stride, found.stride};
            },
            gradients);
      }
      for (int64_t i = 0; i < PRODUCTS; ++i) {
        gemm_packed_transposed(g.c, g.out_c, count, inputs + i * step, width,
                               gradients + i * out_step, sums + i * sum_step, out_width,
                               piece > mine.first);
      }
    }
    write_kernel(g, sums, sum_step, partial + part * g.kernel_size());
  });
  if (parts > 1) sum_parts(call.pool, partial, parts, g.kernel_size(), dw);
  return true;
}
