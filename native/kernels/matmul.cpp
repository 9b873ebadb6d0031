// Matrix products, with the elementwise program that follows one run on each part of the result
// while it lies in the cache.
#include <algorithm>
#include <bit>
#include <utility>

#include "blas.hpp"
#include "fused.hpp"
#include "gemm.hpp"
#include "kernel.hpp"
#include "single_tile.hpp"
#include "small.hpp"

using namespace lernwerk;

namespace {

// Multiplications that are worth a thread of their own: about 10 microseconds.
constexpr int64_t WORTH_A_CHUNK = 1 << 21;
constexpr int64_t MOST_CHUNKS = 16;
// Elements that take about 10 microseconds to pack.
constexpr int64_t WORTH_PACKING = 1 << 15;
// Columns of B that are packed as one piece: wide enough to read A seldom, and 512 kB at k = 512.
constexpr int64_t GROUP = 256;
// A part of a long sum.
constexpr int64_t PART = 1024;
constexpr int64_t DEPTH = 512;

// How a product is cut into chunks; lowering/linalg.py chooses by the lengths.
enum class Path : int64_t { rows, few_rows, long_sum, columns, batch, small };

// Parameters: batch, m, n, k, whether A is transposed, whether B is, the path.
struct Product {
  int64_t batch, m, n, k;
  bool transpose_a, transpose_b;
  Path path;
  const float* a;
  const float* b;
  float* y;

  explicit Product(const Call& call)
      : batch(call.whole[0]),
        m(call.whole[1]),
        n(call.whole[2]),
        k(call.whole[3]),
        transpose_a(call.whole[4]),
        transpose_b(call.whole[5]),
        path(static_cast<Path>(call.whole[6])),
        a(call.in<float>(0)),
        b(call.in<float>(1)),
        y(call.out<float>(0)) {}

  int64_t lda() const { return transpose_a ? m : k; }
  int64_t ldb() const { return transpose_b ? k : n; }
  int64_t groups() const { return (n + GROUP - 1) / GROUP; }
  int64_t width(int64_t group) const { return std::min(GROUP, n - group * GROUP); }

  void pack(int64_t group, int64_t first, int64_t count, float* packed) const {
    const int64_t column = group * GROUP;
    const float* part = transpose_b ? b + column * k + first : b + first * n + column;
    pack_b(count, width(group), part, ldb(), transpose_b, packed);
  }

  // The same into its place in the whole of packed B.
  void pack_part(int64_t group, int64_t first, int64_t count, float* packed) const {
    const int64_t column = group * GROUP;
    const float* part = transpose_b ? b + column * k + first : b + first * n + column;
    pack_b_part(k, first, count, width(group), part, ldb(), transpose_b, packed);
  }

  // Rows [row, row + rows) of a group of columns, from the elements [first, first + count) of k.
  void multiply(int64_t group, int64_t row, int64_t rows, int64_t first, int64_t count,
                const float* packed, float* c, bool accumulate) const {
    if (transpose_a) {
      gemm_packed_transposed(rows, width(group), count, a + first * m + row, m, packed, c, n,
                             accumulate);
    } else {
      gemm_packed(rows, width(group), count, a + row * k + first, k, packed, c, n, accumulate);
    }
  }
};

// Few rows: B is read once and not packed; the chunks are parts of its columns.
void multiply_few_rows(const Product& p, const Call& call) {
  const int64_t work = p.m * p.n * p.k;
  const int64_t chunks = work < WORTH_A_CHUNK / 4 ? 1 : std::min(MOST_CHUNKS, (p.n + 63) / 64);
  call.pool.each(chunks, [&](int64_t chunk, int) {
    const int64_t first = p.n * chunk / chunks, last = p.n * (chunk + 1) / chunks;
    const float* b = p.transpose_b ? p.b + first * p.k : p.b + first;
    blas::sgemm(p.transpose_a, p.transpose_b, p.m, last - first, p.k, 1, p.a, p.lda(), b, p.ldb(),
                0, p.y + first, p.n);
  });
}

// A small result of long sums: each chunk sums a part, then the parts are added in their order.
void sum_parts(const Product& p, const Call& call, float* partial) {
  const int64_t chunks = std::min(MOST_CHUNKS, p.k / PART);
  const int64_t result = p.m * p.n;
  float* packed = partial + chunks * result;
  const int64_t longest = (p.k + chunks - 1) / chunks;
  const int64_t packed_size = packed_b_bytes(longest, p.width(0)) / 4;
  call.pool.each(chunks, [&](int64_t chunk, int) {
    const int64_t first = p.k * chunk / chunks, count = p.k * (chunk + 1) / chunks - first;
    float* mine = packed + chunk * packed_size;
    for (int64_t group = 0; group < p.groups(); ++group) {
      p.pack(group, first, count, mine);
      p.multiply(group, 0, p.m, first, count, mine, partial + chunk * result + group * GROUP,
                 false);
    }
  });
  std::copy_n(partial, result, p.y);
  for (int64_t chunk = 1; chunk < chunks; ++chunk) {
    for (int64_t i = 0; i < result; ++i) p.y[i] += partial[chunk * result + i];
  }
}

// Of A^T B with a wide B the transpose B^T A is computed: the slim factor is the one to be packed.
void multiply_long_sum(const Product& p, const Call& call) {
  float* scratch = reinterpret_cast<float*>(call.shared);
  if (!p.transpose_a || p.transpose_b || p.n < 2 * p.m) return sum_parts(p, call, scratch);
  Product turned = p;
  std::swap(turned.m, turned.n);
  std::swap(turned.a, turned.b);
  turned.y = scratch;
  sum_parts(turned, call, scratch + p.m * p.n);
  for (int64_t i = 0; i < p.m; ++i) {
    for (int64_t j = 0; j < p.n; ++j) p.y[i * p.n + j] = scratch[j * p.m + i];
  }
}

// The whole of B packed: every group of columns in parts of its rows, which the threads share.
const float* packed_whole(const Product& p, const Call& call) {
  if (!p.transpose_b && is_packed(p.n)) return p.b;
  float* packed = reinterpret_cast<float*>(call.shared);
  const int64_t parts = std::clamp<int64_t>(p.k * p.width(0) / WORTH_PACKING, 1, MOST_CHUNKS);
  call.pool.each(p.groups() * parts, [&](int64_t chunk, int) {
    const int64_t group = chunk / parts, part = chunk % parts;
    const int64_t first = p.k * part / parts, last = p.k * (part + 1) / parts;
    p.pack_part(group, first, last - first, packed + group * packed_b_bytes(p.k, GROUP) / 4);
  });
  return packed;
}

// Nearly equal chunks for an even number of threads; a power of two, because with three of them two
// threads would wait for the third.
int64_t chunks_of(const Product& p, int64_t units) {
  const int64_t worth = std::max<int64_t>(1, p.m * p.n * p.k / WORTH_A_CHUNK);
  const int64_t chunks = std::min(worth, MOST_CHUNKS);
  return std::min(static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(chunks))), units);
}

// B is packed once, chunks of rows follow, which begin and end with units;
// `after(chunk, first row, last row, worker)` sees each.
template <class After>
int64_t multiply_rows(const Product& p, const Call& call, int64_t unit, const After& after) {
  const float* packed = packed_whole(p, call);
  const int64_t units = (p.m + unit - 1) / unit, chunks = chunks_of(p, units);
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    const int64_t first = units * chunk / chunks * unit;
    const int64_t last = std::min(p.m, units * (chunk + 1) / chunks * unit);
    for (int64_t group = 0; group < p.groups(); ++group) {
      p.multiply(group, first, last - first, 0, p.k,
                 packed + group * packed_b_bytes(p.k, GROUP) / 4, p.y + first * p.n + group * GROUP,
                 false);
    }
    after(chunk, first, last, worker);
  });
  return chunks;
}

// Much wider than high: every chunk packs and multiplies columns of its own, a part of k at a time.
void multiply_columns(const Product& p, const Call& call) {
  call.pool.each(p.groups(), [&](int64_t group, int worker) {
    float* packed = call.mine<float>(worker);
    for (int64_t first = 0; first == 0 || first < p.k; first += DEPTH) {
      const int64_t count = std::min(DEPTH, p.k - first);
      p.pack(group, first, count, packed);
      p.multiply(group, 0, p.m, first, count, packed, p.y + group * GROUP, first > 0);
    }
  });
}

// Each matrix of a batch by itself.
void multiply_batch(const Product& p, const Call& call) {
  const int64_t wanted = p.batch * p.m * p.n * p.k / WORTH_A_CHUNK;
  const int64_t chunks = std::clamp<int64_t>(wanted, 1, std::min(p.batch, MOST_CHUNKS));
  call.pool.each(chunks, [&](int64_t chunk, int) {
    const int64_t last = p.batch * (chunk + 1) / chunks;
    for (int64_t i = p.batch * chunk / chunks; i < last; ++i) {
      blas::sgemm(p.transpose_a, p.transpose_b, p.m, p.n, p.k, 1, p.a + i * p.m * p.k, p.lda(),
                  p.b + i * p.k * p.n, p.ldb(), 0, p.y + i * p.m * p.n, p.n);
    }
  });
}

// Any product; whoever wants each part of it while it is warm takes multiply_rows instead.
void multiply(const Product& p, const Call& call) {
  switch (p.path) {
    case Path::rows:
      multiply_rows(p, call, 1, [](int64_t, int64_t, int64_t, int) {});
      break;
    case Path::few_rows:
      multiply_few_rows(p, call);
      break;
    case Path::long_sum:
      multiply_long_sum(p, call);
      break;
    case Path::columns:
      multiply_columns(p, call);
      break;
    case Path::batch:
      multiply_batch(p, call);
      break;
    case Path::small:
      multiply_small({p.m, p.n, p.k, p.transpose_a, p.transpose_b, p.a, p.b, p.y,
                      reinterpret_cast<float*>(call.shared)});
      break;
  }
}

}  // namespace

// What matmul_fused leaves for its program.
static Call following(const Call& call) {
  Call rest = call;
  rest.inputs += 2;
  rest.outputs += 1;
  rest.shared += call.whole[7];
  return rest;
}

// Inputs: A, B. Outputs: A B. Parameters: see Product.
KERNEL(matmul) {
  multiply(Product(call), call);
  return true;
}

// The same, followed by a program. Inputs: A, B, then those of the program, A B among them.
// Outputs: A B, then those of the program. Parameters: those of matmul, where the scratch memory of
// the program begins, the program.
KERNEL(matmul_fused) {
  const Product p(call);
  if (call.prepared) {
    multiply(p, call);
    static_cast<const SingleTile*>(call.prepared)->run();
    return true;
  }
  const Program program(call.whole + 8, call.real);
  const Call rest = following(call);
  if (p.path != Path::rows) {
    multiply(p, call);
    run_program(program, rest);
    return true;
  }
  const auto after = [&](int64_t chunk, int64_t first, int64_t last, int worker) {
    run_rows(program, rest, first, last, chunk, worker);
  };
  finish_reductions(program, rest, multiply_rows(p, call, program.rows_of_tile(), after));
  return true;
}

PREPARATION(matmul_fused, 2) {
  if (Product(call).path != Path::small) return nullptr;
  return SingleTile::of(Program(call.whole + 8, call.real), following(call));
}

// A product, the program behind it, and the product A^T D with a result D of the program, in one
// pass over a high A: each block of its rows is used twice while it is in the cache. Inputs: as for
// matmul_fused. Outputs: the same, then A^T D. Parameters: those of matmul, rows of a block, where
// the scratch of the program and the parts of A^T D begin, where D packed begins in the scratch of
// a thread, which output D is, the program.
KERNEL(matmul_there_and_back) {
  const Product p(call);
  const int64_t rows = call.whole[7], blocks = (p.m + rows - 1) / rows;
  const Program program(call.whole + 12, call.real);
  Call rest = call;
  rest.inputs += 2;
  rest.outputs += 1;
  rest.shared += call.whole[8];
  float* parts = reinterpret_cast<float*>(call.shared + call.whole[9]);
  const float* d = call.out<float>(static_cast<int>(call.whole[11]));
  const int64_t size = p.k * p.n, chunks = std::min(blocks, MOST_CHUNKS);
  const float* whole = packed_whole(p, call);
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    float* packed = reinterpret_cast<float*>(call.mine<char>(worker) + call.whole[10]);
    const int64_t start = blocks * chunk / chunks, stop = blocks * (chunk + 1) / chunks;
    for (int64_t block = start; block < stop; ++block) {
      const int64_t first = block * rows, last = std::min(p.m, first + rows);
      p.multiply(0, first, last - first, 0, p.k, whole, p.y + first * p.n, false);
      run_rows(program, rest, first, last, block, worker);
      pack_b(last - first, p.n, d + first * p.n, p.n, false, packed);
      gemm_packed_transposed(p.k, p.n, last - first, p.a + first * p.k, p.k, packed,
                             parts + chunk * size, p.n, block > start);
    }
  });
  finish_reductions(program, rest, blocks);
  float* y = call.out<float>(static_cast<int>(1 + program.outputs + program.reductions));
  std::copy_n(parts, size, y);
  for (int64_t chunk = 1; chunk < chunks; ++chunk) {
    for (int64_t i = 0; i < size; ++i) y[i] += parts[chunk * size + i];
  }
  return true;
}

// Products in double precision. Parameters as for matmul.
KERNEL(matmul_double) {
  const int64_t *s = call.whole, batch = s[0], m = s[1], n = s[2], k = s[3];
  for (int64_t i = 0; i < batch; ++i) {
    blas::dgemm(s[4], s[5], m, n, k, 1, call.in<double>(0) + i * m * k, s[4] ? m : k,
                call.in<double>(1) + i * k * n, s[5] ? k : n, 0, call.out<double>(0) + i * m * n,
                n);
  }
  return true;
}
