// The gated recurrent unit: forward, and its gradient carried back through time.
#include <algorithm>
#include <utility>

#include "recurrent.hpp"
#include "vector_math.hpp"

using namespace lernwerk;

namespace {

// The sums of one vector of units, in this order so that the inputs add to the first three and the
// state to the last three: a of the candidate; a + u of z and of r; u of the candidate.
enum Sum { AT_CANDIDATE, AT_Z, AT_R, INNER };

struct Forward {
  Extent extent;
  int64_t features;
  const float *x, *h, *bias;
  const uint8_t* mask;
  float *outputs, *gates;
  Panels weights;  // the rows of the kernel, then those of the recurrent matrix

  void run(int64_t first, int64_t rows, float* local) const;
  void begin_panel(int64_t panel, int64_t rows, float* sums) const;
  void finish_panel(int64_t panel, int64_t first, int64_t rows, int64_t step, const float* sums,
                    const float* now, float* next) const;
};

// All steps of some rows of the batch. The state lies twice in local memory, because all panels of
// a step need the old one.
void Forward::run(int64_t first, int64_t rows, float* local) const {
  float *now = local, *next = now + extent.state(), *sums = next + extent.state();
  fetch_state(now, h + first * extent.units, rows, extent);
  for (int64_t step = 0; step < extent.steps; ++step) {
    const float* inputs = x + (first * extent.steps + step) * features;
    for (int64_t panel = 0; panel < weights.count(); ++panel) {
      begin_panel(panel, rows, sums);
      add_product(sums, rows, inputs, extent.steps * features, weights.at(panel), features, 3);
      add_product(sums + AT_Z * WIDTH, rows, now, extent.padded(), weights.at(panel, features),
                  extent.units, 3);
      finish_panel(panel, first, rows, step, sums, now, next);
    }
    std::swap(now, next);
  }
}

// The sums begin as the biases: three for a, three for u.
void Forward::begin_panel(int64_t panel, int64_t rows, float* sums) const {
  const int64_t units = extent.units, unit = panel * WIDTH;
  const auto at = [&](int64_t part) { return load_some(bias + part * units + unit, units - unit); };
  begin_sums(sums + AT_CANDIDATE * WIDTH, rows, at(2));
  begin_sums(sums + AT_Z * WIDTH, rows, at(0) + at(3));
  begin_sums(sums + AT_R * WIDTH, rows, at(1) + at(4));
  begin_sums(sums + INNER * WIDTH, rows, at(5));
}

// From the sums of one vector of units to the gates and the outputs.
void Forward::finish_panel(int64_t panel, int64_t first, int64_t rows, int64_t step,
                           const float* sums, const float* now, float* next) const {
  const int64_t units = extent.units, unit = panel * WIDTH, left = units - unit;
  for (int64_t row = 0; row < rows; ++row) {
    const float* sum = sums + row * SLOTS * WIDTH;
    const int64_t local = row * extent.padded() + unit;
    const int64_t place = (first + row) * extent.steps + step;
    const floats z = logistic(load(sum + AT_Z * WIDTH)), r = logistic(load(sum + AT_R * WIDTH));
    const floats inner = load(sum + INNER * WIDTH), old = load(now + local);
    const floats candidate = hyperbolic_tangent(load(sum + AT_CANDIDATE * WIDTH) + r * inner);
    const floats state = mask[place] ? z * old + (1 - z) * candidate : old;
    store(next + local, state);
    store_some(outputs + place * units + unit, state, left);
    float* gate = gates + place * 4 * units + unit;
    store_some(gate, z, left);
    store_some(gate + units, r, left);
    store_some(gate + 2 * units, candidate, left);
    store_some(gate + 3 * units, inner, left);
  }
}

struct Backward {
  Extent extent;
  const uint8_t* mask;
  const float *h, *outputs, *gates, *g;
  float *da, *du, *dh;
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
    carry_back(to_h, sums, du + place * 3 * units, extent.steps * 3 * units, rows, recurrent,
               extent);
  }
  return_state(dh + first * units, to_h, rows, extent);
}

// One step of one row: from the gradient of h to those of a and u; what z lets pass stays in h.
void Backward::step_row(int64_t row, int64_t step, float* to_h) const {
  const int64_t units = extent.units, place = row * extent.steps + step;
  const float* gate = gates + place * 4 * units;
  const float* previous = step ? outputs + (place - 1) * units : h + row * units;
  float *to_x = da + place * 3 * units, *to_state = du + place * 3 * units;
  for (int64_t unit = 0; unit < units; unit += WIDTH) {
    const int64_t left = units - unit;
    const auto at = [&](const float* values) { return load_some(values + unit, left); };
    const floats z = at(gate), r = at(gate + units);
    const floats candidate = at(gate + 2 * units), inner = at(gate + 3 * units);
    const floats now = load(to_h + unit) + at(g + place * units);
    const floats at_candidate = now * (1 - z) * (1 - candidate * candidate);
    const floats at_z = now * (at(previous) - candidate) * (z * (1 - z));
    const floats at_r = at_candidate * inner * (r * (1 - r));
    for (float* target : {to_x, to_state}) {
      store_some(target + unit, at_z, left);
      store_some(target + units + unit, at_r, left);
    }
    store_some(to_x + 2 * units + unit, at_candidate, left);
    store_some(to_state + 2 * units + unit, at_candidate * r, left);
    store(to_h + unit, now * z);
  }
}

// A step that the mask leaves out: nothing for a and u, and the gradient goes on.
void Backward::skip_row(int64_t row, int64_t step, float* to_h) const {
  const int64_t units = extent.units, place = row * extent.steps + step;
  for (float* target : {da, du}) std::fill_n(target + place * 3 * units, 3 * units, 0.0f);
  for (int64_t unit = 0; unit < units; ++unit) to_h[unit] += g[place * units + unit];
}

}  // namespace

// Inputs: x (b, t, d), h (b, n), kernel (d, 3n), recurrent (n, 3n), bias (2, 3n) float32, mask
// (b, t) bool. Outputs: outputs (b, t, n), gates (b, t, 4n) float32.
// Parameters: b, t, n, chunks, d.
KERNEL(gru) {
  const Extent extent(call.whole);
  const int64_t units = extent.units, features = call.whole[4];
  const Panels weights{reinterpret_cast<float*>(call.shared), features + units, units, 3};
  weights.pack({call.in<float>(2), 3 * units, 1}, 0, features, 2, call.pool);
  weights.pack({call.in<float>(3), 3 * units, 1}, features, units, 0, call.pool);
  const Forward forward{.extent = extent,
                        .features = features,
                        .x = call.in<float>(0),
                        .h = call.in<float>(1),
                        .bias = call.in<float>(4),
                        .mask = call.in<uint8_t>(5),
                        .outputs = call.out<float>(0),
                        .gates = call.out<float>(1),
                        .weights = weights};
  each_chunk(call, extent, forward);
  return true;
}

// Inputs: recurrent (n, 3n) float32, mask (b, t) bool, h (b, n), outputs (b, t, n), gates
// (b, t, 4n), g (b, t, n) float32. Outputs: da (b, t, 3n), du (b, t, 3n), dh (b, n) float32.
// Parameters: b, t, n, chunks.
KERNEL(gru_gradient) {
  const Extent extent(call.whole);
  const int64_t columns = 3 * extent.units;
  const Panels recurrent{reinterpret_cast<float*>(call.shared), columns, extent.units, 1};
  recurrent.pack({call.in<float>(0), 1, columns}, 0, columns, 0, call.pool);
  const Backward backward{.extent = extent,
                          .mask = call.in<uint8_t>(1),
                          .h = call.in<float>(2),
                          .outputs = call.in<float>(3),
                          .gates = call.in<float>(4),
                          .g = call.in<float>(5),
                          .da = call.out<float>(0),
                          .du = call.out<float>(1),
                          .dh = call.out<float>(2),
                          .recurrent = recurrent};
  each_chunk(call, extent, backward);
  return true;
}
