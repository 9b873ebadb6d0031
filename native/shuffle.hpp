// Lanes of two vectors put together in a new order.
#pragma once

#include <utility>

#include "vector.hpp"

namespace lernwerk {

template <class V>
using Lanes = std::make_index_sequence<sizeof(V) / sizeof(V{}[0])>;

// The lanes pick(0), pick(1) ... of a and, numbered on, b; Pick is a type with such a function.
template <class Pick, class V, size_t... I>
static inline V picked(V a, V b, std::index_sequence<I...> lanes) {
  return __builtin_shufflevector(a, b, Pick::pick(I, lanes.size())...);
}

// The lanes 0, 2, 4 ... of a, then of b.
struct Evens {
  static constexpr int pick(size_t i, size_t) { return static_cast<int>(2 * i); }
};

// The lanes 1, 3, 5 ... of a, then of b.
struct Odds {
  static constexpr int pick(size_t i, size_t) { return static_cast<int>(2 * i + 1); }
};

// a[0], b[0], a[1], b[1] ... from the first halves, and the same from the second halves.
struct ZippedLow {
  static constexpr int pick(size_t i, size_t n) { return static_cast<int>(i / 2 + i % 2 * n); }
};
struct ZippedHigh {
  static constexpr int pick(size_t i, size_t n) {
    return static_cast<int>(n / 2 + i / 2 + i % 2 * n);
  }
};

// a[0], b[0], a[2], b[2] ... and a[1], b[1], a[3], b[3] ...: one instruction on most processors.
struct PairedEvens {
  static constexpr int pick(size_t i, size_t n) { return static_cast<int>(i % 2 ? n + i - 1 : i); }
};
struct PairedOdds {
  static constexpr int pick(size_t i, size_t n) { return static_cast<int>(i % 2 ? n + i : i + 1); }
};

template <class Pick, class V>
static inline V shuffled(V a, V b) {
  return picked<Pick>(a, b, Lanes<V>{});
}

}  // namespace lernwerk
