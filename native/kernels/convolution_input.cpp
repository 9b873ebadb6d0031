// The gradient of a convolution's input, which is also the transposed convolution. The input's
// pixels that lie a stride apart meet the same places of the kernel: each such phase is a
// convolution of g with stride 1 and a part of the kernel, turned round.
#include "convolution.hpp"
#include "gemm.hpp"
#include "kernel.hpp"
#include "phases.hpp"

using namespace lernwerk;

static bool consecutive(const Axis& axis, int64_t phase) {
  for (int64_t t = axis.start[phase] + 1; t < axis.start[phase + 1]; ++t) {
    if (axis.shift[t] != axis.shift[t - 1] + 1) return false;
  }
  return true;
}

// One phase as a product of windows.
struct Phase {
  int64_t before;  // taps of the phases before it: where its packed kernel and offsets lie
  int64_t taps, runs, depth;
};

static Phase phase_of(const Geometry& g, const Axis& down, const Axis& across, int64_t i,
                      int64_t j) {
  const int64_t rows = down.count(i), columns = across.count(j);
  const bool whole = g.groups == 1 && columns > 0 && consecutive(across, j);
  const int64_t runs = whole ? rows : rows * columns;
  return {down.start[i] * g.kernel_w + rows * across.start[j], rows * columns, runs,
          whole ? columns * g.out_c : g.group_out_c()};
}

static void phase_offsets(const Geometry& g, const Axis& down, const Axis& across, int64_t i,
                          int64_t j, int64_t row_length, int64_t* offsets) {
  const Phase phase = phase_of(g, down, across, i, j);
  const int64_t columns = down.count(i) ? phase.runs / down.count(i) : 0;
  offsets += phase.before;
  for (int64_t s = down.start[i]; s < down.start[i + 1]; ++s) {
    for (int64_t t = 0; t < columns; ++t) {
      *offsets++ = down.shift[s] * row_length + across.shift[across.start[j] + t] * g.out_c;
    }
  }
}

// Numbers in the packed kernel before that of a phase and group.
static int64_t packed_start(const Geometry& g, const Phase& phase, int64_t group) {
  return (phase.before * g.groups + group * phase.taps) *
         (packed_b_bytes(g.group_out_c(), g.group_c()) / 4);
}

// Packs the part of the kernel at place t of `across` for all places down the kernel.
static void pack_column(const Geometry& g, const Axis& down, const Axis& across, int64_t j,
                        int64_t t, const float* w, float* packed) {
  const int64_t inner = g.group_c(), outer = g.group_out_c();
  for (int64_t i = 0; i < g.stride_h; ++i) {
    const Phase phase = phase_of(g, down, across, i, j);
    for (int64_t s = 0; s < down.count(i); ++s) {
      const int64_t place =
          down.place[down.start[i] + s] * g.kernel_w + across.place[across.start[j] + t];
      for (int64_t group = 0; group < g.groups; ++group) {
        pack_b_part(phase.taps * outer, (s * across.count(j) + t) * outer, outer, inner,
                    w + place * inner * g.out_c + group * outer, g.out_c, true,
                    packed + packed_start(g, phase, group));
      }
    }
  }
}

// Inputs: g (batch, out_h, out_w, out_c), kernel. Outputs: dx (batch, h, w, c). Parameters:
// geometry, rows of dx in a piece of work (a multiple of the stride), chunks, bytes of the packed
// kernel.
KERNEL(convolution_input_gradient) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t rows = more[0], chunks = more[1], packed_bytes = more[2];
  const float* dy = call.in<float>(0);
  const float* w = call.in<float>(1);
  float* dx = call.out<float>(0);
  float* packed = reinterpret_cast<float*>(call.shared);
  int64_t* memory = reinterpret_cast<int64_t*>(call.shared + packed_bytes);
  const Axis down = axis_of(g.kernel_h, g.stride_h, g.dilation_h, g.top, memory);
  memory += Axis::entries(g.kernel_h, g.stride_h);
  const Axis across = axis_of(g.kernel_w, g.stride_w, g.dilation_w, g.left, memory);
  int64_t* offsets = memory + Axis::entries(g.kernel_w, g.stride_w);

  const Rectangle all = covered(g, 0, g.h);
  const bool copy = !all.inside(g.out_h, g.out_w);
  const int64_t row_length = (copy ? all.columns : g.out_w) * g.out_c;
  for (int64_t i = 0; i < g.stride_h; ++i) {
    for (int64_t j = 0; j < g.stride_w; ++j)
      phase_offsets(g, down, across, i, j, row_length, offsets);
  }
  const int64_t packing = g.kernel_size() < SMALL ? 1 : g.kernel_w;
  call.pool.each(packing, [&](int64_t chunk, int) {
    const Share places = share(g.kernel_w, packing, chunk);
    for (int64_t j = 0; j < g.stride_w; ++j) {
      for (int64_t t = across.start[j]; t < across.start[j + 1]; ++t) {
        if (t >= places.first && t < places.stop)
          pack_column(g, down, across, j, t - across.start[j], w, packed);
      }
    }
  });

  const int64_t pieces = (g.h + rows - 1) / rows;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    const Share mine = share(g.batch * pieces, chunks, chunk);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const int64_t image = piece / pieces, first = piece % pieces * rows;
      const int64_t count = std::min(rows, g.h - first);
      const Rectangle part = covered(g, first, count);
      const View view = cut({dy + image * g.out_h * g.out_w * g.out_c, g.out_h, g.out_w, g.out_c},
                            part, copy, call.mine<float>(worker));
      const float* origin =
          view.data + (first / g.stride_h - part.row) * row_length - part.column * g.out_c;
      float* to = dx + (image * g.h + first) * g.w * g.c;
      for (int64_t i = 0; i < std::min(g.stride_h, count); ++i) {
        for (int64_t j = 0; j < std::min(g.stride_w, g.w); ++j) {
          const Phase phase = phase_of(g, down, across, i, j);
          for (int64_t group = 0; group < g.groups; ++group) {
            gemm_windows({(count - i + g.stride_h - 1) / g.stride_h, row_length,
                          g.stride_h * g.w * g.c, (g.w - j + g.stride_w - 1) / g.stride_w,
                          g.group_c(), phase.depth, phase.runs, offsets + phase.before,
                          origin + group * g.group_out_c(), g.out_c,
                          packed + packed_start(g, phase, group),
                          to + (i * g.w + j) * g.c + group * g.group_c(), g.stride_w * g.c, false});
          }
        }
      }
    }
  });
  return true;
}
