// Products of matrices so small that packing or sharing them out would take longer than to
// multiply: B is read where it lies, part of C stays in registers.
#pragma once

#include <cstdint>

namespace lernwerk {

// C (m, n) = A B. A lies as (m, k), or transposed as (k, m); B as (k, n), or transposed as (n, k).
struct SmallProduct {
  int64_t m, n, k;
  bool transpose_a, transpose_b;
  const float* a;
  const float* b;
  float* c;
  float*
      scratch;  // rows of n numbers, rounded up to whole vectors: k of them, or m if that is more
};

void multiply_small(const SmallProduct& product);

}  // namespace lernwerk
