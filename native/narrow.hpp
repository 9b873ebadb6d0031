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

template <class V>
inline V load_as(const Narrow* p) {
  if constexpr (sizeof(V) == sizeof(float)) {
    return __builtin_bit_cast(float, static_cast<uint32_t>(p->bits) << 16);
  } else {
    using Lanes = NarrowLanes<sizeof(V) / sizeof(float)>;
    typename Lanes::halves bits;
    std::memcpy(&bits, p, sizeof bits);
    return reinterpret_cast<V>(__builtin_convertvector(bits, typename Lanes::words) << 16);
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
    using Lanes = NarrowLanes<sizeof(V) / sizeof(float)>;
    const auto bits = reinterpret_cast<typename Lanes::words>(v);
    const auto nearest = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    const auto kept = v == v ? nearest : (bits >> 16 | 0x40);
    const auto halves = __builtin_convertvector(kept, typename Lanes::halves);
    std::memcpy(p, &halves, sizeof halves);
  }
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
