// Reductions over one block of neighbouring axes: x is (outer, n, inner), y is (outer, inner).
#include "reduce.hpp"

#include "kernel.hpp"
#include "ranges.hpp"

using namespace lernwerk;

namespace {

// Columns that one piece of work covers: with fewer of them rows are worth cutting, too.
constexpr int64_t STRIP = 512;

// All rows of neighbours: y[o] = fold of x[o, :]. Few long rows are cut into chunks.
template <class Fold>
void fold_rows(Pool& pool, const float* x, float* y, int64_t outer, int64_t n) {
  if (outer >= CHUNKS || outer * n < 2 * CHUNK_ELEMENTS) {
    each_range(pool, outer, outer * n, [&](int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; ++o) y[o] = fold_row<Fold>(x + o * n, n);
    });
    return;
  }
  float parts[CHUNKS];
  const int64_t chunks = chunks_for(n, n);
  for (int64_t o = 0; o < outer; ++o) {
    pool.each(chunks, [&](int64_t chunk, int) {
      const int64_t begin = border(n, chunks, chunk);
      parts[chunk] = fold_row<Fold>(x + o * n + begin, border(n, chunks, chunk + 1) - begin);
    });
    y[o] = fold_row<Fold>(parts, chunks);
  }
}

// All columns: y[o, j] = fold of x[o, :, j]. Long columns that are few are cut into chunks, whose
// results lie in `parts` (CHUNKS, inner).
template <class Fold>
void fold_all_columns(Pool& pool, const float* x, float* y, int64_t outer, int64_t n, int64_t inner,
                      float* parts) {
  const int64_t strips = (inner + STRIP - 1) / STRIP, items = outer * strips;
  if (items >= CHUNKS / 2 || outer * n * inner < 2 * CHUNK_ELEMENTS) {
    each_range(pool, items, outer * n * inner, [&](int64_t begin, int64_t end, int) {
      for (int64_t item = begin; item < end; ++item) {
        const int64_t o = item / strips, j = item % strips * STRIP;
        fold_columns<Fold>(x + o * n * inner + j, n, std::min(STRIP, inner - j), inner,
                           y + o * inner + j);
      }
    });
    return;
  }
  const int64_t chunks = chunks_for(n, n * inner);
  for (int64_t o = 0; o < outer; ++o) {
    pool.each(chunks, [&](int64_t chunk, int) {
      const int64_t begin = border(n, chunks, chunk);
      fold_columns<Fold>(x + (o * n + begin) * inner, border(n, chunks, chunk + 1) - begin, inner,
                         inner, parts + chunk * inner);
    });
    fold_columns<Fold>(parts, chunks, inner, inner, y + o * inner);
  }
}

template <class Fold>
bool reduce(const Call& call) {
  const int64_t outer = call.whole[0], n = call.whole[1], inner = call.whole[2];
  const float* x = call.in<float>(0);
  float* y = call.out<float>(0);
  if (inner == 1) {
    fold_rows<Fold>(call.pool, x, y, outer, n);
  } else {
    float* parts = reinterpret_cast<float*>(call.shared);
    fold_all_columns<Fold>(call.pool, x, y, outer, n, inner, parts);
  }
  return true;
}

// Whole numbers and truth values: no order of addition matters, so plain loops serve.
template <class In, class Out, class Combine>
bool reduce_plain(const Call& call, Out start, const Combine& combine) {
  const int64_t outer = call.whole[0], n = call.whole[1], inner = call.whole[2];
  const In* x = call.in<In>(0);
  Out* y = call.out<Out>(0);
  each_range(call.pool, outer, outer * n * inner, [&](int64_t begin, int64_t end, int) {
    std::fill(y + begin * inner, y + end * inner, start);
    for (int64_t o = begin; o < end; ++o) {
      Out* of = y + o * inner;
      if (inner == 1) {
        Out total = start;
        for (int64_t i = 0; i < n; ++i) total = combine(total, x[o * n + i]);
        of[0] = total;
        continue;
      }
      for (int64_t i = 0; i < n; ++i) {
        const In* line = x + (o * n + i) * inner;
        for (int64_t j = 0; j < inner; ++j) of[j] = combine(of[j], line[j]);
      }
    }
  });
  return true;
}

// Wraps around as NumPy's int32 does; the sum of signed numbers may not in C++.
constexpr auto add = [](uint32_t a, auto b) { return a + static_cast<uint32_t>(b); };

}  // namespace

// Inputs: x (outer, n, inner) float32. Outputs: y (outer, inner) float32.
// Parameters: outer, n, inner. Shared: CHUNKS times inner floats.
KERNEL(sum) { return reduce<Sum>(call); }
KERNEL(prod) { return reduce<Product>(call); }
KERNEL(max) { return reduce<Maximum>(call); }
KERNEL(min) { return reduce<Minimum>(call); }

// Inputs: x (outer, n, inner) int32 or bool. Outputs: y (outer, inner) int32 (sums) or bool.
// Parameters: outer, n, inner.
KERNEL(sum_int32) { return reduce_plain<int32_t, uint32_t>(call, 0, add); }
KERNEL(sum_bool) { return reduce_plain<uint8_t, uint32_t>(call, 0, add); }
KERNEL(any) {
  return reduce_plain<uint8_t, uint8_t>(call, 0,
                                        [](uint8_t a, uint8_t b) -> uint8_t { return a | b; });
}
KERNEL(all) {
  return reduce_plain<uint8_t, uint8_t>(call, 1,
                                        [](uint8_t a, uint8_t b) -> uint8_t { return a & b; });
}
