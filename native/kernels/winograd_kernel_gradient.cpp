// The gradient of a convolution's kernel by Winograd's algorithm; see winograd.cpp.
#include "kernel.hpp"
#include "winograd_tiles.hpp"

using namespace lernwerk;
using namespace lernwerk::winograd;

// What one phase of the picture gives to dw, from the sums of the products, (c, out_c) each.
template <class Form>
static void write_kernel(const Geometry& g, int64_t phase, const float* sums, int64_t step,
                         float* dw) {
  const int64_t width = vectors_of(g.out_c) * WIDTH, s = g.stride_h;
  for (int64_t row = 0; row < g.c; ++row) {
    for (int64_t v = 0; v < g.out_c; v += WIDTH) {
      transform<typename Form::WeightGradient>(
          [&](int a, int b) { return load(sums + (a * Form::TILE + b) * step + row * width + v); },
          [&](int a, int b, floats x) {
            const int64_t i = a * s + phase / s, j = b * s + phase % s;
            if (i < g.kernel_h && j < g.kernel_w)
              store_some(dw + ((i * g.kernel_w + j) * g.c + row) * g.out_c + v, x, g.out_c - v);
          });
    }
  }
}

// The memory of a thread: transforms of a piece of both pictures, and the sums.
template <class Form>
struct Memory {
  int64_t width, step, out_step, sum_step;
  float *sums, *inputs, *gradients, *scratch;

  Memory(const Geometry& g, int64_t tiles, float* memory)
      : width(vectors_of(g.c) * WIDTH),
        step(apart(tiles * width)),
        out_step(apart(tiles * vectors_of(g.out_c) * WIDTH)),
        sum_step(apart(g.c * vectors_of(g.out_c) * WIDTH)),
        sums(memory),
        inputs(sums + Form::PRODUCTS * sum_step),
        gradients(inputs + Form::PRODUCTS * step),
        scratch(gradients + Form::PRODUCTS * out_step) {}
};

// Transforms the rows of tiles of a piece: one phase of x, and dy in packed form.
template <class Form>
static void transform_piece(const Geometry& g, const Passage& way, int64_t phase, Share rows,
                            const float* x, const float* dy, const Memory<Form>& m) {
  const int64_t count = (rows.stop - rows.first) * way.columns;
  for (int64_t row = rows.first; row < rows.stop; ++row) {
    const int64_t image = row / way.rows, tile_row = row % way.rows;
    const int64_t before = (row - rows.first) * way.columns;
    const Places inputs = row_of_squares(way.from, x + image * g.h * g.w * g.c, phase, tile_row,
                                         way.columns, Form::TILE, m.scratch);
    transform_row<typename Form::Input>(
        inputs, g.c, way.columns, m.step,
        [&](int64_t v) { return PackedVector{before * m.width + v * WIDTH, m.width}; }, m.inputs);
    const Places gradients = row_of_squares(way.to, dy + image * g.out_h * g.out_w * g.out_c, 0,
                                            tile_row, way.columns, RESULTS, m.scratch);
    transform_row<typename Form::OutputGradient>(
        gradients, g.out_c, way.columns, m.out_step,
        [&](int64_t v) {
          const PackedVector found = packed_vector(count, g.out_c, v);
          return PackedVector{found.offset + before * found.stride, found.stride};
        },
        m.gradients);
  }
}

// Chunks are phases of parts of the pieces: the sums of one phase stay in the second cache.
template <class Form>
static void add_up(const Call& call, const Geometry& g, const Passage& way, int64_t rows,
                   int64_t parts, float* partial) {
  const int64_t all = g.batch * way.rows, pieces = (all + rows - 1) / rows;
  const int64_t out_width = vectors_of(g.out_c) * WIDTH, phases = way.from.phases();
  call.pool.each(parts * phases, [&](int64_t chunk, int worker) {
    const Memory<Form> m(g, rows * way.columns, call.mine<float>(worker));
    const int64_t part = chunk / phases, phase = chunk % phases;
    const Share mine = share(pieces, parts, part);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const Share here{piece * rows, std::min(piece * rows + rows, all)};
      transform_piece<Form>(g, way, phase, here, call.in<float>(0), call.in<float>(1), m);
      for (int64_t i = 0; i < Form::PRODUCTS; ++i) {
        gemm_packed_transposed(g.c, g.out_c, (here.stop - here.first) * way.columns,
                               m.inputs + i * m.step, m.width, m.gradients + i * m.out_step,
                               m.sums + i * m.sum_step, out_width, piece > mine.first);
      }
    }
    write_kernel<Form>(g, phase, m.sums, m.sum_step, partial + part * g.kernel_size());
  });
}

// Inputs: x, g. Outputs: dw. Parameters: geometry, rows of tiles in a piece of work, parts of the
// pieces (each with a sum of its own).
KERNEL(convolution_winograd_kernel_gradient) {
  const Geometry g(call.whole);
  const int64_t rows = call.whole[Geometry::COUNT], parts = call.whole[Geometry::COUNT + 1];
  float* dw = call.out<float>(0);
  float* partial = parts > 1 ? reinterpret_cast<float*>(call.shared) : dw;
  const Passage way = forward_passage(g);
  if (taps_of(g) == TwoTaps::TAPS)
    add_up<TwoTaps>(call, g, way, rows, parts, partial);
  else
    add_up<ThreeTaps>(call, g, way, rows, parts, partial);
  if (parts > 1) sum_parts(call.pool, partial, parts, g.kernel_size(), dw);
  return true;
}
