// Sorting along the last axis. A value and its place become one whole number whose order is that of
// the values with NaN last and, among equal ones, that of their places: then no sort is unstable.
#include <algorithm>
#include <cstring>
#include <utility>

#include "kernel.hpp"
#include "ordered.hpp"
#include "ranges.hpp"
#include "vector.hpp"

using namespace lernwerk;

namespace {

// Longest row for which every element is compared with every other, which vectors do without a
// branch; for longer ones passes over the digits are faster (measured with WIDTH 16).
constexpr int64_t RANK_MOST = 6 * WIDTH;

inline uint64_t with_place(uint32_t bits, int64_t place) {
  return static_cast<uint64_t>(bits) << 32 | static_cast<uint32_t>(place);
}

inline int32_t place_of(uint64_t key) { return static_cast<int32_t>(key & 0xffffffffu); }

// Four passes over bytes of the value, lowest first; each keeps the order of the one before, so
// that the places need no pass. An even number of passes ends where it began.
void sort_by_digits(uint64_t* keys, uint64_t* other, int64_t n) {
  int64_t counts[4][256] = {};
  for (int64_t i = 0; i < n; ++i) {
    for (int digit = 0; digit < 4; ++digit) ++counts[digit][keys[i] >> (32 + 8 * digit) & 255];
  }
  for (int digit = 0; digit < 4; ++digit) {
    int64_t start = 0;
    for (int64_t& count : counts[digit]) start += std::exchange(count, start);
    for (int64_t i = 0; i < n; ++i)
      other[counts[digit][keys[i] >> (32 + 8 * digit) & 255]++] = keys[i];
    std::swap(keys, other);
  }
}

// Each key goes where as many places are as there are smaller keys.
void sort_by_ranks(const uint64_t* keys, uint64_t* sorted, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t key = keys[i];
    int64_t smaller = 0;
    for (int64_t j = 0; j < n; ++j) smaller += keys[j] < key;
    sorted[smaller] = key;
  }
}

// The sorted keys lie behind the keys or take their place.
const uint64_t* sorted(uint64_t* keys, int64_t n) {
  if (n > RANK_MOST) {
    sort_by_digits(keys, keys + n, n);
    return keys;
  }
  sort_by_ranks(keys, keys + n, n);
  return keys + n;
}

// The k smallest keys in order, likewise.
const uint64_t* smallest(uint64_t* keys, int64_t n, int64_t k) {
  if (k > n / 8) return sorted(keys, n);
  std::partial_sort(keys, keys + k, keys + n);
  return keys;
}

// Calls write(row, sorted keys) for every row of x (rows, n). Local: 16 bytes for each of n.
template <class Write>
void sort_rows(const Call& call, const Write& write) {
  const int64_t rows = call.whole[0], n = call.whole[1];
  const float* x = call.in<float>(0);
  each_range(call.pool, rows, rows * n * 8, [&](int64_t begin, int64_t end, int worker) {
    uint64_t* keys = call.mine<uint64_t>(worker);
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t i = 0; i < n; ++i) keys[i] = with_place(ordered_bits(x[row * n + i]), i);
      write(row, sorted(keys, n));
    }
  });
}

}  // namespace

// Inputs: x (rows, n) float32. Outputs: y (rows, n). Parameters: rows, n. Local: 16 n bytes.
KERNEL(sort) {
  const int64_t n = call.whole[1];
  const float* x = call.in<float>(0);
  float* y = call.out<float>(0);
  sort_rows(call, [&](int64_t row, const uint64_t* keys) {
    for (int64_t i = 0; i < n; ++i) y[row * n + i] = x[row * n + place_of(keys[i])];
  });
  return true;
}

// Inputs: x (rows, n) float32. Outputs: places (rows, n) int32. Parameters: rows, n.
// Local: 16 n bytes.
KERNEL(argsort) {
  const int64_t n = call.whole[1];
  int32_t* y = call.out<int32_t>(0);
  sort_rows(call, [&](int64_t row, const uint64_t* keys) {
    for (int64_t i = 0; i < n; ++i) y[row * n + i] = place_of(keys[i]);
  });
  return true;
}

// Inputs: x (rows, n) float32. Outputs: values (rows, k), places (rows, k) int32.
// Parameters: rows, n, k. Local: 16 n bytes.
KERNEL(top_k) {
  const int64_t rows = call.whole[0], n = call.whole[1], k = call.whole[2];
  const float* x = call.in<float>(0);
  float* values = call.out<float>(0);
  int32_t* places = call.out<int32_t>(1);
  each_range(call.pool, rows, rows * n * 4, [&](int64_t begin, int64_t end, int worker) {
    uint64_t* keys = call.mine<uint64_t>(worker);
    for (int64_t row = begin; row < end; ++row) {
      // The largest has the smallest key; among equal ones the first stays in front.
      for (int64_t i = 0; i < n; ++i) keys[i] = with_place(~ordered_bits(x[row * n + i]), i);
      const uint64_t* found = smallest(keys, n, k);
      for (int64_t i = 0; i < k; ++i) {
        places[row * k + i] = place_of(found[i]);
        values[row * k + i] = x[row * n + place_of(found[i])];
      }
    }
  });
  return true;
}
