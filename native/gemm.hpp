// Matrix products of small and slim matrices, where OpenBLAS spends its time on preparations.
//
// B is packed once (pack_b) and used for many products; A and C are ordinary row-major matrices.
// All run on the calling thread, allocate nothing and give the same bits for the same row of A
// and the same k and n, whatever m is. The packed memory should be 64-byte aligned.
#pragma once

#include <cstdint>

namespace lernwerk {

// Bytes that a packed B (k, n) takes: n is rounded up to whole vectors.
int64_t packed_b_bytes(int64_t k, int64_t n);

// Packs B (k, n) with rows of length ldb; transposed: from a matrix (n, k), of which B is the
// transpose.
void pack_b(int64_t k, int64_t n, const float* b, int64_t ldb, bool transposed, float* packed);

// C (m, n) = A (m, k) B, or C += A B where accumulate is set; ld = length of a row.
void gemm_packed(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* packed,
                 float* c, int64_t ldc, bool accumulate);

// The same with the transpose of a matrix A (k, m): C (m, n) = A^T B.
void gemm_packed_transposed(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda,
                            const float* packed, float* c, int64_t ldc, bool accumulate);

}  // namespace lernwerk
