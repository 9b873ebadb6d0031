// What the recurrent kernels share: the batch cut into chunks that each run through all time, and
// the states of a chunk in local memory.
#pragma once

#include <algorithm>

#include "kernel.hpp"
#include "panels.hpp"

namespace lernwerk {

// The first whole-number parameters of every recurrent kernel, in this order.
struct Extent {
  int64_t batch, steps, units;
  int64_t chunks;  // of the batch
  int64_t rows;    // in a chunk, at most

  explicit Extent(const int64_t* whole)
      : batch(whole[0]),
        steps(whole[1]),
        units(whole[2]),
        chunks(whole[3]),
        rows((batch + chunks - 1) / chunks) {}
  // Units rounded up to whole vectors: the distance between rows of a state in local memory.
  int64_t padded() const { return (units + WIDTH - 1) / WIDTH * WIDTH; }
  int64_t state() const { return rows * padded(); }
};

// Calls work.run(first row, number of rows, local memory) for every chunk. Chunks never meet: each
// runs the whole loop over time by itself, so that no thread waits for another between steps.
template <class Work>
void each_chunk(const Call& call, const Extent& extent, const Work& work) {
  const int64_t chunks = extent.chunks;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    const int64_t first = extent.batch * chunk / chunks;
    const int64_t next = extent.batch * (chunk + 1) / chunks;
    work.run(first, next - first, call.mine<float>(worker));
  });
}

// A state (rows, units) from the caller's memory into local memory, and back. Null is all zero.
static inline void fetch_state(float* local, const float* state, int64_t rows,
                               const Extent& extent) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t unit = 0; unit < extent.units; unit += WIDTH) {
      floats values{};
      if (state) values = load_some(state + row * extent.units + unit, extent.units - unit);
      store(local + row * extent.padded() + unit, values);
    }
  }
}

static inline void return_state(float* state, const float* local, int64_t rows,
                                const Extent& extent) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t unit = 0; unit < extent.units; unit += WIDTH) {
      store_some(state + row * extent.units + unit, load(local + row * extent.padded() + unit),
                 extent.units - unit);
    }
  }
}

// Gives every row of sums (rows, SLOTS vectors) the same value in one vector.
static inline void begin_sums(float* sums, int64_t rows, floats value) {
  for (int64_t row = 0; row < rows; ++row) store(sums + row * SLOTS * WIDTH, value);
}

// dh += dz recurrent^T for the panels of the transposed matrix; rows of dz are ``stride`` apart.
static inline void carry_back(float* dh, float* sums, const float* dz, int64_t stride, int64_t rows,
                              const Panels& panels, const Extent& extent) {
  const int64_t padded = extent.padded();
  for (int64_t panel = 0; panel < panels.count(); ++panel) {
    const int vectors = panels.vectors(panel);
    float* part = dh + panel * panels.units_each();
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(part + row * padded, vectors * WIDTH, sums + row * SLOTS * WIDTH);
    add_product(sums, rows, dz, stride, panels.at(panel), panels.depth, vectors);
    for (int64_t row = 0; row < rows; ++row)
      std::copy_n(sums + row * SLOTS * WIDTH, vectors * WIDTH, part + row * padded);
  }
}

}  // namespace lernwerk
