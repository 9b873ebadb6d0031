// Products of a few rows with one matrix that is used again and again: the steps of a recurrent
// network. The matrix is cut into panels once; then up to four vectors of columns are computed at
// a time, and whoever asked for the sums goes on with them while they are in the nearest cache.
// Where the matrix is too large for the caches, the next part of it is fetched meanwhile.
#pragma once

#include "pool.hpp"
#include "vector.hpp"

namespace lernwerk {

// The most vectors of columns that a panel holds.
inline constexpr int SLOTS = 4;

// Element (k, j) of a matrix lies at data[k * down + j * right]: also that of a transposed one.
struct Matrix {
  const float* data;
  int64_t down, right;
};

// A matrix (depth, gates * units) in panels. With several gates a panel holds one vector of each,
// so that all gates of a unit come together; with one gate it holds neighbouring vectors. In
// memory: panel by panel, in it k by k, in it vector by vector; lanes beyond the units are zero.
struct Panels {
  float* memory;
  int64_t depth, units;
  int gates;

  int64_t units_each() const { return gates == 1 ? SLOTS * WIDTH : WIDTH; }
  int64_t count() const { return (units + units_each() - 1) / units_each(); }
  int vectors(int64_t panel) const;
  // Where the row k of a panel lies.
  float* at(int64_t panel, int64_t k = 0) const;
  // Fills rows from .. from + rows - 1 of all panels, on all threads. The first vector of a panel
  // is of the gate ``first_gate``; the others follow in a circle.
  void pack(const Matrix& matrix, int64_t from, int64_t rows, int first_gate, Pool& pool) const;
};

// sums (rows, SLOTS vectors) += a (rows, depth) times ``depth`` rows of a panel with that many
// vectors. ``stride`` is the distance between rows of a.
void add_product(float* sums, int64_t rows, const float* a, int64_t stride, const float* panel,
                 int64_t depth, int vectors);

// The first n elements, or as many as a vector has; n may be zero or less.
static inline floats load_some(const float* p, int64_t n) {
  if (n >= WIDTH) return load(p);
  return n > 0 ? load_part(p, n) : floats{};
}

static inline void store_some(float* p, floats v, int64_t n) {
  if (n >= WIDTH)
    store(p, v);
  else if (n > 0)
    store_part(p, v, n);
}

}  // namespace lernwerk
