// The gradient of a convolution's input of few channels: a product gives what each pixel of g has
// for every place of its window, and the windows are added up. The phases of convolution_input.cpp
// would leave most of each vector empty.
#include "convolution.hpp"
#include "gemm.hpp"
#include "kernel.hpp"
#include "lanes.hpp"
#include "phases.hpp"

using namespace lernwerk;

// Adds the windows of `count` rows of g, as the product has them, to a picture with rows of `row`
// numbers. Neighbours overlap: their rows take turns, so that no sum waits for the one before.
static void add_windows(const Geometry& g, const float* windows, int64_t count, int64_t row,
                        float* picture) {
  const int64_t runs = rows_are_runs(g) ? 1 : g.kernel_w, length = g.kernel_w * g.c / runs;
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < g.out_w; ++j) {
      float* corner = picture + i * g.stride_h * row + j * g.stride_w * g.c;
      for (int64_t down = 0; down < g.kernel_h; ++down) {
        for (int64_t run = 0; run < runs; ++run, windows += length) {
          float* to = corner + down * g.dilation_h * row + run * g.dilation_w * g.c;
          each_lanes(length, [&](auto zero, int64_t k) {
            using V = decltype(zero);
            store_as(to + k, load_as<V>(to + k) + load_as<V>(windows + k));
          });
        }
      }
    }
  }
}

// Inputs: g (batch, out_h, out_w, out_c), kernel of one group. Outputs: dx (batch, h, w, c).
// Parameters: geometry, rows of dx in a piece of work, chunks, numbers of the windows of a piece.
KERNEL(convolution_input_gradient_spread) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t rows = more[0], chunks = more[1], most = more[2];
  const float* dy = call.in<float>(0);
  float* dx = call.out<float>(0);
  float* packed = reinterpret_cast<float*>(call.shared);
  const int64_t window = g.taps() * g.c, row = g.columns_of(g.out_w) * g.c;
  pack_b(g.out_c, window, call.in<float>(1), g.out_c, true, packed);
  const int64_t pieces = (g.h + rows - 1) / rows;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    float* windows = call.mine<float>(worker);
    float* picture = windows + most;
    const Share mine = share(g.batch * pieces, chunks, chunk);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const int64_t image = piece / pieces, first = piece % pieces * rows;
      const int64_t count = std::min(rows, g.h - first);
      const Rectangle part = covered(g, first, count);
      const int64_t start = std::clamp<int64_t>(part.row, 0, g.out_h);
      const int64_t stop = std::clamp<int64_t>(part.row + part.rows, start, g.out_h);
      gemm_packed((stop - start) * g.out_w, window, g.out_c,
                  dy + (image * g.out_h + start) * g.out_w * g.out_c, g.out_c, packed, windows,
                  window, false);
      std::fill_n(picture, g.rows_of(stop - start) * row, 0.0f);
      add_windows(g, windows, stop - start, row, picture);
      copy_padded({picture, g.rows_of(stop - start), row / g.c, g.c},
                  {first + g.top - start * g.stride_h, g.left, count, g.w}, g.c,
                  dx + (image * g.h + first) * g.w * g.c);
    }
  });
  return true;
}
