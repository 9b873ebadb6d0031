#include "blas.hpp"

namespace lernwerk::blas {

// The enumerations of CBLAS: row-major 101; as it is 111, transposed 112.
template <class T>
using Gemm = void (*)(int, int, int, int, int, int, T, const T*, int, const T*, int, T, T*, int);

static Gemm<float> single_precision = nullptr;
static Gemm<double> double_precision = nullptr;

void use(uintptr_t sgemm, uintptr_t dgemm) {
  single_precision = reinterpret_cast<Gemm<float>>(sgemm);
  double_precision = reinterpret_cast<Gemm<double>>(dgemm);
}

template <class T>
static void gemm(Gemm<T> function, bool ta, bool tb, int64_t m, int64_t n, int64_t k, T alpha,
                 const T* a, int64_t lda, const T* b, int64_t ldb, T beta, T* c, int64_t ldc) {
  function(101, ta ? 112 : 111, tb ? 112 : 111, static_cast<int>(m), static_cast<int>(n),
           static_cast<int>(k), alpha, a, static_cast<int>(lda), b, static_cast<int>(ldb), beta, c,
           static_cast<int>(ldc));
}

void sgemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
           int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  gemm(single_precision, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void dgemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, double alpha, const double* a,
           int64_t lda, const double* b, int64_t ldb, double beta, double* c, int64_t ldc) {
  gemm(double_precision, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

}  // namespace lernwerk::blas
