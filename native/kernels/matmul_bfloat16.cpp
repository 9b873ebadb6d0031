// Matrix products in bfloat16; matmul.cpp is the same in float32. The factors are narrow or
// float32.
#include <algorithm>

#include "bfloat16.hpp"
#include "fused.hpp"
#include "kernel.hpp"
#include "parts.hpp"

using namespace lernwerk;
using bfloat16::blocks_of, bfloat16::LINES, bfloat16::TILE_SIZE, bfloat16::tiles_of;

namespace {

// Multiplications that are worth a thread of their own: about 10 microseconds.
constexpr int64_t WORTH_A_CHUNK = 1 << 23;
constexpr int64_t MOST_CHUNKS = 16;
// Rows and depth of the part of A that is packed at a time: 512 KB, a quarter of the second cache.
constexpr int64_t ROWS = 128, DEPTH = 2048;
// Of long sums: with that of A the part of B that is packed at a time, 512 KB, stays in the cache.
constexpr int64_t LONG_DEPTH = 256, COLUMNS = 1024;

// Parameters: batch (1), m, n, k, whether A is transposed, whether B is, parts of a long sum or 0,
// narrow operands.
struct Factors {
  static constexpr int COUNT = 8;
  int64_t m, n, k, parts;
  bfloat16::Factor a, b;
  float* y;

  explicit Factors(const Call& call)
      : m(call.whole[1]),
        n(call.whole[2]),
        k(call.whole[3]),
        parts(call.whole[6]),
        a{call.inputs[0],          m, k, call.whole[4] ? m : k, call.whole[4] != 0,
          (call.whole[7] & 1) != 0},
        b{call.inputs[1],          n, k, call.whole[5] ? k : n, call.whole[5] == 0,
          (call.whole[7] & 2) != 0},
        y(call.out<float>(0)) {}
};

void pack_all_of_b(const Factors& f, Pool& pool, uint16_t* packed) {
  const int64_t blocks = blocks_of(f.n);
  const int64_t chunks = std::clamp<int64_t>(f.n * f.k / SMALL, 1, std::min(blocks, MOST_CHUNKS));
  pool.each(chunks, [&](int64_t chunk, int) {
    const Share mine = share(blocks, chunks, chunk);
    const int64_t first = mine.first * LINES, stop = std::min(f.n, mine.stop * LINES);
    bfloat16::pack_b(f.b.part(first, stop - first, 0, f.k),
                     packed + mine.first * tiles_of(f.k) * TILE_SIZE);
  });
}

int64_t rounded_up(int64_t x, int64_t unit) { return (x + unit - 1) / unit * unit; }

// B is packed once, chunks of rows follow; `after(chunk, first row, last row, worker)` sees each.
template <class After>
int64_t multiply_rows(const Factors& f, const Call& call, int64_t unit, const After& after) {
  uint16_t* packed = reinterpret_cast<uint16_t*>(call.shared);
  pack_all_of_b(f, call.pool, packed);
  const int64_t wanted = std::clamp<int64_t>(f.m * f.n * f.k / WORTH_A_CHUNK, 1, MOST_CHUNKS);
  const int64_t even = rounded_up((f.m + wanted - 1) / wanted, 2 * LINES);
  const int64_t rows = rounded_up(even, unit), chunks = (f.m + rows - 1) / rows;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    const int64_t first = chunk * rows, last = std::min(f.m, first + rows);
    uint16_t* a = call.mine<uint16_t>(worker);
    for (int64_t row = first; row < last; row += ROWS) {
      const int64_t count = std::min(ROWS, last - row);
      for (int64_t start = 0; start < f.k; start += DEPTH) {
        const int64_t depth = std::min(DEPTH, f.k - start), tiles = tiles_of(depth);
        bfloat16::pack_a(f.a.part(row, count, start, depth), a);
        bfloat16::multiply({count, f.n, tiles, a, tiles * TILE_SIZE, packed + start * LINES,
                            tiles_of(f.k) * TILE_SIZE, f.y + row * f.n, f.n, start > 0});
      }
    }
    after(chunk, first, last, worker);
  });
  return chunks;
}

// Few results of long sums: each chunk sums a part, then the parts are added in their order.
void multiply_long_sum(const Factors& f, const Call& call) {
  const int64_t blocks = (f.k + LONG_DEPTH - 1) / LONG_DEPTH, result = f.m * f.n;
  float* partial = reinterpret_cast<float*>(call.shared);
  call.pool.each(f.parts, [&](int64_t chunk, int worker) {
    const Share mine = share(blocks, f.parts, chunk);
    uint16_t* a = call.mine<uint16_t>(worker);
    uint16_t* b = a + blocks_of(f.m) * LINES * LONG_DEPTH;
    for (int64_t block = mine.first; block < mine.stop; ++block) {
      const int64_t start = block * LONG_DEPTH, depth = std::min(LONG_DEPTH, f.k - start);
      const int64_t way = tiles_of(depth) * TILE_SIZE;
      bfloat16::pack_a(f.a.part(0, f.m, start, depth), a);
      for (int64_t j = 0; j < f.n; j += COLUMNS) {
        const int64_t columns = std::min(COLUMNS, f.n - j);
        bfloat16::pack_b(f.b.part(j, columns, start, depth), b);
        bfloat16::multiply({f.m, columns, tiles_of(depth), a, way, b, way,
                            partial + chunk * result + j, f.n, block > mine.first});
      }
    }
  });
  sum_parts(call.pool, partial, f.parts, result, f.y);
}

}  // namespace

// Inputs: A, B. Outputs: A B. Parameters: see Factors.
KERNEL(matmul_bfloat16) {
  const Factors f(call);
  if (f.parts)
    multiply_long_sum(f, call);
  else
    multiply_rows(f, call, 1, [](int64_t, int64_t, int64_t, int) {});
  return true;
}

// The same, followed by a program. Inputs: A, B, then those of the program, A B among them.
// Outputs: A B, then those of the program. Parameters: those of matmul_bfloat16, where the scratch
// memory of the program begins, the program.
KERNEL(matmul_bfloat16_fused) {
  const Factors f(call);
  const Program program(call.whole + Factors::COUNT + 1, call.real);
  Call rest = call;
  rest.inputs += 2;
  rest.outputs += 1;
  rest.shared += call.whole[Factors::COUNT];
  if (f.parts) {
    multiply_long_sum(f, call);
    run_program(program, rest);
    return true;
  }
  const auto after = [&](int64_t chunk, int64_t first, int64_t last, int worker) {
    run_rows(program, rest, first, last, chunk, worker);
  };
  finish_reductions(program, rest, multiply_rows(f, call, program.rows_of_tile(), after));
  return true;
}
