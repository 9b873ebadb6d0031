// The plan follows Goto & van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication":
// a tile of C stays in registers while a panel of B comes from the nearest cache, here without
// packing A, which small matrices do not repay.
#include "gemm.hpp"

#include <algorithm>

#include "strided.hpp"
#include "tile_table.hpp"
#include "vector.hpp"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace lernwerk {

// Registers for a tile of C: as many rows as leave room for one row of B and one element of A.
// AVX-512 and NEON have 32 registers, the others 16.
#if defined(__AVX512F__) || defined(__aarch64__)
static constexpr int MOST_VECTORS = 4;
static constexpr int ROWS[MOST_VECTORS + 1] = {0, 14, 14, 9, 6};
#else
static constexpr int MOST_VECTORS = 3;
static constexpr int ROWS[MOST_VECTORS + 1] = {0, 12, 6, 4};
#endif
static constexpr int MOST_ROWS = 14;

// Parts of the matrices that are worked on at a time: a panel of B of DEPTH rows (32 KB at most)
// fits the nearest cache, BLOCK x DEPTH elements of A (128 KB) the next.
static constexpr int64_t DEPTH = 128;
static constexpr int64_t BLOCK = 252;

// Where B is one panel, it stays near anyway: then so few rows that long ones are read in one go.
static constexpr int64_t SLIM_BLOCK = 24;

// Where B is one vector wide, a transposed A is read in whole rows, so few at a time that the pages
// they lie in stay known to the processor.
static constexpr int64_t SHALLOW = 64;

static inline void store_first(float* p, floats v, int64_t n) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), reinterpret_cast<__m512>(v));
#else
  for (int i = 0; i < n; ++i) p[i] = v[i];
#endif
}

static inline floats load_first(const float* p, int64_t n) {
#if defined(__AVX512F__)
  return reinterpret_cast<floats>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p));
#else
  floats v{};
  for (int i = 0; i < n; ++i) v[i] = p[i];
  return v;
#endif
}

// The part of the matrices that one tile needs.
struct Tile {
  int64_t runs;
  const int64_t* offsets;
  int64_t k;
  const float* a;
  int64_t lda;
  const float* b;  // runs * k rows of whole vectors
  float* c;
  int64_t ldc;
  int64_t last;  // columns of the last vector that exist
  bool accumulate;
};

// One tile of C: M rows, V vectors wide.
template <int M, int V, bool TRANSPOSED>
static void multiply_tile(const Tile& tile) {
  floats sums[M][V] = {};
  const int64_t k = tile.k, row = TRANSPOSED ? 1 : tile.lda, step = TRANSPOSED ? tile.lda : 1;
  const float* b = tile.b;
  for (int64_t r = 0; r < tile.runs; ++r) {
    const float* a = tile.a + tile.offsets[r];
    for (int64_t p = 0; p < k; ++p, a += step, b += V * WIDTH) {
      floats row_of_b[V];
#pragma GCC unroll 16
      for (int v = 0; v < V; ++v) row_of_b[v] = load(b + v * WIDTH);
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) {
        const floats element = splat(a[i * row]);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) sums[i][v] += element * row_of_b[v];
      }
    }
  }
  const bool whole = tile.last == WIDTH;
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
    float* c = tile.c + i * tile.ldc;
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v, c += WIDTH) {
      if (v < V - 1 || whole) {
        store(c, tile.accumulate ? load(c) + sums[i][v] : sums[i][v]);
      } else {
        const floats old = tile.accumulate ? load_first(c, tile.last) : floats{};
        store_first(c, old + sums[i][v], tile.last);
      }
    }
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

// n columns cut into panels of nearly equal numbers of vectors; panel(column, vectors) for each.
template <class Panel>
static inline void each_panel(int64_t n, const Panel& panel) {
  const int64_t vectors = (n + WIDTH - 1) / WIDTH;
  const int64_t panels = (vectors + MOST_VECTORS - 1) / MOST_VECTORS;
  for (int64_t i = 0; i < panels; ++i) {
    const int64_t first = i * vectors / panels;
    panel(first * WIDTH, (i + 1) * vectors / panels - first);
  }
}

int64_t packed_b_bytes(int64_t k, int64_t n) { return k * ((n + WIDTH - 1) / WIDTH * WIDTH) * 4; }

bool is_packed(int64_t n) { return n % WIDTH == 0 && n <= MOST_VECTORS * WIDTH; }

static void pack_rows(int64_t k, int64_t columns, int64_t width, const float* b, int64_t ldb,
                      float* packed) {
  const int64_t whole = columns / WIDTH * WIDTH;
  for (int64_t p = 0; p < k; ++p, packed += width, b += ldb) {
    for (int64_t j = 0; j < whole; j += WIDTH) store(packed + j, load(b + j));
    if (whole < width) store(packed + whole, load_first(b + whole, columns - whole));
  }
}

static void pack_columns(int64_t k, int64_t columns, int64_t width, const float* b, int64_t ldb,
                         float* packed) {
  transpose_block(b, ldb, packed, width, k, columns);
  if (columns == width) return;
  for (int64_t p = 0; p < k; ++p) {
    std::fill(packed + p * width + columns, packed + (p + 1) * width, 0.0f);
  }
}

void pack_b_part(int64_t rows, int64_t first, int64_t k, int64_t n, const float* b, int64_t ldb,
                 bool transposed, float* packed) {
  each_panel(n, [&](int64_t column, int64_t vectors) {
    const int64_t width = vectors * WIDTH, columns = std::min(width, n - column);
    float* panel = packed + column * rows + first * width;
    if (transposed)
      pack_columns(k, columns, width, b + column * ldb, ldb, panel);
    else
      pack_rows(k, columns, width, b + column, ldb, panel);
  });
}

void pack_b(int64_t k, int64_t n, const float* b, int64_t ldb, bool transposed, float* packed) {
  pack_b_part(k, 0, k, n, b, ldb, transposed, packed);
}

PackedVector packed_vector(int64_t k, int64_t n, int64_t v) {
  PackedVector found{};
  each_panel(n, [&](int64_t column, int64_t vectors) {
    const int64_t inside = v * WIDTH - column;
    if (inside >= 0 && inside < vectors * WIDTH) found = {column * k + inside, vectors * WIDTH};
  });
  return found;
}

// One panel of B with m rows of A, in tiles of nearly equal numbers of rows.
template <bool TRANSPOSE>
static void multiply_panel(int64_t m, int64_t vectors, const Tile& panel) {
  const auto& functions = (TRANSPOSE ? TRANSPOSED : PLAIN)[static_cast<size_t>(vectors - 1)];
  const int64_t count = (m + ROWS[vectors] - 1) / ROWS[vectors];
  const int64_t rows = m / count, longer = m % count;  // so many tiles have one row more
  Tile tile = panel;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t here = rows + (i < longer);
    functions[static_cast<size_t>(here)](tile);
    tile.a += here * (TRANSPOSE ? 1 : tile.lda);
    tile.c += here * tile.ldc;
  }
}

// A part of each window: runs first_run .., and of each run k elements from first on.
template <bool TRANSPOSE>
static void multiply_part(const Windows& w, int64_t first_run, int64_t runs, int64_t first,
                          int64_t k) {
  const float* a = w.a + (TRANSPOSE ? first * w.lda : first);
  const bool accumulate = w.accumulate || first_run > 0 || first > 0;
  each_panel(w.n, [&](int64_t column, int64_t vectors) {
    const int64_t width = vectors * WIDTH, last = std::min(width, w.n - column) - width + WIDTH;
    const float* b = w.packed + column * w.runs * w.k + (first_run * w.k + first) * width;
    for (int64_t group = 0; group < w.groups; ++group) {
      multiply_panel<TRANSPOSE>(w.m, vectors,
                                {runs, w.offsets + first_run, k, a + group * w.group_a, w.lda, b,
                                 w.c + group * w.group_c + column, w.ldc, last, accumulate});
    }
  });
}

// Cuts the sums so that a panel of B fits the nearest cache: into groups of whole short runs, or
// into nearly equal parts of long ones.
template <bool TRANSPOSE>
static void multiply(Windows w) {
  if (w.m <= 0) return;
  const int64_t length = TRANSPOSE ? 1 : w.lda;
  if (w.group_a == w.m * length && w.group_c == w.m * w.ldc) {
    w.m *= w.groups;
    w.groups = 1;
  }
  const int64_t vectors = std::clamp<int64_t>((w.n + WIDTH - 1) / WIDTH, 1, MOST_VECTORS);
  const bool slim = TRANSPOSE && vectors == 1;
  const int64_t depth = slim ? SHALLOW : DEPTH * MOST_VECTORS / vectors;
  const int64_t together = std::max<int64_t>(1, depth / std::max<int64_t>(1, w.k));
  const int64_t parts = std::max<int64_t>(1, (w.k + depth - 1) / depth);
  // A sum over nothing is zero: each loop runs at least once.
  for (int64_t run = 0; run == 0 || run < w.runs; run += together) {
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t first = part * w.k / parts, next = (part + 1) * w.k / parts;
      multiply_part<TRANSPOSE>(w, run, std::min(together, w.runs - run), first, next - first);
    }
  }
}

void gemm_windows(const Windows& windows) { multiply<false>(windows); }

void gemm_windows_transposed(const Windows& windows) { multiply<true>(windows); }

// Rows are taken in blocks, so that their part of A stays in the second cache.
template <bool TRANSPOSE>
static void multiply_blocks(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda,
                            const float* packed, float* c, int64_t ldc, bool accumulate) {
  const int64_t start = 0;
  int64_t block = BLOCK;
  if (TRANSPOSE && n <= WIDTH) block = std::max<int64_t>(1, m);
  if (!TRANSPOSE && n <= MOST_VECTORS * WIDTH && k > DEPTH) block = SLIM_BLOCK;
  for (int64_t i = 0; i < m; i += block) {
    multiply<TRANSPOSE>({1, 0, 0, std::min(block, m - i), n, k, 1, &start,
                         a + i * (TRANSPOSE ? 1 : lda), lda, packed, c + i * ldc, ldc, accumulate});
  }
}

void gemm_packed(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* packed,
                 float* c, int64_t ldc, bool accumulate) {
  multiply_blocks<false>(m, n, k, a, lda, packed, c, ldc, accumulate);
}

void gemm_packed_transposed(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda,
                            const float* packed, float* c, int64_t ldc, bool accumulate) {
  multiply_blocks<true>(m, n, k, a, lda, packed, c, ldc, accumulate);
}

}  // namespace lernwerk
