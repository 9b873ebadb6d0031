// The long short-term memory: forward, and its gradient carried back through time.
#include <algorithm>
#include <utility>

#include "recurrent.hpp"
#include "vector_math.hpp"

using namespace lernwerk;

namespace {

struct Forward {
  Extent extent;
  int64_t features;
  const float *x, *h, *c, *bias;
  const uint8_t* mask;
  float *outputs, *cells, *gates;
  Panels weights;  // the rows of the kernel, then those of the recurrent matrix

  void run(int64_t first, int64_t rows, float* local) const;
  void finish_panel(int64_t panel, int64_t first, int64_t rows, int64_t step, const float* sums,
                    const float* now, float* next, float* cell) const;
};

// All steps of some rows of the batch. The state lies twice in local memory, because all panels of
// a step need the old one; a cell is needed by its own panel alone.
void Forward::run(int64_t first, int64_t rows, float* local) const {
  const int64_t units = extent.units;
  float *now = local, *next = now + extent.state(), *cell = next + extent.state();
  float* sums = cell + extent.state();
  fetch_state(now, h + first * units, rows, extent);
  fetch_state(cell, c + first * units, rows, extent);
  for (int64_t step = 0; step < extent.steps; ++step) {
    const float* inputs = x + (first * extent.steps + step) * features;
    for (int64_t panel = 0; panel < weights.count(); ++panel) {
      const int64_t unit = panel * WIDTH;
      for (int gate = 0; gate < 4; ++gate)
        begin_sums(sums + gate * WIDTH, rows, load_some(bias + gate * units + unit, units - unit));
      add_product(sums, rows, inputs, extent.steps * features, weights.at(panel), features, 4);
      add_product(sums, rows, now, extent.padded(), weights.at(panel, features), units, 4);
      finish_panel(panel, first, rows, step, sums, now, next, cell);
    }
    std::swap(now, next);
  }
}

// From the sums z of one vector of units to the gates, the cells and the outputs.
void Forward::finish_panel(int64_t panel, int64_t first, int64_t rows, int64_t step,
                           const float* sums, const float* now, float* next, float* cell) const {
  const int64_t units = extent.units, unit = panel * WIDTH, left = units - unit;
  for (int64_t row = 0; row < rows; ++row) {
    const float* z = sums + row * SLOTS * WIDTH;
    const int64_t local = row * extent.padded() + unit;
    const int64_t place = (first + row) * extent.steps + step;
    const floats i = logistic(load(z)), f = logistic(load(z + WIDTH));
    const floats candidate = hyperbolic_tangent(load(z + 2 * WIDTH));
    const floats o = logistic(load(z + 3 * WIDTH));
    floats new_c = f * load(cell + local) + i * candidate;
    floats new_h = o * hyperbolic_tangent(new_c);
    if (!mask[place]) {
      new_c = load(cell + local);
      new_h = load(now + local);
    }
    store(cell + local, new_c);
    store(next + local, new_h);
    store_some(outputs + place * units + unit, new_h, left);
    store_some(cells + place * units + unit, new_c, left);
    float* gate = gates + place * 4 * units + unit;
    store_some(gate, i, left);
    store_some(gate + units, f, left);
    store_some(gate + 2 * units, candidate, left);
    store_some(gate + 3 * units, o, left);
  }
}

struct Backward {
  Extent extent;
  const uint8_t* mask;
  const float *c, *cells, *gates, *g, *to_cells;
  float *dz, *dh, *dc;
  Panels recurrent;

  void run(int64_t first, int64_t rows, float* local) const;
  void step_row(int64_t row, int64_t step, float* to_h, float* to_c) const;
  void skip_row(int64_t row, int64_t step, float* to_h, float* to_c) const;
};

void Backward::run(int64_t first, int64_t rows, float* local) const {
  const int64_t units = extent.units, padded = extent.padded();
  float *to_h = local, *to_c = to_h + extent.state(), *sums = to_c + extent.state();
  fetch_state(to_h, nullptr, rows, extent);
  fetch_state(to_c, nullptr, rows, extent);
  for (int64_t step = extent.steps - 1; step >= 0; --step) {
    const int64_t place = first * extent.steps + step;
    for (int64_t row = 0; row < rows; ++row) {
      if (mask[place + row * extent.steps])
        step_row(first + row, step, to_h + row * padded, to_c + row * padded);
      else
        skip_row(first + row, step, to_h + row * padded, to_c + row * padded);
    }
    carry_back(to_h, sums, dz + place * 4 * units, extent.steps * 4 * units, rows, recurrent,
               extent);
  }
  return_state(dh + first * units, to_h, rows, extent);
  return_state(dc + first * units, to_c, rows, extent);
}

// One step of one row: from the gradients of h and c to those of z and of the c before.
void Backward::step_row(int64_t row, int64_t step, float* to_h, float* to_c) const {
  const int64_t units = extent.units, place = row * extent.steps + step;
  const float* gate = gates + place * 4 * units;
  const float* previous = step ? cells + (place - 1) * units : c + row * units;
  float* share = dz + place * 4 * units;
  for (int64_t unit = 0; unit < units; unit += WIDTH) {
    const int64_t left = units - unit;
    const auto at = [&](const float* values) { return load_some(values + unit, left); };
    const floats i = at(gate), f = at(gate + units);
    const floats candidate = at(gate + 2 * units), o = at(gate + 3 * units);
    const floats squashed = hyperbolic_tangent(at(cells + place * units));
    const floats h = load(to_h + unit) + at(g + place * units);
    const floats inner =
        load(to_c + unit) + at(to_cells + place * units) + h * o * (1 - squashed * squashed);
    store_some(share + unit, inner * candidate * (i * (1 - i)), left);
    store_some(share + units + unit, inner * at(previous) * (f * (1 - f)), left);
    store_some(share + 2 * units + unit, inner * i * (1 - candidate * candidate), left);
    store_some(share + 3 * units + unit, h * squashed * (o * (1 - o)), left);
    store(to_h + unit, floats{});
    store(to_c + unit, inner * f);
  }
}

// A step that the mask leaves out: nothing for z, and both gradients go on.
void Backward::skip_row(int64_t row, int64_t step, float* to_h, float* to_c) const {
  const int64_t units = extent.units, place = row * extent.steps + step;
  std::fill_n(dz + place * 4 * units, 4 * units, 0.0f);
  for (int64_t unit = 0; unit < units; ++unit) {
    to_h[unit] += g[place * units + unit];
    to_c[unit] += to_cells[place * units + unit];
  }
}

}  // namespace

// Inputs: x (b, t, d), h (b, n), c (b, n), kernel (d, 4n), recurrent (n, 4n), bias (4n) float32,
// mask (b, t) bool. Outputs: outputs (b, t, n), cells (b, t, n), gates (b, t, 4n) float32.
// Parameters: b, t, n, chunks, d.
KERNEL(lstm) {
  const Extent extent(call.whole);
  const int64_t units = extent.units, features = call.whole[4];
  const Panels weights{reinterpret_cast<float*>(call.shared), features + units, units, 4};
  weights.pack({call.in<float>(3), 4 * units, 1}, 0, features, 0, call.pool);
  weights.pack({call.in<float>(4), 4 * units, 1}, features, units, 0, call.pool);
  const Forward forward{.extent = extent,
                        .features = features,
                        .x = call.in<float>(0),
                        .h = call.in<float>(1),
                        .c = call.in<float>(2),
                        .bias = call.in<float>(5),
                        .mask = call.in<uint8_t>(6),
                        .outputs = call.out<float>(0),
                        .cells = call.out<float>(1),
                        .gates = call.out<float>(2),
                        .weights = weights};
  each_chunk(call, extent, forward);
  return true;
}

// Inputs: recurrent (n, 4n) float32, mask (b, t) bool, c (b, n), cells (b, t, n), gates (b, t, 4n),
// g (b, t, n), to_cells (b, t, n) float32. Outputs: dz (b, t, 4n), dh (b, n), dc (b, n) float32.
// Parameters: b, t, n, chunks.
KERNEL(lstm_gradient) {
  const Extent extent(call.whole);
  const int64_t units = extent.units;
  const Panels recurrent{reinterpret_cast<float*>(call.shared), 4 * units, units, 1};
  recurrent.pack({call.in<float>(0), 1, 4 * units}, 0, 4 * units, 0, call.pool);
  const Backward backward{.extent = extent,
                          .mask = call.in<uint8_t>(1),
                          .c = call.in<float>(2),
                          .cells = call.in<float>(3),
                          .gates = call.in<float>(4),
                          .g = call.in<float>(5),
                          .to_cells = call.in<float>(6),
                          .dz = call.out<float>(0),
                          .dh = call.out<float>(1),
                          .dc = call.out<float>(2),
                          .recurrent = recurrent};
  each_chunk(call, extent, backward);
  return true;
}
