// Convolutions by Winograd's algorithm, and the gradients of their inputs. Rounding errors stay
// below 1e-4 of the largest result. NaN and infinity spread over a tile of 4x4 results.
//
// A stride of 2 makes four phases of a picture, each of which meets every other place of the
// kernel: a kernel 4x4 is four of 2x2 that move by one place (Lattice in winograd_tiles.hpp).
//
// A piece of work is some rows of tiles: their transforms lie in the second cache, as one matrix
// (tiles, channels) for each of the products.
#include "kernel.hpp"
#include "strided.hpp"
#include "winograd_tiles.hpp"

using namespace lernwerk;
using namespace lernwerk::winograd;

// Calls work with the form of the algorithm for the geometry's kernel.
template <class Work>
static void with_form(const Geometry& g, const Work& work) {
  if (taps_of(g) == TwoTaps::TAPS)
    work(TwoTaps());
  else
    work(ThreeTaps());
}

// The products of a row of tiles, back as pixels of one phase of a picture that begins at y:
// `count` channels, products being `width` apart from tile to tile.
template <class Form>
static void write_row(const Passage& way, int64_t phase, int64_t tile_row, const float* products,
                      int64_t step, int64_t width, int64_t count, float* y) {
  const Lattice& l = way.to;
  const int64_t top = tile_row * RESULTS * l.stride + phase / l.stride - l.top;
  for (int64_t tile = 0; tile < way.columns; ++tile) {
    const int64_t left = tile * RESULTS * l.stride + phase % l.stride - l.left;
    for (int64_t c = 0; c < count; c += WIDTH) {
      const float* from = products + tile * width + c;
      transform<typename Form::Output>(
          [&](int i, int j) { return load(from + (i * Form::TILE + j) * step); },
          [&](int i, int j, floats x) {
            const int64_t row = top + i * l.stride, column = left + j * l.stride;
            if (row >= 0 && row < l.h && column >= 0 && column < l.w)
              store_some(y + (row * l.w + column) * l.c + c, x, count - c);
          });
    }
  }
}

// Numbers of the transformed kernel of one phase: a packed matrix for each product.
static int64_t kernel_step(const Passage& way) {
  return apart(packed_b_bytes(way.from.c, way.to.c) / 4);
}

// The transformed kernel, phase by phase; read(phase, a, b, row, v) gives the vectors of columns
// that belong to place (a, b) of the phase.
template <class Form, class Read>
static void transform_kernel(Pool& pool, const Passage& way, const Read& read, float* to) {
  const int64_t depth = way.from.c, columns = way.to.c, step = kernel_step(way);
  const int64_t phases = way.from.phases() * way.to.phases();
  const int64_t chunks = phases * Form::TAPS * Form::TAPS * depth * columns < SMALL ? 1 : 8;
  pool.each(chunks, [&](int64_t chunk, int) {
    const Share rows = share(phases * depth, chunks, chunk);
    for (int64_t v = 0; v < vectors_of(columns); ++v) {
      const PackedVector found = packed_vector(depth, columns, v);
      for (int64_t each = rows.first; each < rows.stop; ++each) {
        const int64_t phase = each / depth, row = each % depth;
        float* target = to + phase * Form::PRODUCTS * step + found.offset + row * found.stride;
        transform<typename Form::Weights>(
            [&](int a, int b) { return read(phase, a, b, row, v); },
            [&](int a, int b, floats x) { store(target + (a * Form::TILE + b) * step, x); });
      }
    }
  });
}

// The rows of tiles first .. stop - 1 of all pictures, the transformed kernel being ready. Phases
// of the input are added up, those of the output come one after the other.
template <class Form>
static void convolve_rows(const Passage& way, const float* x, const float* kernel, Share rows,
                          int64_t step, int64_t out_step, float* memory, float* y) {
  const Lattice &from = way.from, &to = way.to;
  const int64_t width = from.width(), out_width = to.width(), size = kernel_step(way);
  float* products = memory + Form::PRODUCTS * step;
  float* scratch = products + Form::PRODUCTS * out_step;
  const auto each_row = [&](const auto& work) {
    for (int64_t row = rows.first; row < rows.stop; ++row)
      work(row / way.rows, row % way.rows, (row - rows.first) * way.columns);
  };
  for (int64_t phase = 0; phase < from.phases(); ++phase) {
    each_row([&](int64_t image, int64_t tile_row, int64_t tile) {
      const Places places = row_of_squares(from, x + image * from.h * from.w * from.c, phase,
                                           tile_row, way.columns, Form::TILE, scratch);
      transform_plain<typename Form::Input>(places, from, way.columns, step, memory + tile * width);
    });
    for (int64_t out = 0; out < to.phases(); ++out, kernel += Form::PRODUCTS * size) {
      for (int64_t i = 0; i < Form::PRODUCTS; ++i) {
        gemm_packed((rows.stop - rows.first) * way.columns, to.c, from.c, memory + i * step, width,
                    kernel + i * size, products + i * out_step, out_width, phase > 0);
      }
      if (phase < from.phases() - 1) continue;
      each_row([&](int64_t image, int64_t tile_row, int64_t tile) {
        write_row<Form>(way, out, tile_row, products + tile * out_width, out_step, out_width, to.c,
                        y + image * to.h * to.w * to.c);
      });
    }
  }
}

// All of it in pieces of `rows` rows of tiles; done(picture, row of tiles) sees each when it is
// written.
template <class Form, class Done>
static void convolve(const Call& call, const Passage& way, int64_t batch, const float* x,
                     const float* kernel, int64_t rows, int64_t chunks, float* y,
                     const Done& done) {
  const int64_t most = rows * way.columns, all = batch * way.rows;
  const int64_t step = apart(most * way.from.width()), out_step = apart(most * way.to.width());
  const int64_t pieces = (all + rows - 1) / rows;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    const Share mine = share(pieces, chunks, chunk);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const Share here{piece * rows, std::min(piece * rows + rows, all)};
      convolve_rows<Form>(way, x, kernel, here, step, out_step, call.mine<float>(worker), y);
      for (int64_t row = here.first; row < here.stop; ++row) done(row / way.rows, row % way.rows);
    }
  });
}

// Bias and relu for what a row of tiles has written.
static void finish_row(const Geometry& g, int64_t image, int64_t tile_row, int64_t channels,
                       const float* bias, int64_t epilogue, float* y) {
  const int64_t top = tile_row * RESULTS, rows = std::min<int64_t>(RESULTS, g.out_h - top);
  finish(y + (image * g.out_h + top) * g.out_w * g.out_c, rows * g.out_w, g.out_c, channels, bias,
         epilogue);
}

// Inputs: x, kernel, bias where the epilogue is not 0. Outputs: y. Parameters: geometry, rows of
// tiles in a piece of work, chunks, epilogue.
KERNEL(convolution_winograd) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const float* w = call.in<float>(1);
  const float* bias = more[2] ? call.in<float>(2) : nullptr;
  float* kernel = reinterpret_cast<float*>(call.shared);
  float* y = call.out<float>(0);
  const Passage way = forward_passage(g);
  const auto read = [&](int64_t phase, int a, int b, int64_t row, int64_t v) {
    const int64_t i = a * g.stride_h + phase / g.stride_h, j = b * g.stride_h + phase % g.stride_h;
    if (i >= g.kernel_h || j >= g.kernel_w) return floats{};
    return load_some(w + ((i * g.kernel_w + j) * g.c + row) * g.out_c + v * WIDTH,
                     g.out_c - v * WIDTH);
  };
  with_form(g, [&](auto form) {
    using Form = decltype(form);
    transform_kernel<Form>(call.pool, way, read, kernel);
    convolve<Form>(call, way, g.batch, call.in<float>(0), kernel, more[0], more[1], y,
                   [&](int64_t image, int64_t tile_row) {
                     finish_row(g, image, tile_row, g.out_c, bias, more[2], y);
                   });
  });
  return true;
}

// The matrix (c, out_c) of each place of the kernel, transposed.
static void turn_kernel(const Call& call, const Geometry& g, const float* w, float* turned) {
  const int64_t chunks = g.kernel_size() < SMALL ? 1 : g.taps();
  call.pool.each(chunks, [&](int64_t chunk, int) {
    const Share taps = share(g.taps(), chunks, chunk);
    for (int64_t i = taps.first * g.c * g.out_c; i < taps.stop * g.c * g.out_c; i += g.c * g.out_c)
      transpose_block(w + i, g.out_c, turned + i, g.c, g.out_c, g.c);
  });
}

// Inputs: g, kernel. Outputs: dx. Parameters: geometry, rows of tiles in a piece of work, chunks,
// bytes of the transformed kernel.
KERNEL(convolution_winograd_input_gradient) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  float* kernel = reinterpret_cast<float*>(call.shared);
  float* turned = reinterpret_cast<float*>(call.shared + more[2]);
  const Passage way = backward_passage(g);
  turn_kernel(call, g, call.in<float>(1), turned);
  with_form(g, [&](auto form) {
    using Form = decltype(form);
    const auto read = [&](int64_t phase, int a, int b, int64_t row, int64_t v) {
      const int64_t s = g.stride_h, i = (Form::TAPS - 1 - a) * s + phase / s;
      const int64_t j = (Form::TAPS - 1 - b) * s + phase % s;
      if (i >= g.kernel_h || j >= g.kernel_w) return floats{};
      return load_some(turned + ((i * g.kernel_w + j) * g.out_c + row) * g.c + v * WIDTH,
                       g.c - v * WIDTH);
    };
    transform_kernel<Form>(call.pool, way, read, kernel);
    convolve<Form>(call, way, g.batch, call.in<float>(0), kernel, more[0], more[1],
                   call.out<float>(0), [](int64_t, int64_t) {});
  });
  return true;
}

// Transforms `depth` rows and `count` columns of the kernel, which begin at w. Memory is far away:
// the rows that come AHEAD later are asked for in time.
template <class Form>
static void transform_columns(const Geometry& g, const float* w, int64_t depth, int64_t count,
                              int64_t step, float* to) {
  constexpr int64_t AHEAD = 4;
  for (int64_t i = 0; i < depth; ++i, w += g.out_c) {
    for (int64_t v = 0; v < vectors_of(count); ++v) {
      const float* from = w + v * WIDTH;
      const PackedVector found = packed_vector(depth, count, v);
      float* target = to + found.offset + i * found.stride;
      transform<typename Form::Weights>(
          [&](int a, int b) {
            const float* here = from + (a * Form::TAPS + b) * g.c * g.out_c;
            __builtin_prefetch(here + AHEAD * g.out_c);
            return load_some(here, count - v * WIDTH);
          },
          [&](int a, int b, floats u) { store(target + (a * Form::TILE + b) * step, u); });
    }
  }
}

// The same for few tiles and a large kernel 3x3 with stride 1: a piece of work is some columns of
// the kernel, which are transformed where they are needed, DEPTH of the c rows at a time.
// Parameters: geometry, columns of the kernel in a piece of work, DEPTH, epilogue.
KERNEL(convolution_winograd_columns) {
  using Form = ThreeTaps;
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t columns = more[0], most_depth = more[1], epilogue = more[2];
  const float* x = call.in<float>(0);
  const float* w = call.in<float>(1);
  const float* bias = epilogue == NOTHING ? nullptr : call.in<float>(2);
  float* y = call.out<float>(0);
  const Passage way = forward_passage(g);
  const int64_t width = way.from.width(), rows = g.batch * way.rows, tiles = rows * way.columns;
  const int64_t step = apart(tiles * width), out_step = apart(tiles * columns);
  float* inputs = reinterpret_cast<float*>(call.shared);
  call.pool.each(rows, [&](int64_t row, int worker) {
    const Places places =
        row_of_squares(way.from, x + row / way.rows * g.h * g.w * g.c, 0, row % way.rows,
                       way.columns, Form::TILE, call.mine<float>(worker));
    transform_plain<Form::Input>(places, way.from, way.columns, step,
                                 inputs + row * way.columns * width);
  });
  call.pool.each((g.out_c + columns - 1) / columns, [&](int64_t chunk, int worker) {
    const int64_t first = chunk * columns, count = std::min(columns, g.out_c - first);
    float* products = call.mine<float>(worker);
    float* kernel = products + Form::PRODUCTS * out_step;
    for (int64_t start = 0; start < g.c; start += most_depth) {
      const int64_t depth = std::min(most_depth, g.c - start);
      const int64_t kernel_step = apart(packed_b_bytes(depth, count) / 4);
      transform_columns<Form>(g, w + start * g.out_c + first, depth, count, kernel_step, kernel);
      for (int64_t i = 0; i < Form::PRODUCTS; ++i) {
        gemm_packed(tiles, count, depth, inputs + i * step + start, width, kernel + i * kernel_step,
                    products + i * out_step, columns, start > 0);
      }
    }
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t image = row / way.rows, tile_row = row % way.rows;
      write_row<Form>(way, 0, tile_row, products + row * way.columns * columns, out_step, columns,
                      count, y + image * g.out_h * g.out_w * g.out_c + first);
      finish_row(g, image, tile_row, count, bias ? bias + first : nullptr, epilogue, y + first);
    }
  });
  return true;
}
