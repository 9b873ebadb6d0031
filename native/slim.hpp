// Products of a high matrix X with a slim one: fewer columns than a vector has places, so that
// vectors lie along the rows of X instead, and X is read as it lies.
//
// Both products want a block of X in the second cache and bring the next block there meanwhile.
// All run on the calling thread; a row gets the same bits whatever rows are beside it.
#pragma once

#include <cstdint>

#include "ahead.hpp"

namespace lernwerk {

// k, filled up to whole vectors: so many floats a column of a packed slim matrix takes.
int64_t slim_stride(int64_t k);

// W (k, n), or the transpose of a matrix (n, k), as vectors along its columns: those of the same
// rows lie side by side.
void pack_slim(int64_t k, int64_t n, const float* w, bool transposed, float* packed);

// Y (rows, n) = X (rows, k) W; X and Y without gaps between their rows.
void multiply_slim(int64_t rows, int64_t n, int64_t k, const float* x, const float* packed,
                   float* y, Ahead& ahead);

// S += D^T X for D (rows, n) and X (rows, k), or S = D^T X; rows of S lie slim_stride(k) apart.
void multiply_slim_transposed(int64_t rows, int64_t n, int64_t k, const float* d, const float* x,
                              float* s, bool accumulate, Ahead& ahead);

}  // namespace lernwerk
