// Convolution in bfloat16, and an input's gradient; convolution.cpp is the same in float32.
#include <algorithm>

#include "fused.hpp"
#include "kernel.hpp"
#include "windows.hpp"

using namespace lernwerk;
using bfloat16::blocks_of, bfloat16::LINES, bfloat16::Products, bfloat16::tiles_of,
    bfloat16::TILE_SIZE, bfloat16::Windows;

namespace {

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
  const T *x = call.in<T>(0), *end = x + g.batch * g.h * g.w * g.c;
  const uint16_t* packed = convolution.pack(call);
  call.pool.each(convolution.chunks, [&](int64_t chunk, int worker) {
    const Share mine = share(g.batch * pieces, convolution.chunks, chunk);
    uint16_t* scratch = call.mine<uint16_t>(worker);
    for (int64_t i = mine.first; i < mine.stop; ++i) {
      const int64_t image = i / pieces, piece = i % pieces;
      const T* picture = x + image * g.h * g.w * g.c;
      const int64_t first = (image * g.out_h + piece * windows.rows) * g.out_w;
      float* to = y ? y + first * g.out_c : nullptr;
      const Products found =
          windows.slide() ? windows.multiply_sliding(picture, end, piece, packed, scratch, to)
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
    run_part(program, rest, inputs, {first, y.pixels, y.runs, place, y.gap * pixel}, turn);
  };
  with_form(convolution.narrow, 0,
            [&](auto form) { convolve<decltype(form)>(convolution, call, nullptr, after); });
  finish_reductions(program, rest, convolution.chunks);
  return true;
}
