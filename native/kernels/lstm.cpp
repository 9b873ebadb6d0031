// The long short-term memory: forward, and its gradient carried back through time.
#include <algorithm>
#include <utility>

#include "bfloat16.hpp"
#include "recurrent.hpp"
#include "vector_math.hpp"

using namespace lernwerk;
using bfloat16::DEPTH, bfloat16::LINES, bfloat16::tiles_of, bfloat16::TILE_SIZE, bfloat16::width_of;

namespace {

// How numbers are rounded: not at all; h and dz to bfloat16; and their products in bfloat16.
enum Mode : int64_t { PLAIN = 0, ROUNDED = 1, BFLOAT16 = 2 };

// Stores a vector of rounded numbers at a place of an array that is narrow or float32.
inline void store_form(void* array, bool is_narrow, int64_t place, floats value, int64_t left) {
  if (is_narrow)
    bfloat16::store_rounded(static_cast<uint16_t*>(array) + place, value, left);
  else
    store_some(static_cast<float*>(array) + place, value, left);
}

struct Forward {
  Extent extent;
  Mode mode;
  int64_t features;
  const void* x;  // narrow or float32, as are the outputs
  const float *h, *c, *bias;
  const uint8_t* mask;
  void* outputs;
  float *cells, *gates;
  bool has_narrow_x, has_narrow_outputs;
  Panels weights;          // the rows of the kernel, then those of the recurrent matrix
  const uint16_t* packed;  // the same in bfloat16, each filled up to whole tiles

  // A row of the factor in bfloat16: the features and the state, each in whole tiles.
  int64_t state_at() const { return tiles_of(features) * DEPTH; }
  int64_t tiles() const { return tiles_of(features) + tiles_of(extent.units); }
  int64_t width() const { return width_of(tiles() * DEPTH); }

  void run(int64_t first, int64_t rows, float* local) const;
  void run_bfloat16(int64_t first, int64_t rows, float* local) const;
  void finish(int64_t panel, int64_t first, int64_t row, int64_t step, const float* z,
              const float* now, float* next, float* cell, uint16_t* state) const;
};

// All steps of some rows of the batch. The state lies twice in local memory, because all panels of
// a step need the old one; a cell is needed by its own panel alone.
void Forward::run(int64_t first, int64_t rows, float* local) const {
  if (mode == BFLOAT16) return run_bfloat16(first, rows, local);
  const int64_t units = extent.units;
  float *now = local, *next = now + extent.state(), *cell = next + extent.state();
  float* sums = cell + extent.state();
  fetch_state(now, h + first * units, rows, extent);
  fetch_state(cell, c + first * units, rows, extent);
  for (int64_t step = 0; step < extent.steps; ++step) {
    const float* inputs = static_cast<const float*>(x) + (first * extent.steps + step) * features;
    for (int64_t panel = 0; panel < weights.count(); ++panel) {
      const int64_t unit = panel * WIDTH;
      for (int gate = 0; gate < 4; ++gate)
        begin_sums(sums + gate * WIDTH, rows, load_some(bias + gate * units + unit, units - unit));
      add_product(sums, rows, inputs, extent.steps * features, weights.at(panel), features, 4);
      add_product(sums, rows, now, extent.padded(), weights.at(panel, features), units, 4);
      for (int64_t row = 0; row < rows; ++row) {
        finish(panel, first, row, step, sums + row * SLOTS * WIDTH, now, next, cell, nullptr);
      }
    }
    std::swap(now, next);
  }
}

// The same with the features and the state of each row side by side in bfloat16.
void Forward::run_bfloat16(int64_t first, int64_t rows, float* local) const {
  const int64_t units = extent.units, size = bfloat16::blocks_of(rows) * LINES * width();
  float *now = local, *next = now + extent.state(), *cell = next + extent.state();
  float* sums = cell + extent.state();
  uint16_t* a = reinterpret_cast<uint16_t*>(sums + 4 * extent.state());
  uint16_t* next_a = a + size;
  fetch_state(now, h + first * units, rows, extent);
  fetch_state(cell, c + first * units, rows, extent);
  std::fill_n(a, 2 * size, uint16_t{0});
  for (int64_t row = 0; row < rows; ++row)
    bfloat16::round_row(h + (first + row) * units, units, units, a + row * width() + state_at());
  for (int64_t step = 0; step < extent.steps; ++step) {
    for (int64_t row = 0; row < rows; ++row) {
      with_form(has_narrow_x, 0, [&](auto form) {
        const auto* inputs = static_cast<const decltype(form)*>(x);
        bfloat16::round_row(inputs + ((first + row) * extent.steps + step) * features, features,
                            state_at(), a + row * width());
      });
    }
    const int64_t columns = weights.count() * SLOTS * WIDTH;
    bfloat16::multiply({rows, columns, tiles(), a, LINES * width(), packed, tiles() * TILE_SIZE,
                        sums, columns, false, width(), DEPTH});
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t panel = 0; panel < weights.count(); ++panel) {
        finish(panel, first, row, step, sums + row * columns + panel * SLOTS * WIDTH, now, next,
               cell, next_a);
      }
    }
    std::swap(now, next);
    std::swap(a, next_a);
  }
}

// From the sums z of one vector of units in one row to the gates, the cell and the output.
void Forward::finish(int64_t panel, int64_t first, int64_t row, int64_t step, const float* z,
                     const float* now, float* next, float* cell, uint16_t* state) const {
  const int64_t units = extent.units, unit = panel * WIDTH, left = units - unit;
  const int64_t local = row * extent.padded() + unit;
  const int64_t place = (first + row) * extent.steps + step;
  const auto sum = [&](int gate) {  // products in float32 have begun with the bias
    const floats product = load(z + gate * WIDTH);
    return state ? product + load_some(bias + gate * units + unit, left) : product;
  };
  const floats i = logistic(sum(0)), f = logistic(sum(1));
  const floats candidate = hyperbolic_tangent(sum(2)), o = logistic(sum(3));
  floats new_c = f * load(cell + local) + i * candidate;
  floats new_h = o * hyperbolic_tangent(new_c);
  if (mode != PLAIN) new_h = bfloat16::rounded(new_h);
  if (!mask[place]) {
    new_c = load(cell + local);
    new_h = load(now + local);
  }
  store(cell + local, new_c);
  store(next + local, new_h);
  if (state) bfloat16::store_rounded(state + row * width() + state_at() + unit, new_h, left);
  store_form(outputs, has_narrow_outputs, place * units + unit, new_h, left);
  store_some(cells + place * units + unit, new_c, left);
  float* gate = gates + place * 4 * units + unit;
  store_some(gate, i, left);
  store_some(gate + units, f, left);
  store_some(gate + 2 * units, candidate, left);
  store_some(gate + 3 * units, o, left);
}

struct Backward {
  Extent extent;
  Mode mode;
  const uint8_t* mask;
  const float *c, *cells, *gates, *g, *to_cells;
  void* dz;  // narrow or float32
  float *dh, *dc;
  bool has_narrow_dz;
  Panels recurrent;
  const uint16_t* packed;  // the same in bfloat16

  int64_t tiles() const { return tiles_of(4 * extent.units); }
  int64_t width() const { return width_of(4 * extent.units); }

  void run(int64_t first, int64_t rows, float* local) const;
  void step_row(int64_t row, int64_t step, float* to_h, float* to_c, uint16_t* rounded) const;
  void skip_row(int64_t row, int64_t step, float* to_h, float* to_c, uint16_t* rounded) const;
};

void Backward::run(int64_t first, int64_t rows, float* local) const {
  const int64_t units = extent.units, padded = extent.padded();
  float *to_h = local, *to_c = to_h + extent.state(), *sums = to_c + extent.state();
  fetch_state(to_h, nullptr, rows, extent);
  fetch_state(to_c, nullptr, rows, extent);
  uint16_t* a = mode == BFLOAT16 ? reinterpret_cast<uint16_t*>(sums) : nullptr;
  if (a) std::fill_n(a, bfloat16::blocks_of(rows) * LINES * width(), uint16_t{0});
  for (int64_t step = extent.steps - 1; step >= 0; --step) {
    const int64_t place = first * extent.steps + step;
    for (int64_t row = 0; row < rows; ++row) {
      uint16_t* rounded = a ? a + row * width() : nullptr;
      if (mask[place + row * extent.steps])
        step_row(first + row, step, to_h + row * padded, to_c + row * padded, rounded);
      else
        skip_row(first + row, step, to_h + row * padded, to_c + row * padded, rounded);
    }
    if (a) {
      bfloat16::multiply({rows, padded, tiles(), a, LINES * width(), packed, tiles() * TILE_SIZE,
                          to_h, padded, true, width(), DEPTH});
    } else {
      carry_back(to_h, sums, static_cast<const float*>(dz) + place * 4 * units,
                 extent.steps * 4 * units, rows, recurrent, extent);
    }
  }
  return_state(dh + first * units, to_h, rows, extent);
  return_state(dc + first * units, to_c, rows, extent);
}

// One step of one row: from the gradients of h and c to those of z and of the c before.
void Backward::step_row(int64_t row, int64_t step, float* to_h, float* to_c,
                        uint16_t* rounded) const {
  const int64_t units = extent.units, place = row * extent.steps + step;
  const float* gate = gates + place * 4 * units;
  const float* previous = step ? cells + (place - 1) * units : c + row * units;
  for (int64_t unit = 0; unit < units; unit += WIDTH) {
    const int64_t left = units - unit;
    const auto at = [&](const float* values) { return load_some(values + unit, left); };
    const auto put = [&](int64_t block, floats value) {
      if (mode != PLAIN) value = bfloat16::rounded(value);
      store_form(dz, has_narrow_dz, (place * 4 + block) * units + unit, value, left);
      if (rounded) bfloat16::store_rounded(rounded + block * units + unit, value, left);
    };
    const floats i = at(gate), f = at(gate + units);
    const floats candidate = at(gate + 2 * units), o = at(gate + 3 * units);
    const floats squashed = hyperbolic_tangent(at(cells + place * units));
    const floats h = load(to_h + unit) + at(g + place * units);
    const floats inner =
        load(to_c + unit) + at(to_cells + place * units) + h * o * (1 - squashed * squashed);
    put(0, inner * candidate * (i * (1 - i)));
    put(1, inner * at(previous) * (f * (1 - f)));
    put(2, inner * i * (1 - candidate * candidate));
    put(3, h * squashed * (o * (1 - o)));
    store(to_h + unit, floats{});
    store(to_c + unit, inner * f);
  }
}

// A step that the mask leaves out: nothing for z, and both gradients go on.
void Backward::skip_row(int64_t row, int64_t step, float* to_h, float* to_c,
                        uint16_t* rounded) const {
  const int64_t units = extent.units, place = row * extent.steps + step;
  with_form(has_narrow_dz, 0, [&](auto zero) {
    std::fill_n(static_cast<decltype(zero)*>(dz) + place * 4 * units, 4 * units, decltype(zero){});
  });
  if (rounded) std::fill_n(rounded, 4 * units, uint16_t{0});
  for (int64_t unit = 0; unit < units; ++unit) {
    to_h[unit] += g[place * units + unit];
    to_c[unit] += to_cells[place * units + unit];
  }
}

// One block of lines for each gate of each panel: in it the kernel, then the recurrent matrix.
void pack_bfloat16(const Forward& f, const float* kernel, const float* recurrent, Pool& pool,
                   uint16_t* packed) {
  const int64_t units = f.extent.units;
  pool.each(f.weights.count(), [&](int64_t panel, int) {
    const int64_t unit = panel * LINES, lines = std::min(LINES, units - unit);
    for (int64_t gate = 0; gate < 4; ++gate) {
      uint16_t* block = packed + (panel * 4 + gate) * f.tiles() * TILE_SIZE;
      const int64_t column = gate * units + unit;
      bfloat16::pack_b({kernel + column, lines, f.features, 4 * units, true}, block);
      bfloat16::pack_b({recurrent + column, lines, units, 4 * units, true},
                       block + tiles_of(f.features) * TILE_SIZE);
    }
  });
}

}  // namespace

// Inputs: x (b, t, d), h (b, n), c (b, n), kernel (d, 4n), recurrent (n, 4n), bias (4n) float32,
// mask (b, t) bool. Outputs: outputs (b, t, n), cells (b, t, n), gates (b, t, 4n) float32.
// x and outputs may be narrow where the mode is BFLOAT16.
// Parameters: b, t, n, chunks, d, mode, narrow operands.
KERNEL(lstm) {
  const Extent extent(call.whole);
  const int64_t units = extent.units, features = call.whole[4];
  const Panels weights{reinterpret_cast<float*>(call.shared), features + units, units, 4};
  uint16_t* packed = reinterpret_cast<uint16_t*>(call.shared);
  const Mode mode{call.whole[5]};
  const Forward forward{.extent = extent,
                        .mode = mode,
                        .features = features,
                        .x = call.inputs[0],
                        .h = call.in<float>(1),
                        .c = call.in<float>(2),
                        .bias = call.in<float>(5),
                        .mask = call.in<uint8_t>(6),
                        .outputs = call.outputs[0],
                        .cells = call.out<float>(1),
                        .gates = call.out<float>(2),
                        .has_narrow_x = (call.whole[6] & 1) != 0,
                        .has_narrow_outputs = (call.whole[6] >> 7 & 1) != 0,
                        .weights = weights,
                        .packed = packed};
  if (mode == BFLOAT16) {
    pack_bfloat16(forward, call.in<float>(3), call.in<float>(4), call.pool, packed);
  } else {
    weights.pack({call.in<float>(3), 4 * units, 1}, 0, features, 0, call.pool);
    weights.pack({call.in<float>(4), 4 * units, 1}, features, units, 0, call.pool);
  }
  each_chunk(call, extent, forward);
  return true;
}

// Inputs: recurrent (n, 4n) float32, mask (b, t) bool, c (b, n), cells (b, t, n), gates (b, t, 4n),
// g (b, t, n), to_cells (b, t, n) float32. Outputs: dz (b, t, 4n), dh (b, n), dc (b, n) float32.
// dz may be narrow where the mode is BFLOAT16. Parameters: b, t, n, chunks, mode, narrow operands.
KERNEL(lstm_gradient) {
  const Extent extent(call.whole);
  const int64_t units = extent.units;
  const Panels recurrent{reinterpret_cast<float*>(call.shared), 4 * units, units, 1};
  const Mode mode{call.whole[4]};
  uint16_t* packed = reinterpret_cast<uint16_t*>(call.shared);
  if (mode == BFLOAT16)
    bfloat16::pack_b({call.in<float>(0), units, 4 * units, 4 * units, false}, packed);
  else
    recurrent.pack({call.in<float>(0), 1, 4 * units}, 0, 4 * units, 0, call.pool);
  const Backward backward{.extent = extent,
                          .mode = mode,
                          .mask = call.in<uint8_t>(1),
                          .c = call.in<float>(2),
                          .cells = call.in<float>(3),
                          .gates = call.in<float>(4),
                          .g = call.in<float>(5),
                          .to_cells = call.in<float>(6),
                          .dz = call.outputs[0],
                          .dh = call.out<float>(1),
                          .dc = call.out<float>(2),
                          .has_narrow_dz = (call.whole[5] >> 7 & 1) != 0,
                          .recurrent = recurrent,
                          .packed = packed};
  each_chunk(call, extent, backward);
  return true;
}
