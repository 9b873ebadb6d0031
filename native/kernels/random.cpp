// Random numbers as a pure function of a state, and dropout. Every element follows from its index,
// so that chunks may begin anywhere.
#include "random.hpp"

#include "kernel.hpp"
#include "ranges.hpp"
#include "vector_math.hpp"

using namespace lernwerk;

static void keep(float* y, floats v, int64_t count) {
  count == WIDTH ? store(y, v) : store_part(y, v, count);
}

static floats take(const float* x, int64_t count) {
  return count == WIDTH ? load(x) : load_part(x, count);
}

// Calls work(begin, end) on ranges of n elements that begin at whole batches.
template <class Work>
static void each_batches(const Call& call, int64_t n, const Work& work) {
  each_range(call.pool, (n + BATCH - 1) / BATCH, n, [&](int64_t begin, int64_t end, int) {
    work(begin * BATCH, std::min(end * BATCH, n));
  });
}

// Inputs: state (4) uint32. Outputs: y (n) uint32. Parameters: n.
KERNEL(random_bits) {
  const uint32_t* state = call.in<uint32_t>(0);
  float* y = call.out<float>(0);
  each_batches(call, call.whole[0], [&](int64_t begin, int64_t end) {
    each_words(state, begin, end - begin, [&](int64_t i, words w, int64_t count) {
      keep(y + begin + i, reinterpret_cast<floats>(w), count);
    });
  });
  return true;
}

// Inputs: state (4) uint32. Outputs: y (n) float32. Parameters: n.
KERNEL(random_uniform) {
  const uint32_t* state = call.in<uint32_t>(0);
  float* y = call.out<float>(0);
  each_batches(call, call.whole[0], [&](int64_t begin, int64_t end) {
    each_words(state, begin, end - begin,
               [&](int64_t i, words w, int64_t count) { keep(y + begin + i, uniform(w), count); });
  });
  return true;
}

// The 2 WIDTH normal numbers that a batch gives: r cos a, r sin a by turns (Box & Muller 1958).
static inline void normal_batch(const Philox& philox, int64_t start, float* y) {
  const Batch batch = philox_words(philox, start / 4);
  const floats u = uniform(shuffled<Evens>(batch.first, batch.second));
  const floats radius = square_root(logarithm(1.0f - u) * -2.0f);
  const Waves angle = waves_of_turn(uniform(shuffled<Odds>(batch.first, batch.second)));
  const floats even = radius * angle.cosine, odd = radius * angle.sine;
  store(y, shuffled<ZippedLow>(even, odd));
  store(y + WIDTH, shuffled<ZippedHigh>(even, odd));
}

// Inputs: state (4) uint32. Outputs: y (n) float32. Parameters: n.
KERNEL(random_normal) {
  const Philox philox(call.in<uint32_t>(0));
  float* y = call.out<float>(0);
  each_batches(call, call.whole[0], [&](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + BATCH <= end; i += BATCH) normal_batch(philox, i, y + i);
    if (i == end) return;
    float rest[BATCH];
    normal_batch(philox, i, rest);
    std::copy(rest, rest + (end - i), y + i);
  });
  return true;
}

// Inputs: x (n) float32, state (4) uint32. Outputs: y (n) float32.
// Parameters: n, threshold; scale.
KERNEL(dropout) {
  const float* x = call.in<float>(0);
  const uint32_t* state = call.in<uint32_t>(1);
  float* y = call.out<float>(0);
  const auto threshold = static_cast<uint32_t>(call.whole[1]);
  const auto scale = static_cast<float>(call.real[0]);
  each_batches(call, call.whole[0], [&](int64_t begin, int64_t end) {
    each_words(state, begin, end - begin, [&](int64_t i, words w, int64_t count) {
      const floats factor = dropout_factor(w, threshold, scale);
      keep(y + begin + i, take(x + begin + i, count) * factor, count);
    });
  });
  return true;
}

// Dropout with one decision along the middle axis.
// Inputs: x (a, b, c) float32, state (4) uint32. Outputs: y (a, b, c) float32.
// Parameters: a, b, c, threshold; scale. Scratch, shared: the mask (a, c) float32.
KERNEL(dropout_shared) {
  const float* x = call.in<float>(0);
  float* y = call.out<float>(0);
  const int64_t a = call.whole[0], b = call.whole[1], c = call.whole[2];
  float* mask = reinterpret_cast<float*>(call.shared);
  dropout_scale(call.in<uint32_t>(1), 0, a * c, static_cast<uint32_t>(call.whole[3]),
                static_cast<float>(call.real[0]), mask);
  each_range(call.pool, a * b, a * b * c, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row) {
      const float* factors = mask + row / b * c;
      for (int64_t i = 0; i < c; ++i) y[row * c + i] = x[row * c + i] * factors[i];
    }
  });
  return true;
}
