// The gradients of a recurrent layer's weights as one product with dz, which is the largest array
// by far: the rows of its other factor are x, the state before, and a one for the bias.
#include <algorithm>

#include "gemm.hpp"
#include "kernel.hpp"
#include "parts.hpp"

using namespace lernwerk;

namespace {

// Parameters: batch, steps, features, units, columns of dz, columns in a piece of work, parts of
// the steps (each with a sum of its own), steps that are multiplied at a time.
struct Weights {
  int64_t batch, steps, features, units, columns, piece, parts, depth;
  const float *x, *h, *outputs, *dz;

  explicit Weights(const Call& call)
      : batch(call.whole[0]),
        steps(call.whole[1]),
        features(call.whole[2]),
        units(call.whole[3]),
        columns(call.whole[4]),
        piece(call.whole[5]),
        parts(call.whole[6]),
        depth(call.whole[7]),
        x(call.in<float>(0)),
        h(call.in<float>(1)),
        outputs(call.in<float>(2)),
        dz(call.in<float>(3)) {}

  int64_t rows() const { return features + units + 1; }
  // An odd number of cache lines, so that the steps do not fall together in the cache.
  int64_t width() const { return ((rows() + 15) / 16 | 1) * 16; }

  void join(int64_t step, int64_t count, float* to) const;
  void add(Share all, int64_t column, int64_t count, float* memory, float* sums) const;
};

// The other factor for some steps: one row for each.
void Weights::join(int64_t step, int64_t count, float* to) const {
  for (int64_t i = step; i < step + count; ++i, to += width()) {
    const float* state = i % steps ? outputs + (i - 1) * units : h + i / steps * units;
    std::copy_n(x + i * features, features, to);
    std::copy_n(state, units, to + features);
    to[features + units] = 1;
  }
}

// Sums (rows, columns) of the steps of a part, for `count` columns from `column` on.
void Weights::add(Share all, int64_t column, int64_t count, float* memory, float* sums) const {
  float* packed = memory + depth * width();
  int64_t step = all.first;
  do {  // a sum over no steps is zero
    const int64_t here = std::min(depth, all.stop - step);
    join(step, here, memory);
    pack_b(here, count, dz + step * columns + column, columns, false, packed);
    gemm_packed_transposed(rows(), count, here, memory, width(), packed, sums + column, columns,
                           step > all.first);
    step += here;
  } while (step < all.stop);
}

}  // namespace

// Inputs: x (b, t, d), h (b, n), outputs (b, t, n), dz (b, t, m). Outputs: kernel (d, m),
// recurrent (n, m), bias (m). Parameters: see Weights.
KERNEL(recurrent_weights_gradient) {
  const Weights w(call);
  const int64_t pieces = (w.columns + w.piece - 1) / w.piece, size = w.rows() * w.columns;
  float* sums = reinterpret_cast<float*>(call.shared);
  call.pool.each(w.parts * pieces, [&](int64_t chunk, int worker) {
    const int64_t part = chunk / pieces, first = chunk % pieces * w.piece;
    w.add(share(w.batch * w.steps, w.parts, part), first, std::min(w.piece, w.columns - first),
          call.mine<float>(worker), sums + part * size);
  });
  const int64_t starts[] = {0, w.features, w.features + w.units, w.rows()};
  for (int i = 0; i < 3; ++i) {
    sum_slices(call.pool, sums + starts[i] * w.columns, w.parts, size,
               (starts[i + 1] - starts[i]) * w.columns, call.out<float>(i));
  }
  return true;
}
