// Random words as lernwerk/ops/random.py defines them, bit for bit: Philox4x32-10 with the key
// (seed low, seed high) and the counter (block, 0, step, stream).
// Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3, SC11
#pragma once

#include <algorithm>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "shuffle.hpp"
#include "vector.hpp"

namespace lernwerk {

typedef uint64_t long_words __attribute__((vector_size(WIDTH * 4)));
inline constexpr int BLOCKS = WIDTH / 2;  // that one vector of 64-bit lanes encrypts at once
inline constexpr int BATCH = 2 * WIDTH;   // words that these blocks give

struct Batch {
  words first, second;
};

// The products of the low 32 bits of each lane with a number of 32 bits.
static inline long_words products(long_words a, uint32_t b) {
  const long_words factor = uint64_t{b} - long_words{};
#if defined(__AVX512F__)
  return reinterpret_cast<long_words>(_mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a),
                                                             reinterpret_cast<__m512i>(factor)));
#elif defined(__AVX2__)
  return reinterpret_cast<long_words>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(factor)));
#elif defined(__SSE2__)
  return reinterpret_cast<long_words>(
      _mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(factor)));
#else
  return (a & 0xffffffff) * factor;
#endif
}

// The high half of each lane, in its low half; a shuffle, as shifts and products share a port.
static inline long_words high_halves(long_words v) {
  const words halves = reinterpret_cast<words>(v);
  return reinterpret_cast<long_words>(shuffled<PairedOdds>(halves, halves));
}

// The keys of the ten rounds. Their steps and the multipliers below: table 2 and section 4.3 of the
// paper.
struct Philox {
  explicit Philox(const uint32_t* state) : stream(state[2]), step(state[3]) {
    for (uint32_t round = 0; round < 10; ++round) {
      keys[round][0] = state[0] + round * 0x9E3779B9 - long_words{};
      keys[round][1] = state[1] + round * 0xBB67AE85 - long_words{};
    }
  }
  long_words keys[10][2];
  uint64_t stream, step;
};

// The words of BLOCKS blocks from `first_block` on. Only the low halves of the lanes count until
// the end; the order of the lanes is the one that pairing even and odd lanes undoes.
static inline Batch philox_words(const Philox& philox, int64_t first_block) {
  long_words c0;
  for (int i = 0; i < BLOCKS; ++i) c0[i] = static_cast<uint64_t>(i / 2 + i % 2 * BLOCKS / 2);
  c0 += static_cast<uint64_t>(first_block);
  long_words c1{}, c2 = philox.step - long_words{}, c3 = philox.stream - long_words{};
  for (int round = 0; round < 10; ++round) {
    const long_words product0 = products(c0, 0xD2511F53), product2 = products(c2, 0xCD9E8D57);
    c0 = high_halves(product2) ^ c1 ^ philox.keys[round][0];
    c2 = high_halves(product0) ^ c3 ^ philox.keys[round][1];
    c1 = product2;
    c3 = product0;
  }
  const long_words a = (c0 & 0xffffffff) | (c1 << 32), b = (c2 & 0xffffffff) | (c3 << 32);
  return {reinterpret_cast<words>(shuffled<PairedEvens>(a, b)),
          reinterpret_cast<words>(shuffled<PairedOdds>(a, b))};
}

// Calls use(i, vector, count) for the words start + i .. start + i + count of a state, in order up
// to n; count is WIDTH but at the ends, where words begin or stop in the middle of a batch.
template <class Use>
static inline void each_words(const uint32_t* state, int64_t start, int64_t n, const Use& use) {
  const Philox philox(state);
  uint32_t buffer[BATCH];
  const auto part = [&](int64_t i, int64_t skip, int64_t count) {
    const Batch batch = philox_words(philox, (start + i - skip) / 4);
    std::memcpy(buffer, &batch, sizeof batch);
    for (int64_t k = 0; k < count; k += WIDTH) {
      const int64_t length = std::min<int64_t>(WIDTH, count - k);
      words w{};
      std::memcpy(&w, buffer + skip + k, static_cast<size_t>(length) * 4);
      use(i + k, w, length);
    }
  };
  const int64_t skip = start % 4;
  int64_t i = skip ? std::min<int64_t>(n, BATCH - skip) : 0;
  if (i > 0) part(0, skip, i);
  for (; i + BATCH <= n; i += BATCH) {
    const Batch batch = philox_words(philox, (start + i) / 4);
    use(i, batch.first, WIDTH);
    use(i + WIDTH, batch.second, WIDTH);
  }
  if (i < n) part(i, 0, n - i);
}

// The factor of dropout for each word: scale from the threshold on, else 0.
static inline floats dropout_factor(words w, uint32_t threshold, float scale) {
  return as_floats((w >= threshold) & as_ints(splat(scale)));
}

// The factors of dropout for the elements start .. start + n; start may be anything.
static inline void dropout_scale(const uint32_t* state, int64_t start, int64_t n,
                                 uint32_t threshold, float scale, float* mask) {
  each_words(state, start, n, [&](int64_t i, words w, int64_t count) {
    const floats factor = dropout_factor(w, threshold, scale);
    count == WIDTH ? store(mask + i, factor) : store_part(mask + i, factor, count);
  });
}

// Numbers from [0, 1) on a grid of 2^-24.
static inline floats uniform(words w) {
  return __builtin_convertvector(reinterpret_cast<ints>(w >> 8), floats) * 0x1p-24f;
}

}  // namespace lernwerk
