// The lines that a softmax or a normalization runs along, as vectors: a row (its lanes belong
// together), neighbouring columns (each lane is a line of its own), and short rows packed several
// into one vector.
#pragma once

#include <algorithm>
#include <array>

#include "masked.hpp"
#include "vector_math.hpp"

namespace lernwerk {

// n neighbours. Lanes beyond the end count as `fill`.
struct Row {
  int64_t n;

  int64_t vectors() const { return (n + WIDTH - 1) / WIDTH; }
  floats take(const float* x, int64_t i, float fill) const {
    const int64_t left = n - i * WIDTH;
    return left >= WIDTH ? load(x + i * WIDTH) : load_masked(x + i * WIDTH, left, fill);
  }
  void put(float* y, int64_t i, floats v) const {
    const int64_t left = n - i * WIDTH;
    left >= WIDTH ? store(y + i * WIDTH, v) : store_masked(y + i * WIDTH, v, left);
  }
  static floats sum(floats v) { return group_sum<WIDTH>(v); }
  static floats largest(floats v) { return group_maximum<WIDTH>(v); }
};

// Up to WIDTH columns of n elements that lie `stride` apart.
struct Columns {
  int64_t n, stride, columns;

  int64_t vectors() const { return n; }
  floats take(const float* x, int64_t i, float fill) const {
    return load_masked(x + i * stride, columns, fill);
  }
  void put(float* y, int64_t i, floats v) const { store_masked(y + i * stride, v, columns); }
  static floats sum(floats v) { return v; }
  static floats largest(floats v) { return v; }
};

// The numbers that say where each lane of a Packed comes from; worked out by the compiler.
template <int PLACES>
struct Places {
  alignas(sizeof(ints)) int32_t spread[WIDTH], dense[WIDTH], used[WIDTH], place[WIDTH];

  constexpr explicit Places(int k = 1) {
    for (int i = 0; i < WIDTH; ++i) {
      place[i] = i % PLACES;
      spread[i] = i / PLACES * k + std::min(place[i], k - 1);
      dense[i] = std::min(i / k * PLACES + i % k, WIDTH - 1);
      used[i] = place[i] < k ? -1 : 0;
    }
  }

  // Those for rows of 1 to PLACES elements.
  static constexpr auto all() {
    std::array<Places, PLACES> found;
    for (int k = 1; k <= PLACES; ++k) found[static_cast<size_t>(k - 1)] = Places(k);
    return found;
  }
};

// Rows of k <= PLACES elements, each in PLACES lanes of one vector.
template <int PLACES>
struct Packed {
  static constexpr int ROWS = WIDTH / PLACES;
  static constexpr auto ALL = Places<PLACES>::all();
  int64_t k;
  ints spread;  // where each lane comes from in memory
  ints dense;   // where each element of memory comes from in the vector
  ints used;    // lanes that hold elements
  ints place;   // of each lane in its group

  explicit Packed(int64_t k) : k(k) {
    const Places<PLACES>& lanes = ALL[static_cast<size_t>(k - 1)];
    std::memcpy(&spread, lanes.spread, sizeof spread);
    std::memcpy(&dense, lanes.dense, sizeof dense);
    std::memcpy(&used, lanes.used, sizeof used);
    std::memcpy(&place, lanes.place, sizeof place);
  }
  // How many of the rows from `row` on go into one vector; none beyond the end.
  static int64_t rows_at(int64_t row, int64_t rows) {
    return std::clamp<int64_t>(rows - row, 0, ROWS);
  }
  floats take(const float* x, int64_t rows, float fill) const {
    return select(used, permuted(load_masked(x, rows * k, 0), spread), splat(fill));
  }
  void put(float* y, int64_t rows, floats v) const {
    store_masked(y, permuted(v, dense), rows * k);
  }
  // One number for each row of PLACES vectors fits into one vector: the rows of vector j have
  // theirs in place j.
  void note(floats& noted, int j, floats v) const { noted = select(place == j, v, noted); }
  floats recall(floats noted, int j) const { return permuted(noted, lane_numbers() - place + j); }
  static ints order_of_noted() {
    ints order;
    for (int i = 0; i < WIDTH; ++i) order[i] = i % ROWS * PLACES + i / ROWS;
    return order;
  }
  static floats sum(floats v) { return group_sum<PLACES>(v); }
  static floats largest(floats v) { return group_maximum<PLACES>(v); }
};

// Calls work with the packing for rows of k; false where they are too long for it.
template <class Work>
static inline bool with_packing(int64_t k, const Work& work) {
  if (k <= 2) return work(Packed<2>(k)), true;
  if (k <= 4) return work(Packed<4>(k)), true;
  if constexpr (WIDTH >= 8) {
    if (k <= 8) return work(Packed<8>(k)), true;
  }
  if constexpr (WIDTH >= 16) {
    if (k <= 16) return work(Packed<16>(k)), true;
  }
  return false;
}

// Four vectors hide the latency of a comparison.
template <class Line>
static inline floats largest_of(const Line& line, const float* x) {
  floats lanes[4];
  for (floats& lane : lanes) lane = splat(-INFINITE);
  const int64_t vectors = line.vectors();
  int64_t i = 0;
  for (; i + 4 < vectors; i += 4) {
    for (int j = 0; j < 4; ++j) lanes[j] = maximum(lanes[j], line.take(x, i + j, -INFINITE));
  }
  for (; i < vectors; ++i) lanes[0] = maximum(lanes[0], line.take(x, i, -INFINITE));
  return line.largest(maximum(maximum(lanes[0], lanes[1]), maximum(lanes[2], lanes[3])));
}

// The sum of term(i) over all vectors. Sums of 64 are added up to sums of sums: that keeps the
// rounding errors of long lines small.
template <class Line, class Term>
static inline floats sum_of(const Line& line, const Term& term) {
  floats total{};
  const int64_t vectors = line.vectors();
  for (int64_t begin = 0; begin < vectors; begin += 64) {
    floats part{};
    const int64_t end = std::min(begin + 64, vectors);
    for (int64_t i = begin; i < end; ++i) part += term(i);
    total += part;
  }
  return line.sum(total);
}

}  // namespace lernwerk
