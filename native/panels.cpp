#include "panels.hpp"

#include <algorithm>

namespace lernwerk {

// Vectors of sums that fit into the registers beside a row of the panel and an element of a:
// 24 of 32 with AVX-512 and NEON, 12 of 16 with AVX2; SSE needs more of its 16 for the products.
#if defined(__AVX512F__) || defined(__aarch64__)
static constexpr int SUMS = 24;
#elif defined(__AVX2__)
static constexpr int SUMS = 12;
#else
static constexpr int SUMS = 8;
#endif
// Rows at a time by the number of vectors: with one or two there is nothing to gain beyond eight.
static constexpr int most_rows(int vectors) { return std::min(SUMS / vectors, 8); }

// So many k at a time keep the part of a panel (32 KB at most) in the L1 cache while all rows pass.
static constexpr int64_t DEPTH_AT_ONCE = 128;
static constexpr int64_t LINE = 16;  // floats of a cache line

int Panels::vectors(int64_t panel) const {
  if (gates > 1) return gates;
  const int64_t left = units - panel * units_each();
  return static_cast<int>(std::min<int64_t>(SLOTS, (left + WIDTH - 1) / WIDTH));
}

float* Panels::at(int64_t panel, int64_t k) const {
  const int64_t before = panel * depth * (gates == 1 ? SLOTS : gates);
  return memory + (before + k * vectors(panel)) * WIDTH;
}

// One vector of columns; ``distance`` is that between its rows in the panel.
static void pack_vector(const Matrix& matrix, int64_t column, int64_t lanes, int64_t rows,
                        int64_t distance, float* packed) {
  lanes = std::clamp<int64_t>(lanes, 0, WIDTH);
  for (int64_t k = 0; k < rows; ++k) {
    const float* source = matrix.data + k * matrix.down + column * matrix.right;
    float* target = packed + k * distance;
    for (int64_t lane = 0; lane < lanes; ++lane) target[lane] = source[lane * matrix.right];
    for (int64_t lane = lanes; lane < WIDTH; ++lane) target[lane] = 0;
  }
}

void Panels::pack(const Matrix& matrix, int64_t from, int64_t rows, int first_gate,
                  Pool& pool) const {
  const int64_t worth = count() * rows * units_each() * gates / 65536;
  const int64_t chunks = std::clamp<int64_t>(worth, 1, std::max<int64_t>(count(), 1));
  pool.each(chunks, [&](int64_t chunk, int) {
    for (int64_t panel = count() * chunk / chunks; panel < count() * (chunk + 1) / chunks;
         ++panel) {
      const int wide = vectors(panel);
      for (int v = 0; v < wide; ++v) {
        const int64_t unit = panel * units_each() + (gates == 1 ? v * WIDTH : 0);
        const int64_t column = (first_gate + v) % gates * units + unit;
        pack_vector(matrix, gates == 1 ? unit : column, units - unit, rows, wide * WIDTH,
                    at(panel, from) + v * WIDTH);
      }
    }
  });
}

// The heart of it: R rows by V vectors, all sums in registers while k runs. With each k one line
// of memory from ``ahead`` on is called into the L2 cache.
template <int R, int V>
static void multiply(float* sums, const float* a, int64_t stride, const float* panel, int64_t depth,
                     const float* ahead) {
  floats sum[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) sum[r][v] = load(sums + (r * SLOTS + v) * WIDTH);
  }
  for (int64_t k = 0; k < depth; ++k) {
    __builtin_prefetch(ahead + k * LINE, 0, 2);
    floats b[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) b[v] = load(panel + (k * V + v) * WIDTH);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const floats x = splat(a[r * stride + k]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sum[r][v] += x * b[v];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(sums + (r * SLOTS + v) * WIDTH, sum[r][v]);
  }
}

// The instance for that many rows, found by counting down.
template <int R, int V>
static void multiply_rows(int64_t rows, float* sums, const float* a, int64_t stride,
                          const float* panel, int64_t depth, const float* ahead) {
  if constexpr (R > 1) {
    if (rows < R) return multiply_rows<R - 1, V>(rows, sums, a, stride, panel, depth, ahead);
  }
  multiply<R, V>(sums, a, stride, panel, depth, ahead);
}

// All rows, in groups of about equal size, each of which calls for its share of what comes next.
template <int V>
static void multiply_groups(float* sums, int64_t rows, const float* a, int64_t stride,
                            const float* panel, int64_t depth) {
  constexpr int MOST = most_rows(V);
  const int64_t groups = (rows + MOST - 1) / MOST;
  for (int64_t group = 0; group < groups; ++group) {
    const int64_t row = rows * group / groups;
    const int64_t next = rows * (group + 1) / groups;
    multiply_rows<MOST, V>(next - row, sums + row * SLOTS * WIDTH, a + row * stride, stride, panel,
                           depth, panel + depth * V * WIDTH + group * depth * LINE);
  }
}

void add_product(float* sums, int64_t rows, const float* a, int64_t stride, const float* panel,
                 int64_t depth, int vectors) {
  constexpr decltype(&multiply_groups<1>) by_vectors[] = {multiply_groups<1>, multiply_groups<2>,
                                                          multiply_groups<3>, multiply_groups<4>};
  for (int64_t k = 0; k < depth; k += DEPTH_AT_ONCE) {
    by_vectors[vectors - 1](sums, rows, a + k, stride, panel + k * vectors * WIDTH,
                            std::min(DEPTH_AT_ONCE, depth - k));
  }
}

}  // namespace lernwerk
