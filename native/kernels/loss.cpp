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
  static void packed(const Line& line, const float* x, float* y, int64_t rows) {
    for (int64_t row = 0; row < rows; row += Line::ROWS) {
      const int64_t count = std::min<int64_t>(Line::ROWS, rows - row);
      const floats v = line.take(x + row * line.k, count, -INFINITE);
      const floats powers = exponential(v - line.largest(v));
      line.put(y + row * line.k, count, powers / line.sum(powers));
    }
  }
};

// y = x - m - ln(sum(e^(x - m)))
struct LogSoftmax {
  template <class Line>
  static void along(const Line& line, const float* x, float* y) {
    const floats top = largest_of(line, x);
    const floats total = logarithm(
        sum_of(line, [&](int64_t i) { return exponential(line.take(x, i, -INFINITE) - top); }));
    for (int64_t i = 0; i < line.vectors(); ++i) {
      line.put(y, i, line.take(x, i, 0) - top - total);
    }
  }
  // WIDTH rows at a time, so that one logarithm serves them all.
  template <class Line>
  static void packed(const Line& line, const float* x, float* y, int64_t rows) {
    for (int64_t begin = 0; begin < rows; begin += WIDTH) {
      floats shifted[WIDTH / Line::ROWS], totals{};
      for (int j = 0; j < WIDTH / Line::ROWS; ++j) {
        const int64_t row = begin + j * Line::ROWS;
        const floats v = line.take(x + row * line.k, line.rows_at(row, rows), -INFINITE);
        shifted[j] = v - line.largest(v);
        line.note(totals, j, line.sum(exponential(shifted[j])));
      }
      const floats logarithms = logarithm(totals);
      for (int j = 0; j < WIDTH / Line::ROWS; ++j) {
        const int64_t row = begin + j * Line::ROWS;
        const floats v = shifted[j] - line.recall(logarithms, j);
        line.put(y + row * line.k, line.rows_at(row, rows), v);
      }
    }
  }
};

template <class Operation>
static void rows_of(const float* x, float* y, int64_t rows, int64_t k) {
  if (with_packing(k, [&](const auto& line) { Operation::packed(line, x, y, rows); })) return;
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

// The three sums that make up the cross-entropies of WIDTH rows. With L = ln(sum(e^(x - m))) these
// are sum(p) L - sum(p (x - m)).
struct Sums {
  floats share{}, product{}, total{};

  floats crossentropies() const { return share * logarithm(total) - product; }
};

static void add_row(Sums& sums, int lane, const float* x, const float* p, int64_t k) {
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
  const ints here = lane_numbers() == lane;
  sums.share = select(here, line.sum(share), sums.share);
  sums.product = select(here, line.sum(product), sums.product);
  sums.total = select(here, total, sums.total);
}

template <class Line>
static void add_packed(Sums& sums, int j, const Line& line, const float* x, const float* p,
                       int64_t rows) {
  const floats v = line.take(x, rows, -INFINITE), weight = line.take(p, rows, 0);
  const floats shifted = v - line.largest(v);
  line.note(sums.share, j, line.sum(weight));
  line.note(sums.product, j, line.sum(select(line.used, weight * shifted, floats{})));
  line.note(sums.total, j, line.sum(exponential(shifted)));
}

static void crossentropies(const float* x, const float* p, float* y, int64_t rows, int64_t k) {
  const bool packed = with_packing(k, [&](const auto& line) {
    using Line = std::decay_t<decltype(line)>;
    for (int64_t begin = 0; begin < rows; begin += WIDTH) {
      Sums sums;
      for (int j = 0; j < WIDTH / Line::ROWS; ++j) {
        const int64_t row = begin + j * Line::ROWS;
        add_packed(sums, j, line, x + row * k, p + row * k, line.rows_at(row, rows));
      }
      const floats result = permuted(sums.crossentropies(), line.order_of_noted());
      store_masked(y + begin, result, std::min<int64_t>(WIDTH, rows - begin));
    }
  });
  for (int64_t begin = 0; !packed && begin < rows; begin += WIDTH) {
    const int64_t count = std::min<int64_t>(WIDTH, rows - begin);
    Sums sums;
    for (int i = 0; i < count; ++i) add_row(sums, i, x + (begin + i) * k, p + (begin + i) * k, k);
    store_masked(y + begin, sums.crossentropies(), count);
  }
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
