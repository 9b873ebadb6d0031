#include "slim.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "masked.hpp"

namespace lernwerk {

// Columns at a time: two vectors of sums for each, two of X and one of W fill the registers.
#if defined(__AVX512F__) || defined(__aarch64__)
static constexpr int MOST_COLUMNS = 14;
#else
static constexpr int MOST_COLUMNS = 6;
#endif
static constexpr int TOGETHER = 2;  // rows of X in one product, vectors of a row in the other

// Elements of W that are worked with at a time: 32 KB stay in the nearest cache.
static constexpr int64_t NEAR = 8192;

int64_t slim_stride(int64_t k) { return (k + WIDTH - 1) / WIDTH * WIDTH; }

// n columns in groups of nearly equal size: work(first column, columns).
template <class Work>
static void each_group(int64_t n, const Work& work) {
  const int64_t groups = (n + MOST_COLUMNS - 1) / MOST_COLUMNS;
  for (int64_t i = 0; i < groups; ++i) {
    const int64_t first = n * i / groups;
    work(first, n * (i + 1) / groups - first);
  }
}

void pack_slim(int64_t k, int64_t n, const float* w, bool transposed, float* packed) {
  const int64_t stride = slim_stride(k), down = transposed ? 1 : n, right = transposed ? k : 1;
  each_group(n, [&](int64_t column, int64_t columns) {
    float* group = packed + column * stride;
    for (int64_t j = 0; j < columns; ++j) {
      for (int64_t i = 0; i < stride; ++i) {
        float& place = group[i / WIDTH * columns * WIDTH + j * WIDTH + i % WIDTH];
        place = i < k ? w[i * down + (column + j) * right] : 0.0f;
      }
    }
  });
}

// ---- rows of X times columns of W

// The sums of neighbours in a, then those in b.
static inline floats halved(floats a, floats b) {
  return shuffled<Evens>(a, b) + shuffled<Odds>(a, b);
}

// The sum over the lanes of each of N vectors, as lanes of the first ones.
template <int N>
static inline void sum_lanes(floats (&v)[N + 1]) {
  int count = N;
#pragma GCC unroll 4
  for (int width = WIDTH; width > 1; width /= 2) {
    v[count] = floats{};
    count = (count + 1) / 2;
#pragma GCC unroll 16
    for (int i = 0; i < count; ++i) v[i] = halved(v[2 * i], v[2 * i + 1]);
  }
}

// What a tile of R rows and some columns needs.
struct Dots {
  int64_t k, row;  // elements of X that are used, and from row to row
  const float* x;
  const float* packed;
  float* y;
  int64_t n;
  bool accumulate;
};

// Keeps a vector in its register: compilers would load it anew for each row.
static inline void keep([[maybe_unused]] floats& v) {
#if defined(__AVX512F__)
  asm("" : "+v"(v));
#endif
}

template <int R, int N>
static void multiply_rows(const Dots& d, Ahead& ahead) {
  floats sums[R][N + 1] = {};
  const auto add = [&](int64_t p, const auto& load_x) {
    floats x[R];
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) x[r] = load_x(d.x + r * d.row + p);
#pragma GCC unroll 16
    for (int j = 0; j < N; ++j) {
      floats w = load(d.packed + p * N + j * WIDTH);
      keep(w);
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) sums[r][j] += x[r] * w;
    }
  };
  const int64_t whole = d.k / WIDTH * WIDTH, rest = d.k - whole;
  for (int64_t p = 0; p < whole; p += WIDTH) {
    ahead.step();
    add(p, [](const float* x) { return load(x); });
  }
  if (rest) add(whole, [&](const float* x) { return load_masked(x, rest, 0); });
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) {
    sum_lanes<N>(sums[r]);
    for (int v = 0; v < N; v += WIDTH) {
      float* y = d.y + r * d.n + v;
      const int64_t count = std::min(WIDTH, N - v);
      const floats sum = sums[r][v / WIDTH];
      store_masked(y, d.accumulate ? load_masked(y, count, 0) + sum : sum, count);
    }
  }
}

// ---- columns of D times rows of X

// What a tile of N columns of D and V vectors of X needs.
struct Outer {
  int64_t rows, row;
  const float* x;
  const float* d;
  int64_t n;
  float* s;
  int64_t stride;
  int64_t last;  // elements of the last vector
  bool accumulate;
};

template <int V, int N, bool WHOLE>
static void multiply_columns(const Outer& o, Ahead& ahead) {
  floats sums[N][V];
#pragma GCC unroll 16
  for (int j = 0; j < N; ++j) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      sums[j][v] = o.accumulate ? load(o.s + j * o.stride + v * WIDTH) : floats{};
    }
  }
  const float* x = o.x;
  const float* d = o.d;
  for (int64_t i = 0; i < o.rows; ++i, x += o.row, d += o.n) {
    ahead.step();
    floats row[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      row[v] = WHOLE || v < V - 1 ? load(x + v * WIDTH) : load_masked(x + v * WIDTH, o.last, 0);
    }
#pragma GCC unroll 16
    for (int j = 0; j < N; ++j) {
      const floats element = splat(d[j]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sums[j][v] += element * row[v];
    }
  }
#pragma GCC unroll 16
  for (int j = 0; j < N; ++j) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) store(o.s + j * o.stride + v * WIDTH, sums[j][v]);
  }
}

// ---- the functions for 1 .. MOST_COLUMNS columns

template <class Tile>
using Function = void (*)(const Tile&, Ahead&);

static constexpr auto COLUMNS = std::make_integer_sequence<int, MOST_COLUMNS>();

template <int R, int... N>
static constexpr auto rows_of(std::integer_sequence<int, N...>) {
  return std::array<Function<Dots>, sizeof...(N)>{multiply_rows<R, N + 1>...};
}

template <int V, bool WHOLE, int... N>
static constexpr auto columns_of(std::integer_sequence<int, N...>) {
  return std::array<Function<Outer>, sizeof...(N)>{multiply_columns<V, N + 1, WHOLE>...};
}

static constexpr auto ONE_ROW = rows_of<1>(COLUMNS), SOME_ROWS = rows_of<TOGETHER>(COLUMNS);
static constexpr auto ONE_VECTOR = columns_of<1, false>(COLUMNS);
static constexpr auto LAST_VECTORS = columns_of<TOGETHER, false>(COLUMNS);
static constexpr auto WHOLE_VECTORS = columns_of<TOGETHER, true>(COLUMNS);

void multiply_slim(int64_t rows, int64_t n, int64_t k, const float* x, const float* packed,
                   float* y, Ahead& ahead) {
  const int64_t depth = std::max<int64_t>(NEAR / std::max<int64_t>(n, 1) / WIDTH, 1) * WIDTH;
  for (int64_t first = 0; first == 0 || first < k; first += depth) {
    each_group(n, [&](int64_t column, int64_t columns) {
      const float* w = packed + column * slim_stride(k) + first * columns;
      Dots tile{std::min(depth, k - first), k, x + first, w, y + column, n, first > 0};
      const auto function = static_cast<size_t>(columns - 1);
      for (int64_t i = 0; i < rows;) {
        const int64_t here = rows - i < TOGETHER ? 1 : TOGETHER;
        (here == 1 ? ONE_ROW : SOME_ROWS)[function](tile, ahead);
        tile.x += here * k;
        tile.y += here * n;
        i += here;
      }
    });
  }
}

void multiply_slim_transposed(int64_t rows, int64_t n, int64_t k, const float* d, const float* x,
                              float* s, bool accumulate, Ahead& ahead) {
  const int64_t stride = slim_stride(k);
  for (int64_t first = 0; first < k; first += TOGETHER * WIDTH) {
    const int64_t left = std::min<int64_t>(k - first, TOGETHER * WIDTH);
    const int64_t last = (left - 1) % WIDTH + 1;
    const auto& functions = left <= WIDTH             ? ONE_VECTOR
                            : left < TOGETHER * WIDTH ? LAST_VECTORS
                                                      : WHOLE_VECTORS;
    each_group(n, [&](int64_t column, int64_t columns) {
      functions[static_cast<size_t>(columns - 1)](
          {rows, k, x + first, d + column, n, s + column * stride + first, stride, last,
           accumulate},
          ahead);
    });
  }
}

}  // namespace lernwerk
