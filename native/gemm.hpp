// Matrix products of small and slim matrices, where OpenBLAS spends its time on preparations.
//
// B is packed once (pack_b) and used for many products; A and C are ordinary row-major matrices.
// All run on the calling thread, allocate nothing and give the same bits for the same row of A
// and the same k and n, whatever m is. The packed memory should be 64-byte aligned.
#pragma once

#include <cstdint>

#include "vector.hpp"

namespace lernwerk {

// Bytes that a packed B (k, n) takes: n is rounded up to whole vectors.
int64_t packed_b_bytes(int64_t k, int64_t n);

// Whether the rows of B (k, n), one behind the other, are packed as they lie.
bool is_packed(int64_t n);

// Packs B (k, n) with rows of length ldb; transposed: from a matrix (n, k), of which B is the
// transpose.
void pack_b(int64_t k, int64_t n, const float* b, int64_t ldb, bool transposed, float* packed);

// The same for the rows first .. first + k of a B with `rows` rows in all.
void pack_b_part(int64_t rows, int64_t first, int64_t k, int64_t n, const float* b, int64_t ldb,
                 bool transposed, float* packed);

// Where the columns v * WIDTH .. (v + 1) * WIDTH of a packed B (k, n) lie, for code that writes B
// in packed form: row p begins at offset + p * stride.
struct PackedVector {
  int64_t offset, stride;
};
PackedVector packed_vector(int64_t k, int64_t n, int64_t v);

// C (m, n) = A (m, k) B, or C += A B where accumulate is set; ld = length of a row.
void gemm_packed(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* packed,
                 float* c, int64_t ldc, bool accumulate);

// The same with the transpose of a matrix A (k, m): C (m, n) = A^T B.
void gemm_packed_transposed(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda,
                            const float* packed, float* c, int64_t ldc, bool accumulate);

// Products of windows that slide over A, as in convolutions, without copying the windows:
// C[g, i, j] = sum over r, p of A[g * group_a + offsets[r] + i * lda + p] * B[r * k + p, j]
struct Windows {
  int64_t groups, group_a, group_c;  // groups of m rows, and the ways from group to group
  int64_t m, n, k;
  int64_t runs;  // so many runs of k elements make a window
  const int64_t* offsets;
  const float* a;
  int64_t lda;
  const float* packed;  // B (runs * k, n)
  float* c;
  int64_t ldc;
  bool accumulate;
};

void gemm_windows(const Windows& windows);

// The same with A[g * group_a + offsets[r] + i + p * lda], the sum being over p and r.
void gemm_windows_transposed(const Windows& windows);

}  // namespace lernwerk
