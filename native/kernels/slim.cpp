// A layer of few outputs on a high input, there and back in one pass over the input.
#include "slim.hpp"

#include "fused.hpp"
#include "kernel.hpp"

using namespace lernwerk;

// Parts of the sums over all rows, each made of the blocks that a thread takes together.
static constexpr int64_t MOST_CHUNKS = 16;

// Adds up the parts (n, stride) of D^T X in their order, as X^T D (k, n).
static void add_parts(const float* parts, int64_t chunks, int64_t n, int64_t k, float* y) {
  const int64_t stride = slim_stride(k);
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < k; ++i) {
      float total = 0;
      for (int64_t chunk = 0; chunk < chunks; ++chunk) {
        total += parts[(chunk * n + j) * stride + i];
      }
      y[i * n + j] = total;
    }
  }
}

// Y = X W, the program behind it, and X^T D with a result D of the program: each block of rows is
// used twice while it is in the cache, and the next one comes there meanwhile. Inputs: X (m, k), W,
// then those of the program, Y among them. Outputs: Y (m, n), then those of the program, then
// X^T D. Parameters: m, n, k, whether W is transposed, rows of a block, where the scratch of the
// program and the parts of D^T X begin, which output D is, the program.
KERNEL(slim_there_and_back) {
  const int64_t *s = call.whole, m = s[0], n = s[1], k = s[2], rows = s[4];
  const Program program(s + 8, call.real);
  Call rest = call;
  rest.inputs += 2;
  rest.outputs += 1;
  rest.shared += s[5];
  const float* x = call.in<float>(0);
  float* y = call.out<float>(0);
  const float* d = call.out<float>(static_cast<int>(s[7]));
  float* packed = reinterpret_cast<float*>(call.shared);
  float* parts = reinterpret_cast<float*>(call.shared + s[6]);
  pack_slim(k, n, call.in<float>(1), s[3], packed);
  const int64_t blocks = (m + rows - 1) / rows, chunks = std::min(blocks, MOST_CHUNKS);
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    const int64_t start = blocks * chunk / chunks, stop = blocks * (chunk + 1) / chunks;
    for (int64_t block = start; block < stop; ++block) {
      const int64_t first = block * rows, last = std::min(m, first + rows);
      const int64_t next = block + 1 < stop ? std::min(m, last + rows) : last;
      Ahead ahead(x + last * k, (next - last) * k * 4);
      multiply_slim(last - first, n, k, x + first * k, packed, y + first * n, ahead);
      run_rows(program, rest, first, last, block, worker);
      multiply_slim_transposed(last - first, n, k, d + first * n, x + first * k,
                               parts + chunk * n * slim_stride(k), block > start, ahead);
    }
  });
  finish_reductions(program, rest, blocks);
  add_parts(parts, chunks, n, k,
            call.out<float>(static_cast<int>(1 + program.outputs + program.reductions)));
  return true;
}
