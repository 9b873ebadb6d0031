#include "small.hpp"

#include <algorithm>

#include "masked.hpp"
#include "strided.hpp"
#include "tile_table.hpp"

namespace lernwerk {

// Rows of a tile of C for each number of vectors in a row of it, as the registers allow.
#if defined(__AVX512F__) || defined(__aarch64__)
static constexpr int MOST_VECTORS = 4;
static constexpr int ROWS[MOST_VECTORS + 1] = {0, 12, 12, 8, 6};
#else
static constexpr int MOST_VECTORS = 3;
static constexpr int ROWS[MOST_VECTORS + 1] = {0, 12, 6, 4};
#endif
static constexpr int MOST_ROWS = 12;

// Whether a part of a vector is read as fast as a whole one.
#if defined(__AVX512F__)
static constexpr bool HAS_MASKS = true;
#else
static constexpr bool HAS_MASKS = false;
#endif

struct Tile {
  int64_t k;
  const float* a;
  int64_t lda;
  const float* b;
  int64_t ldb;
  float* c;
  int64_t ldc;
  int64_t last;  // columns of the last vector that exist
};

// The last vector of a row of B; without masks B has whole vectors.
static inline floats load_last(const float* p, int64_t n) {
  if constexpr (HAS_MASKS) return load_masked(p, n, 0);
  return load(p);
}

// What follows reads C at once, and what was stored by a mask arrives there late.
static inline void store_last(float* p, floats v, int64_t n) {
  n < WIDTH ? store_masked(p, v, n) : store(p, v);
}

// M rows, V vectors wide.
template <int M, int V, bool TRANSPOSED>
static void multiply_tile(const Tile& tile) {
  floats sums[M][V] = {};
  const int64_t row = TRANSPOSED ? 1 : tile.lda, step = TRANSPOSED ? tile.lda : 1;
  const float *a = tile.a, *b = tile.b;
  for (int64_t p = 0; p < tile.k; ++p, a += step, b += tile.ldb) {
    floats row_of_b[V];
#pragma GCC unroll 4
    for (int v = 0; v < V - 1; ++v) row_of_b[v] = load(b + v * WIDTH);
    row_of_b[V - 1] = load_last(b + (V - 1) * WIDTH, tile.last);
#pragma GCC unroll 12
    for (int i = 0; i < M; ++i) {
      const floats element = splat(a[i * row]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sums[i][v] += element * row_of_b[v];
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < M; ++i) {
    float* c = tile.c + i * tile.ldc;
#pragma GCC unroll 4
    for (int v = 0; v < V - 1; ++v) store(c + v * WIDTH, sums[i][v]);
    store_last(c + (V - 1) * WIDTH, sums[i][V - 1], tile.last);
  }
}

using Multiply = void (*)(const Tile&);

template <bool TRANSPOSED>
struct Tiles {
  // Null where a tile would not fit the registers.
  template <int M, int V>
  static constexpr Multiply of() {
    if constexpr (M > 0 && M <= ROWS[V]) return multiply_tile<M, V, TRANSPOSED>;
    return nullptr;
  }
};

static constexpr auto PLAIN = tile_table<Tiles<false>, MOST_VECTORS, MOST_ROWS>();
static constexpr auto TRANSPOSED = tile_table<Tiles<true>, MOST_VECTORS, MOST_ROWS>();

// A square of a transposed B through registers; of its rows and columns so many exist.
static void turn_square(const float* x, int64_t from, int64_t rows, int64_t columns, float* y,
                        int64_t to) {
  if (rows == WIDTH && columns == WIDTH) return transpose_square(x, from, y, to);
  floats lines[WIDTH];
#pragma GCC unroll 16
  for (int i = 0; i < WIDTH; ++i) {
    lines[i] = load_masked(x + i * from, i < columns ? rows : 0, 0);
  }
  swap_blocks<1>(lines);
  swap_blocks<2>(lines);
  if constexpr (WIDTH >= 8) swap_blocks<4>(lines);
  if constexpr (WIDTH >= 16) swap_blocks<8>(lines);
#pragma GCC unroll 16
  for (int i = 0; i < WIDTH; ++i) {
    if (i < rows) store(y + i * to, lines[i]);
  }
}

// B (k, n) in rows of whole vectors, from a matrix (n, k).
static void turn(const SmallProduct& p, float* y, int64_t width) {
  constexpr int64_t FEW = 4;  // rows for which a square takes longer than its elements one by one
  for (int64_t column = 0; column < p.n; column += WIDTH) {
    const int64_t columns = std::min<int64_t>(WIDTH, p.n - column);
    const float* x = p.b + column * p.k;
    int64_t first = 0;
    for (; p.k - first >= FEW; first += WIDTH) {
      const int64_t rows = std::min<int64_t>(WIDTH, p.k - first);
      turn_square(x + first, p.k, rows, columns, y + first * width + column, width);
    }
    for (; first < p.k; ++first) {
      float* row = y + first * width + column;
      for (int64_t j = 0; j < WIDTH; ++j) row[j] = j < columns ? x[j * p.k + first] : 0.0f;
    }
  }
}

static void widen(const SmallProduct& p, float* y, int64_t width) {
  for (int64_t i = 0; i < p.k; ++i) {
    std::fill(std::copy_n(p.b + i * p.n, p.n, y + i * width), y + (i + 1) * width, 0.0f);
  }
}

// The columns of C that a panel of B gives, in tiles of nearly equal numbers of rows.
template <class Functions>
static void multiply_panel(const Functions& functions, int64_t m, int64_t most, int64_t down,
                           Tile tile) {
  if (m <= most) return functions[static_cast<size_t>(m)](tile);
  const int64_t count = (m + most - 1) / most, rows = m / count, longer = m % count;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t here = rows + (i < longer);
    functions[static_cast<size_t>(here)](tile);
    tile.a += here * down;
    tile.c += here * tile.ldc;
  }
}

// B with N columns, a divisor of WIDTH, as it lies: a vector holds several of its rows, and each
// element of A is spread over the lanes that it meets there. So many rows of C fill a vector, too.
template <int N>
static void multiply_narrow(const SmallProduct& p) {
  constexpr int TOGETHER = WIDTH / N;
  ints place;
  for (int i = 0; i < WIDTH; ++i) place[i] = i / N;
  const auto part = [&](const float* a, int64_t first, int64_t count) {
    const floats elements = permuted(load_masked(a + first, count, 0), place);
    return elements * load_masked(p.b + first * N, count * N, 0);
  };
  const int64_t whole = p.k / TOGETHER * TOGETHER;
  for (int64_t row = 0; row < p.m; row += TOGETHER) {
    const int64_t rows = std::min<int64_t>(TOGETHER, p.m - row);
    floats c{};
    for (int r = 0; r < rows; ++r) {
      const float* a = p.a + (row + r) * p.k;
      floats sums{};
      for (int64_t first = 0; first < whole; first += TOGETHER) sums += part(a, first, TOGETHER);
      if (whole < p.k) sums += part(a, whole, p.k - whole);
      c = select(place == r, sum_at_distance<N>(sums), c);
    }
    store_masked(p.c + row * N, c, rows * N);
  }
}

// C^T = B^T A of a transposed A: its rows are long where those of B and C are a few numbers.
static void multiply_turned(const SmallProduct& p) {
  multiply_small({p.n, p.m, p.k, true, false, p.b, p.a, p.scratch, nullptr});
  for (int64_t i = 0; i < p.m; ++i) {
    for (int64_t j = 0; j < p.n; ++j) p.c[i * p.n + j] = p.scratch[j * p.m + i];
  }
}

// Products of which C has few columns: vectors along its rows would be mostly empty.
static bool multiply_few_columns(const SmallProduct& p) {
  constexpr int64_t FEW = 4;
  if (p.transpose_b || p.n > FEW) return false;
  if (p.transpose_a) {
    if (!HAS_MASKS || p.m < WIDTH || p.n == 0) return false;
    multiply_turned(p);
    return true;
  }
  if (p.n == 1) return multiply_narrow<1>(p), true;
  if (p.n == 2) return multiply_narrow<2>(p), true;
  if (p.n == 4) return multiply_narrow<4>(p), true;
  return false;
}

void multiply_small(const SmallProduct& p) {
  if (p.m <= 0 || multiply_few_columns(p)) return;
  const int64_t vectors = (p.n + WIDTH - 1) / WIDTH;
  const float* b = p.b;
  int64_t ldb = p.n;
  if (p.transpose_b || (!HAS_MASKS && p.n % WIDTH)) {
    ldb = vectors * WIDTH;
    p.transpose_b ? turn(p, p.scratch, ldb) : widen(p, p.scratch, ldb);
    b = p.scratch;
  }
  const auto& functions = p.transpose_a ? TRANSPOSED : PLAIN;
  const int64_t lda = p.transpose_a ? p.m : p.k, down = p.transpose_a ? 1 : p.k;
  for (int64_t first = 0; first < vectors; first += MOST_VECTORS) {
    const int64_t here = std::min<int64_t>(MOST_VECTORS, vectors - first), column = first * WIDTH;
    const int64_t last = std::min(here * WIDTH, p.n - column) - (here - 1) * WIDTH;
    multiply_panel(functions[static_cast<size_t>(here - 1)], p.m, ROWS[here], down,
                   {p.k, p.a, lda, b + column, ldb, p.c + column, p.n, last});
  }
}

}  // namespace lernwerk
