// Matrix products from OpenBLAS. The library belongs to the Python package scipy-openblas32; Python
// finds it and hands over the addresses of two functions, so that nothing is linked.
#pragma once

#include <cstdint>

namespace lernwerk::blas {

// Row-major C (m, n) = alpha op(A) op(B) + beta C on the calling thread; ld = length of a row.
void sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
           const float* a, int64_t lda, const float* b, int64_t ldb, float beta, float* c,
           int64_t ldc);
void dgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
           const double* a, int64_t lda, const double* b, int64_t ldb, double beta, double* c,
           int64_t ldc);

// Addresses of cblas_sgemm and cblas_dgemm.
void use(uintptr_t sgemm, uintptr_t dgemm);

}  // namespace lernwerk::blas
