// Numbers of bfloat16 in memory: two bytes each, the upper half of a float32. In registers they are
// floats.
#pragma once

#include "lanes.hpp"

namespace lernwerk {

struct Narrow {
  uint16_t bits;
};

// The vectors of N numbers and of N halves of numbers.
template <int N>
struct NarrowLanes {
  typedef uint16_t halves __attribute__((vector_size(N * 2)));
  typedef uint32_t words __attribute__((vector_size(N * 4)));
};

// N halves as words, and the lower halves of words. Compilers take several instructions for what
// AVX-512 does in one.
template <int N>
inline auto load_halves(const Narrow* p) {
  using Lanes = NarrowLanes<N>;
#if defined(__AVX512F__)
  if constexpr (N == 16) {
    const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return reinterpret_cast<typename Lanes::words>(_mm512_cvtepu16_epi32(bits));
  }
#endif
  typename Lanes::halves bits;
  std::memcpy(&bits, p, sizeof bits);
  return __builtin_convertvector(bits, typename Lanes::words);
}

template <int N>
inline void store_halves(Narrow* p, typename NarrowLanes<N>::words bits) {
#if defined(__AVX512F__)
  if constexpr (N == 16) {
    const __m256i halves = _mm512_cvtepi32_epi16(reinterpret_cast<__m512i>(bits));
    return _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), halves);
  }
#endif
  const auto halves = __builtin_convertvector(bits, typename NarrowLanes<N>::halves);
  std::memcpy(p, &halves, sizeof halves);
}

template <class V>
inline V load_as(const Narrow* p) {
  if constexpr (sizeof(V) == sizeof(float)) {
    return __builtin_bit_cast(float, static_cast<uint32_t>(p->bits) << 16);
  } else {
    return reinterpret_cast<V>(load_halves<sizeof(V) / sizeof(float)>(p) << 16);
  }
}

// Rounds to the nearest, halves to the even neighbour; NaN stays NaN.
template <class V>
inline void store_as(Narrow* p, V v) {
  if constexpr (sizeof(V) == sizeof(float)) {
    const uint32_t bits = __builtin_bit_cast(uint32_t, v);
    const uint32_t nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    p->bits = static_cast<uint16_t>(v == v ? nearest : bits >> 16 | 0x40);
  } else {
    constexpr int N = sizeof(V) / sizeof(float);
    const auto bits = reinterpret_cast<typename NarrowLanes<N>::words>(v);
    const auto nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    store_halves<N>(p, v == v ? nearest : (bits >> 16 | 0x40));
  }
}

// The same for numbers that are rounded already, as those chosen among narrow ones are.
template <class V>
inline void store_rounded_as(Narrow* p, V v) {
  if constexpr (sizeof(V) == sizeof(float)) {
    p->bits = static_cast<uint16_t>(__builtin_bit_cast(uint32_t, v) >> 16);
  } else {
    constexpr int N = sizeof(V) / sizeof(float);
    store_halves<N>(p, reinterpret_cast<typename NarrowLanes<N>::words>(v) >> 16);
  }
}

template <class V>
inline void store_rounded_as(float* p, V v) {
  store_as(p, v);
}

static inline void widen(float* y, const Narrow* x, int64_t n) {
  each_lanes(n, [&](auto zero, int64_t i) { store_as(y + i, load_as<decltype(zero)>(x + i)); });
}

static inline void narrow(Narrow* y, const float* x, int64_t n) {
  each_lanes(n, [&](auto zero, int64_t i) { store_as(y + i, load_as<decltype(zero)>(x + i)); });
}

// Which operands of a kernel are narrow: a bit for each, inputs first. Calls work(zero) with a
// value of the type of that operand.
template <class Work>
inline void with_form(int64_t narrow_operands, int operand, const Work& work) {
  if (narrow_operands >> operand & 1) {
    work(Narrow{});
  } else {
    work(float{});
  }
}

}  // namespace lernwerk
