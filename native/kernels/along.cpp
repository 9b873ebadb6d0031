// Reductions that depend on the order along an axis: running sums and places of extremes.
// x is (outer, n, inner).
#include "kernel.hpp"
#include "ordered.hpp"
#include "ranges.hpp"
#include "reduce.hpp"

using namespace lernwerk;

namespace {

template <class In, class Out>
bool running_sum(const Call& call) {
  const int64_t outer = call.whole[0], n = call.whole[1], inner = call.whole[2];
  const In* x = call.in<In>(0);
  Out* y = call.out<Out>(0);
  each_range(call.pool, outer, outer * n * inner, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; ++o) {
      Out* line = y + o * n * inner;
      for (int64_t j = 0; j < (n ? inner : 0); ++j)
        line[j] = static_cast<Out>(x[o * n * inner + j]);
      if (inner == 1) {
        Out total = n ? line[0] : 0;
        for (int64_t i = 1; i < n; ++i) line[i] = total += static_cast<Out>(x[o * n + i]);
        continue;
      }
      for (int64_t i = inner; i < n * inner; ++i) {
        line[i] = line[i - inner] + static_cast<Out>(x[o * n * inner + i]);
      }
    }
  });
  return true;
}

// The first place of `value`; four vectors at once tell whether it is among them.
int32_t first_place(const float* x, int64_t n, float value) {
  int64_t i = 0;
  for (; i + 4 * WIDTH <= n; i += 4 * WIDTH) {
    ints hits{};
    for (int j = 0; j < 4; ++j) hits |= load(x + i + j * WIDTH) == value;
    int32_t found = 0;
    for (int j = 0; j < WIDTH; ++j) found |= hits[j];
    if (found) break;
  }
  while (x[i] != value) ++i;
  return static_cast<int32_t>(i);
}

int32_t first_nan(const float* x) {
  int64_t i = 0;
  while (x[i] == x[i]) ++i;
  return static_cast<int32_t>(i);
}

// A value and its place as one whole number, whose maximum is the first extreme or NaN: no branch.
template <class Fold>
int32_t short_row_place(const float* x, int64_t n) {
  uint64_t best = 0;
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t bits = ordered_bits(Fold::upwards(x[i]));
    best = std::max(best, bits << 32 | ~static_cast<uint32_t>(i));
  }
  return static_cast<int32_t>(~static_cast<uint32_t>(best));
}

// The place of the extreme among n neighbours; NumPy takes the first NaN where there is one.
template <class Fold>
int32_t row_place(const float* x, int64_t n) {
  if (n < 2 * WIDTH) return short_row_place<Fold>(x, n);
  const float found = fold_row<Fold>(x, n);
  return found == found ? first_place(x, n, found) : first_nan(x);
}

template <class V>
struct PlacesOf {
  typedef ints type;
};
template <>
struct PlacesOf<float> {
  typedef int32_t type;
};
#if defined(__AVX2__) || defined(__AVX512F__)
template <>
struct PlacesOf<four_floats> {
  typedef int32_t type __attribute__((vector_size(16)));
};
#endif

// Columns side by side: the best value so far and its place.
template <class Fold>
void column_places(const float* x, int64_t n, int64_t inner, int32_t* y) {
  each_lanes(inner, [&](auto zero, int64_t j) {
    using V = decltype(zero);
    using P = typename PlacesOf<V>::type;
    V best = load_as<V>(x + j);
    P places{};
    for (int64_t i = 1; i < n; ++i) {
      const V value = load_as<V>(x + i * inner + j);
      const auto better = Fold::beats(value, best) | ((value != value) & (best == best));
      best = better ? value : best;
      places = better ? static_cast<int32_t>(i) - P{} : places;
    }
    std::memcpy(y + j, &places, sizeof places);
  });
}

struct Largest : Maximum {
  static float upwards(float x) { return x; }
  template <class V>
  static auto beats(V a, V b) {
    return a > b;
  }
};

struct Smallest : Minimum {
  static float upwards(float x) { return -x; }
  template <class V>
  static auto beats(V a, V b) {
    return a < b;
  }
};

template <class Fold>
bool places(const Call& call) {
  const int64_t outer = call.whole[0], n = call.whole[1], inner = call.whole[2];
  const float* x = call.in<float>(0);
  int32_t* y = call.out<int32_t>(0);
  each_range(call.pool, outer, outer * n * inner, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; ++o) {
      const float* row = x + o * n * inner;
      if (inner == 1) {
        y[o] = row_place<Fold>(row, n);
      } else {
        column_places<Fold>(row, n, inner, y + o * inner);
      }
    }
  });
  return true;
}

}  // namespace

// Inputs: x (outer, n, inner). Outputs: y (outer, n, inner). Parameters: outer, n, inner.
KERNEL(cumsum) { return running_sum<float, float>(call); }
KERNEL(cumsum_int32) { return running_sum<uint32_t, uint32_t>(call); }
KERNEL(cumsum_bool) { return running_sum<uint8_t, uint32_t>(call); }

// Inputs: x (outer, n, inner) float32, n > 0. Outputs: y (outer, inner) int32.
// Parameters: outer, n, inner.
KERNEL(argmax) { return places<Largest>(call); }
KERNEL(argmin) { return places<Smallest>(call); }
