// The plain recurrent network: forward, and its gradient carried back through time.
#include <algorithm>
#include <utility>

#include "recurrent.hpp"
#include "vector_math.hpp"

using namespace lernwerk;

namespace {

struct Forward {
  Extent extent;
  int64_t features;
  const float *x, *h, *bias;
  const uint8_t* mask;
  float* outputs;
  Panels weights;  // the rows of the kernel, then those of the recurrent matrix

  void run(int64_t first, int64_t rows, float* local) const;
  void finish_panel(int64_t panel, int64_t first, int64_t rows, int64_t step, const float* sums,
                    const float* now, float* next) const;
};

// All steps of some rows of the batch. The state lies twice in local memory, because all panels of
// a step need the old one.
void Forward::run(int64_t first, int64_t rows, float* local) const {
  const int64_t units = extent.units;
  float *now = local, *next = now + extent.state(), *sums = next + extent.state();
  fetch_state(now, h + first * units, rows, extent);
  for (int64_t step = 0; step < extent.steps; ++step) {
    const float* inputs = x + (first * extent.steps + step) * features;
    for (int64_t panel = 0; panel < weights.count(); ++panel) {
      const int vectors = weights.vectors(panel);
      for (int v = 0; v < vectors; ++v) {
        const int64_t unit = panel * weights.units_each() + v * WIDTH;
        begin_sums(sums + v * WIDTH, rows, load_some(bias + unit, units - unit));
      }
      add_product(sums, rows, inputs, extent.steps * features, weights.at(panel), features,
                  vectors);
      add_product(sums, rows, now, extent.padded(), weights.at(panel, features), units, vectors);
      finish_panel(panel, first, rows, step, sums, now, next);
    }
    std::swap(now, next);
  }
}

void Forward::finish_panel(int64_t panel, int64_t first, int64_t rows, int64_t step,
                           const float* sums, const float* now, float* next) const {
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t place = (first + row) * extent.steps + step;
    for (int v = 0; v < weights.vectors(panel); ++v) {
      const int64_t unit = panel * weights.units_each() + v * WIDTH;
      const int64_t local = row * extent.padded() + unit;
      const floats z = load(sums + (row * SLOTS + v) * WIDTH);
      const floats state = mask[place] ? hyperbolic_tangent(z) : load(now + local);
      store(next + local, state);
      store_some(outputs + place * extent.units + unit, state, extent.units - unit);
    }
  }
}

struct Backward {
  Extent extent;
  const uint8_t* mask;
  const float *outputs, *g;
  float *dz, *dh;
  Panels recurrent;

  void run(int64_t first, int64_t rows, float* local) const;
  void step_row(int64_t row, int64_t step, float* to_h) const;
  void skip_row(int64_t row, int64_t step, float* to_h) const;
};

void Backward::run(int64_t first, int64_t rows, float* local) const {
  const int64_t units = extent.units, padded = extent.padded();
  float *to_h = local, *sums = to_h + extent.state();
  fetch_state(to_h, nullptr, rows, extent);
  for (int64_t step = extent.steps - 1; step >= 0; --step) {
    const int64_t place = first * extent.steps + step;
    for (int64_t row = 0; row < rows; ++row) {
      if (mask[place + row * extent.steps])
        step_row(first + row, step, to_h + row * padded);
      else
        skip_row(first + row, step, to_h + row * padded);
    }
    carry_back(to_h, sums, dz + place * units, extent.steps * units, rows, recurrent, extent);
  }
  return_state(dh + first * units, to_h, rows, extent);
}

// One step of one row: dz = dh (1 - h^2); nothing of dh goes past the product.
void Backward::step_row(int64_t row, int64_t step, float* to_h) const {
  const int64_t units = extent.units, place = row * extent.steps + step;
  for (int64_t unit = 0; unit < units; unit += WIDTH) {
    const int64_t at = place * units + unit, left = units - unit;
    const floats y = load_some(outputs + at, left);
    const floats now = load(to_h + unit) + load_some(g + at, left);
    store_some(dz + at, now * (1 - y * y), left);
    store(to_h + unit, floats{});
  }
}

// A step that the mask leaves out: nothing for z, and the gradient goes on.
void Backward::skip_row(int64_t row, int64_t step, float* to_h) const {
  const int64_t units = extent.units, place = row * extent.steps + step;
  std::fill_n(dz + place * units, units, 0.0f);
  for (int64_t unit = 0; unit < units; ++unit) to_h[unit] += g[place * units + unit];
}

}  // namespace

// Inputs: x (b, t, d), h (b, n), kernel (d, n), recurrent (n, n), bias (n) float32, mask (b, t)
// bool. Outputs: outputs (b, t, n) float32. Parameters: b, t, n, chunks, d.
KERNEL(simple_rnn) {
  const Extent extent(call.whole);
  const int64_t units = extent.units, features = call.whole[4];
  const Panels weights{reinterpret_cast<float*>(call.shared), features + units, units, 1};
  weights.pack({call.in<float>(2), units, 1}, 0, features, 0, call.pool);
  weights.pack({call.in<float>(3), units, 1}, features, units, 0, call.pool);
  const Forward forward{.extent = extent,
                        .features = features,
                        .x = call.in<float>(0),
                        .h = call.in<float>(1),
                        .bias = call.in<float>(4),
                        .mask = call.in<uint8_t>(5),
                        .outputs = call.out<float>(0),
                        .weights = weights};
  each_chunk(call, extent, forward);
  return true;
}

// Inputs: recurrent (n, n) float32, mask (b, t) bool, outputs (b, t, n), g (b, t, n) float32.
// Outputs: dz (b, t, n), dh (b, n) float32. Parameters: b, t, n, chunks.
KERNEL(simple_rnn_gradient) {
  const Extent extent(call.whole);
  const int64_t units = extent.units;
  const Panels recurrent{reinterpret_cast<float*>(call.shared), units, units, 1};
  recurrent.pack({call.in<float>(0), 1, units}, 0, units, 0, call.pool);
  const Backward backward{.extent = extent,
                          .mask = call.in<uint8_t>(1),
                          .outputs = call.in<float>(2),
                          .g = call.in<float>(3),
                          .dz = call.out<float>(0),
                          .dh = call.out<float>(1),
                          .recurrent = recurrent};
  each_chunk(call, extent, backward);
  return true;
}
