// Batch normalization with its gradient, and layer normalization.
//
// Batch normalization sees x (rows, c) as folded rows: `fold` rows side by side are one wide row of
// whole vectors, each of its columns a channel of its own until the end. Rows that are left over
// have the same channels at the same places.
#include <cmath>

#include "kernel.hpp"
#include "lines.hpp"
#include "moments.hpp"
#include "ranges.hpp"

using namespace lernwerk;

namespace {

struct Folded {
  int64_t rows, c, fold, wide, wide_rows, rest, chunks;

  explicit Folded(const Call& call) : rows(call.whole[0]), c(call.whole[1]), fold(call.whole[2]) {
    wide = fold * c;
    wide_rows = rows / fold;
    rest = rows % fold;
    chunks = chunks_for(wide_rows, rows * c);
  }
  int64_t begin(int64_t chunk) const { return border(wide_rows, chunks, chunk); }
  int64_t size(int64_t chunk) const { return begin(chunk + 1) - begin(chunk); }

  // Calls work(offset, n) for every wide row and for the rows left over, in parallel; the last
  // chunk first, as the pass before this one left it in the cache.
  template <class Work>
  void each_row(Pool& pool, const Work& work) const {
    pool.each(chunks, [&](int64_t done, int) {
      const int64_t chunk = chunks - 1 - done;
      for (int64_t row = begin(chunk); row < begin(chunk + 1); ++row) work(row * wide, wide);
      if (chunk == chunks - 1 && rest > 0) work(wide_rows * wide, rest * c);
    });
  }
  // One value for each channel, at all places of a wide row.
  void widen(const float* channels, float* wide_channels) const {
    for (int64_t i = 0; i < fold; ++i) std::copy(channels, channels + c, wide_channels + i * c);
  }
};

// Scratch: two doubles for each column and chunk, then four floats for each column.
struct Scratch {
  double* partial;
  float* columns[4];

  Scratch(const Call& call, const Folded& f) {
    partial = reinterpret_cast<double*>(call.shared);
    float* floats_begin = reinterpret_cast<float*>(partial + 2 * f.chunks * f.wide);
    for (int i = 0; i < 4; ++i) columns[i] = floats_begin + i * f.wide;
  }
  double* first(const Folded& f, int64_t chunk) const { return partial + 2 * chunk * f.wide; }
  double* second(const Folded& f, int64_t chunk) const { return first(f, chunk) + f.wide; }
};

}  // namespace

// The moments of all rows, in the place of the first c columns of the first chunk.
static Moments batch_moments(const Call& call, const Folded& f, const Scratch& s, const float* x) {
  call.pool.each(f.chunks, [&](int64_t chunk, int) {
    const Moments part{s.first(f, chunk), s.second(f, chunk)};
    column_moments(x + f.begin(chunk) * f.wide, f.size(chunk), f.wide, part);
  });
  const Moments whole{s.first(f, 0), s.second(f, 0)};
  auto n = static_cast<double>(f.size(0));
  for (int64_t chunk = 1; chunk < f.chunks; ++chunk) {
    const double *mean = s.first(f, chunk), *squares = s.second(f, chunk);
    const auto count = static_cast<double>(f.size(chunk));
    for (int64_t i = 0; i < f.wide; ++i) whole.join(i, n, mean[i], squares[i], count);
    n += count;
  }
  for (int64_t k = 1; k < f.fold; ++k) {
    const double *mean = whole.mean + k * f.c, *squares = whole.squares + k * f.c;
    const auto count = static_cast<double>(f.wide_rows);
    for (int64_t i = 0; i < f.c; ++i) whole.join(i, n, mean[i], squares[i], count);
    n += count;
  }
  for (int64_t row = f.rows - f.rest; row < f.rows; ++row, ++n) {
    for (int64_t i = 0; i < f.c; ++i) whole.join(i, n, x[row * f.c + i], 0, 1);
  }
  return whole;
}

// Inputs: x (rows, c), scale (c), offset (c) float32. Outputs: y (rows, c), mean (c), variance (c).
// Parameters: rows, c, fold; epsilon. Scratch, shared: see above.
KERNEL(batch_normalization) {
  const float *x = call.in<float>(0), *scale = call.in<float>(1);
  float *y = call.out<float>(0), *mean = call.out<float>(1), *variance = call.out<float>(2);
  const Folded f(call);
  const Scratch s(call, f);
  const Moments moments = batch_moments(call, f, s, x);
  const auto epsilon = static_cast<float>(call.real[0]);
  auto [middle, slope, offset, unused] = s.columns;
  for (int64_t i = 0; i < f.c; ++i) {
    mean[i] = static_cast<float>(moments.mean[i]);
    variance[i] = static_cast<float>(moments.squares[i] / static_cast<double>(f.rows));
    slope[i] = scale[i] / std::sqrt(variance[i] + epsilon);
  }
  for (int64_t k = 1; k < f.fold; ++k) std::copy(slope, slope + f.c, slope + k * f.c);
  f.widen(mean, middle);
  f.widen(call.in<float>(2), offset);
  f.each_row(call.pool, [&](int64_t begin, int64_t n) {
    const float* from = x + begin;
    float* to = y + begin;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) to[i] = (from[i] - middle[i]) * slope[i] + offset[i];
  });
  return true;
}

// The sums of g and of g (x - mean) over all rows, in the first c columns of the first chunk.
static void batch_sums(const Call& call, const Folded& f, const Scratch& s, const float* g,
                       const float* x, const float* mean) {
  call.pool.each(f.chunks, [&](int64_t chunk, int) {
    const int64_t offset = f.begin(chunk) * f.wide;
    column_sums(g + offset, x + offset, mean, f.size(chunk), f.wide, s.first(f, chunk),
                s.second(f, chunk));
  });
  double *plain = s.first(f, 0), *centred = s.second(f, 0);
  for (int64_t chunk = 1; chunk < f.chunks; ++chunk) {
    for (int64_t i = 0; i < f.wide; ++i) {
      plain[i] += s.first(f, chunk)[i];
      centred[i] += s.second(f, chunk)[i];
    }
  }
  for (int64_t i = f.c; i < f.wide; ++i) {
    plain[i % f.c] += plain[i];
    centred[i % f.c] += centred[i];
  }
  for (int64_t i = (f.rows - f.rest) * f.c; i < f.rows * f.c; ++i) {
    plain[i % f.c] += g[i];
    centred[i % f.c] += g[i] * (x[i] - mean[i % f.c]);
  }
}

// Inputs: x (rows, c), scale (c), mean (c), variance (c), g (rows, c) float32.
// Outputs: dx (rows, c), dscale (c), doffset (c).
// Parameters: rows, c, fold; epsilon. Scratch, shared: as above.
KERNEL(batch_normalization_gradient) {
  const float *x = call.in<float>(0), *scale = call.in<float>(1), *g = call.in<float>(4);
  float *dx = call.out<float>(0), *dscale = call.out<float>(1), *doffset = call.out<float>(2);
  const Folded f(call);
  const Scratch s(call, f);
  auto [mean, slope, of_x, constant] = s.columns;
  f.widen(call.in<float>(2), mean);
  batch_sums(call, f, s, g, x, mean);
  const auto epsilon = static_cast<float>(call.real[0]), count = static_cast<float>(f.rows);
  for (int64_t i = 0; i < f.c; ++i) {
    const float deviation = std::sqrt(call.in<float>(3)[i] + epsilon);
    dscale[i] = static_cast<float>(s.second(f, 0)[i]) / deviation;
    doffset[i] = static_cast<float>(s.first(f, 0)[i]);
    slope[i] = scale[i] / deviation;
    of_x[i] = slope[i] * dscale[i] / (deviation * count);
    constant[i] = slope[i] * doffset[i] / count;
  }
  for (int64_t i = f.c; i < f.wide; ++i) {
    slope[i] = slope[i - f.c];
    of_x[i] = of_x[i - f.c];
    constant[i] = constant[i - f.c];
  }
  f.each_row(call.pool, [&](int64_t begin, int64_t n) {
    const float *from = x + begin, *arriving = g + begin;
    float* to = dx + begin;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) {
      to[i] = arriving[i] * slope[i] - (from[i] - mean[i]) * of_x[i] - constant[i];
    }
  });
  return true;
}

static void normalise_row(const float* x, const float* scale, const float* offset, float* y,
                          int64_t c, float epsilon) {
  const Row line{c};
  const float share = 1.0f / static_cast<float>(c);
  const floats mean = sum_of(line, [&](int64_t i) { return line.take(x, i, 0); }) * share;
  const floats squares = sum_of(line, [&](int64_t i) {
    const int64_t left = c - i * WIDTH;
    const floats distance = line.take(x, i, 0) - mean;
    const floats square = distance * distance;
    return left >= WIDTH ? square : select(first_lanes(left), square, floats{});
  });
  const floats factor = 1.0f / square_root(squares * share + epsilon);
  for (int64_t i = 0; i < line.vectors(); ++i) {
    const floats standard = (line.take(x, i, 0) - mean) * factor;
    line.put(y, i, standard * line.take(scale, i, 0) + line.take(offset, i, 0));
  }
}

template <class Line>
static void normalise_packed(const Line& line, const float* x, const float* scale,
                             const float* offset, float* y, int64_t rows, float epsilon) {
  const float share = 1.0f / static_cast<float>(line.k);
  const floats scales = permuted(load_masked(scale, line.k, 0), line.place);
  const floats offsets = permuted(load_masked(offset, line.k, 0), line.place);
  for (int64_t row = 0; row < rows; row += Line::ROWS) {
    const int64_t count = line.rows_at(row, rows);
    const floats v = line.take(x + row * line.k, count, 0);
    const floats distance = select(line.used, v - line.sum(v) * share, floats{});
    const floats variance = line.sum(distance * distance) * share;
    const floats standard = distance / square_root(variance + epsilon);
    line.put(y + row * line.k, count, standard * scales + offsets);
  }
}

// Inputs: x (rows, c), scale (c), offset (c) float32. Outputs: y (rows, c).
// Parameters: rows, c; epsilon.
KERNEL(layer_normalization) {
  const float *x = call.in<float>(0), *scale = call.in<float>(1), *offset = call.in<float>(2);
  float* y = call.out<float>(0);
  const int64_t rows = call.whole[0], c = call.whole[1];
  const auto epsilon = static_cast<float>(call.real[0]);
  each_range(call.pool, rows, rows * c, [&](int64_t begin, int64_t end, int) {
    const bool packed = with_packing(c, [&](const auto& line) {
      normalise_packed(line, x + begin * c, scale, offset, y + begin * c, end - begin, epsilon);
    });
    for (int64_t row = begin; !packed && row < end; ++row) {
      normalise_row(x + row * c, scale, offset, y + row * c, c, epsilon);
    }
  });
  return true;
}
