// Random words as lernwerk/ops/random.py defines them, bit for bit: Philox4x32-10 with the key
// (seed low, seed high) and the counter (block, 0, step, stream).
// Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3, SC11
#pragma once

#include <algorithm>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

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
  return reinterpret_cast<long_words>(_mm512_maskz_mul_epu32(
      0xff, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(factor)));
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

// Puts lane by lane of two vectors side by side; `shuffled_blocks` is the order that this undoes.
static inline Batch interleaved(long_words a, long_words b) {
  long_words low, high;
  for (int i = 0; i < BLOCKS; i += 2) {
    low[i] = a[i];
    low[i + 1] = b[i];
    high[i] = a[i + 1];
    high[i + 1] = b[i + 1];
  }
  return {reinterpret_cast<words>(low), reinterpret_cast<words>(high)};
}

static inline long_words shuffled_blocks(int64_t first) {
  long_words blocks;
  for (int i = 0; i < BLOCKS; i += 2) {
    blocks[i] = static_cast<uint64_t>(first + i / 2);
    blocks[i + 1] = static_cast<uint64_t>(first + i / 2 + BLOCKS / 2);
  }
  return blocks;
}

// The words of BLOCKS blocks from `first_block` on. Multipliers and steps of the key: table 2 and
// section 4.3 of the paper. Only the low halves of the lanes count until the end.
static inline Batch philox_words(const uint32_t* state, int64_t first_block) {
  long_words c0 = shuffled_blocks(first_block), c1{};
  long_words c2 = state[3] - long_words{}, c3 = state[2] - long_words{};
  uint32_t key0 = state[0], key1 = state[1];
  for (int round = 0; round < 10; ++round) {
    const long_words product0 = products(c0, 0xD2511F53), product2 = products(c2, 0xCD9E8D57);
    c0 = (product2 >> 32) ^ c1 ^ key0;
    c2 = (product0 >> 32) ^ c3 ^ key1;
    c1 = product2;
    c3 = product0;
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return interleaved((c0 & 0xffffffff) | (c1 << 32), (c2 & 0xffffffff) | (c3 << 32));
}

// Calls use(i, vector, count) for the words start + i .. start + i + count of a state, in order up
// to n; count is WIDTH but at the ends, where words begin or stop in the middle of a batch.
template <class Use>
static inline void each_words(const uint32_t* state, int64_t start, int64_t n, const Use& use) {
  uint32_t buffer[BATCH];
  const auto part = [&](int64_t i, int64_t skip, int64_t count) {
    const Batch batch = philox_words(state, (start + i - skip) / 4);
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
    const Batch batch = philox_words(state, (start + i) / 4);
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
