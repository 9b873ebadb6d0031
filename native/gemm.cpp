// The plan follows Goto & van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication":
// a tile of C stays in registers while a panel of B comes from the nearest cache, here without
// packing A, which small matrices do not repay.
#include "gemm.hpp"

#include <algorithm>
#include <array>
#include <utility>

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
  int64_t k;
  const float* a;
  int64_t lda;
  const float* b;  // k rows of whole vectors
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
  const float* a = tile.a;
  const float* b = tile.b;
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

// The functions for 0 .. MOST_ROWS rows; null where a tile would not fit the registers.
template <int V, bool TRANSPOSED, int... M>
static constexpr auto tiles_of(std::integer_sequence<int, M...>) {
  return std::array<Multiply, sizeof...(M)>{[]() -> Multiply {
    if constexpr (M > 0 && M <= ROWS[V]) return multiply_tile<M, V, TRANSPOSED>;
    return nullptr;
  }()...};
}

template <bool TRANSPOSED, int... V>
static constexpr auto tiles(std::integer_sequence<int, V...>) {
  return std::array{
      tiles_of<V + 1, TRANSPOSED>(std::make_integer_sequence<int, MOST_ROWS + 1>())...};
}

static constexpr auto VECTORS = std::make_integer_sequence<int, MOST_VECTORS>();
static constexpr auto PLAIN = tiles<false>(VECTORS);
static constexpr auto TRANSPOSED = tiles<true>(VECTORS);

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

static void pack_rows(int64_t k, int64_t columns, int64_t width, const float* b, int64_t ldb,
                      float* packed) {
  for (int64_t p = 0; p < k; ++p, packed += width) {
    std::copy_n(b + p * ldb, columns, packed);
    std::fill_n(packed + columns, width - columns, 0.0f);
  }
}

static void pack_columns(int64_t k, int64_t columns, int64_t width, const float* b, int64_t ldb,
                         float* packed) {
  constexpr int64_t RUN = 16;  // rows that are written at a time stay in the nearest cache
  for (int64_t start = 0; start < k; start += RUN) {
    const int64_t stop = std::min(start + RUN, k);
    for (int64_t j = 0; j < width; ++j) {
      for (int64_t p = start; p < stop; ++p) {
        packed[p * width + j] = j < columns ? b[j * ldb + p] : 0.0f;
      }
    }
  }
}

void pack_b(int64_t k, int64_t n, const float* b, int64_t ldb, bool transposed, float* packed) {
  each_panel(n, [&](int64_t column, int64_t vectors) {
    const int64_t width = vectors * WIDTH, columns = std::min(width, n - column);
    if (transposed)
      pack_columns(k, columns, width, b + column * ldb, ldb, packed + column * k);
    else
      pack_rows(k, columns, width, b + column, ldb, packed + column * k);
  });
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

template <bool TRANSPOSE>
static void multiply(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda,
                     const float* packed, float* c, int64_t ldc, bool accumulate) {
  for (int64_t i = 0; i < m; i += BLOCK) {
    // A product over no elements is zero: the loop runs once, with k = 0.
    for (int64_t p = 0; p == 0 || p < k; p += DEPTH) {
      const float* part = TRANSPOSE ? a + p * lda + i : a + i * lda + p;
      each_panel(n, [&](int64_t column, int64_t vectors) {
        const float* b = packed + column * k + p * vectors * WIDTH;
        const int64_t last = std::min<int64_t>(WIDTH, n - column - (vectors - 1) * WIDTH);
        multiply_panel<TRANSPOSE>(std::min(BLOCK, m - i), vectors,
                                  {std::min(DEPTH, k - p), part, lda, b, c + i * ldc + column, ldc,
                                   last, accumulate || p > 0});
      });
    }
  }
}

void gemm_packed(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* packed,
                 float* c, int64_t ldc, bool accumulate) {
  multiply<false>(m, n, k, a, lda, packed, c, ldc, accumulate);
}

void gemm_packed_transposed(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda,
                            const float* packed, float* c, int64_t ldc, bool accumulate) {
  multiply<true>(m, n, k, a, lda, packed, c, ldc, accumulate);
}

}  // namespace lernwerk
