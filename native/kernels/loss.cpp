// Softmax, its logarithm, and the cross-entropy of softmax. NaN needs no care: it reaches the sum.
#include "kernel.hpp"
#include "lines.hpp"
#include "ranges.hpp"

using namespace lernwerk;

// y = e^(x - m) / sum(e^(x - m)) with m = max(x)
struct Softmax {
  template <class Line>
  static void along(const Line& line, const float* x, float* y) {
    const floats top = largest_of(line, x);
    const floats total = sum_of(line, [&](int64_t i) {
      const floats powers = exponential(line.take(x, i, -INFINITE) - top);
      line.put(y, i, powers);
      return powers;
    });
    const floats factor = 1.0f / total;
    for (int64_t i = 0; i < line.vectors(); ++i) line.put(y, i, line.take(y, i, 0) * factor);
  }
  template <class Line>
  static floats packed(floats x) {
    const floats powers = exponential(x - Line::largest(x));
    return powers / Line::sum(powers);
  }
};

// y = x - m - ln(sum(e^(x - m)))
struct LogSoftmax {
  template <class Line>
  static void along(const Line& line, const float* x, float* y) {
    const floats top = largest_of(line, x);
    const floats total = logarithm(sum_of(
        line, [&](int64_t i) { return exponential(line.take(x, i, -INFINITE) - top); }));
    for (int64_t i = 0; i < line.vectors(); ++i) {
      line.put(y, i, line.take(x, i, 0) - top - total);
    }
  }
  template <class Line>
  static floats packed(floats x) {
    const floats shifted = x - Line::largest(x);
    return shifted - logarithm(Line::sum(exponential(shifted)));
  }
};

template <class Operation, int PLACES>
static void packed_rows(const float* x, float* y, int64_t rows, int64_t k) {
  using Line = Packed<PLACES>;
  const Line line(k);
  for (int64_t row = 0; row < rows; row += Line::ROWS) {
    const int64_t count = std::min<int64_t>(Line::ROWS, rows - row);
    const floats v = line.take(x + row * k, count, -INFINITE);
    line.put(y + row * k, count, Operation::template packed<Line>(v));
  }
}

template <class Operation>
static void rows_of(const float* x, float* y, int64_t rows, int64_t k) {
  if (k <= 2) return packed_rows<Operation, 2>(x, y, rows, k);
  if (k <= 4) return packed_rows<Operation, 4>(x, y, rows, k);
  if constexpr (WIDTH >= 8) {
    if (k <= 8) return packed_rows<Operation, 8>(x, y, rows, k);
  }
  if constexpr (WIDTH >= 16) {
    if (k <= 16) return packed_rows<Operation, 16>(x, y, rows, k);
  }
  for (int64_t row = 0; row < rows; ++row) Operation::along(Row{k}, x + row * k, y + row * k);
}

// Along the last axis in ranges of rows, along others in ranges of WIDTH columns.
template <class Operation>
static bool softmax_like(const Call& call) {
  const float* x = call.in<float>(0);
  float* y = call.out<float>(0);
  const int64_t outer = call.whole[0], n = call.whole[1], inner = call.whole[2];
  if (n == 0) return true;
  if (inner == 1) {
    each_range(call.pool, outer, outer * n, [&](int64_t begin, int64_t end, int) {
      rows_of<Operation>(x + begin * n, y + begin * n, end - begin, n);
    });
    return true;
  }
  const int64_t strips = (inner + WIDTH - 1) / WIDTH;
  each_range(call.pool, outer * strips, outer * n * inner, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t column = i % strips * WIDTH, offset = i / strips * n * inner + column;
      const Columns columns{n, inner, std::min<int64_t>(WIDTH, inner - column)};
      Operation::along(columns, x + offset, y + offset);
    }
  });
  return true;
}

// Inputs: x (outer, n, inner) float32. Outputs: y the same. Parameters: outer, n, inner.
KERNEL(softmax) { return softmax_like<Softmax>(call); }

// Inputs: x (outer, n, inner) float32. Outputs: y the same. Parameters: outer, n, inner.
KERNEL(log_softmax) { return softmax_like<LogSoftmax>(call); }

// With L = ln(sum(e^(x - m))) this is sum(p) L - sum(p (x - m)): two sums in one pass.
static float crossentropy_of_row(const float* x, const float* p, int64_t k) {
  const Row line{k};
  const floats top = largest_of(line, x);
  floats share{}, product{};
  const floats total = sum_of(line, [&](int64_t i) {
    const floats shifted = line.take(x, i, -INFINITE) - top;
    const floats weight = line.take(p, i, 0);
    share += weight;
    // Beyond the end of the row the product is 0 times -infinity.
    const floats term = weight * shifted;
    product += (i + 1) * WIDTH > k ? select(first_lanes(k - i * WIDTH), term, floats{}) : term;
    return exponential(shifted);
  });
  return (line.sum(share) * logarithm(total) - line.sum(product))[0];
}

template <int PLACES>
static void packed_crossentropies(const float* x, const float* p, float* y, int64_t rows,
                                  int64_t k) {
  using Line = Packed<PLACES>;
  const Line line(k);
  const ints first = lane_numbers() * PLACES & (WIDTH - 1);
  for (int64_t row = 0; row < rows; row += Line::ROWS) {
    const int64_t count = std::min<int64_t>(Line::ROWS, rows - row);
    const floats logarithms =
        LogSoftmax::packed<Line>(line.take(x + row * k, count, -INFINITE));
    const floats terms = select(line.used, line.take(p + row * k, count, 0) * logarithms, floats{});
    store_masked(y + row, permuted(-Line::sum(terms), first), count);
  }
}

static void crossentropies(const float* x, const float* p, float* y, int64_t rows, int64_t k) {
  if (k <= 2) return packed_crossentropies<2>(x, p, y, rows, k);
  if (k <= 4) return packed_crossentropies<4>(x, p, y, rows, k);
  if constexpr (WIDTH >= 8) {
    if (k <= 8) return packed_crossentropies<8>(x, p, y, rows, k);
  }
  if constexpr (WIDTH >= 16) {
    if (k <= 16) return packed_crossentropies<16>(x, p, y, rows, k);
  }
  for (int64_t i = 0; i < rows; ++i) y[i] = crossentropy_of_row(x + i * k, p + i * k, k);
}

// Inputs: logits (n, k), probabilities (n, k) float32. Outputs: y (n) float32. Parameters: n, k.
KERNEL(softmax_crossentropy) {
  const float *x = call.in<float>(0), *p = call.in<float>(1);
  float* y = call.out<float>(0);
  const int64_t rows = call.whole[0], k = call.whole[1];
  each_range(call.pool, rows, rows * k, [&](int64_t begin, int64_t end, int) {
    crossentropies(x + begin * k, p + begin * k, y + begin, end - begin, k);
  });
  return true;
}
