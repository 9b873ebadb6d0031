// Gathers, scatters and one-hot vectors. Arrays are (outer, axis, inner); indices below zero count
// from the end, and one beyond the axis ends the kernel before it writes anything.
#include <cstring>

#include "kernel.hpp"
#include "ranges.hpp"

using namespace lernwerk;

namespace {

// Calls work with the indices as numbers of 4 or 8 bytes.
template <class Work>
bool with_indices(const Call& call, int input, int64_t bytes, const Work& work) {
  return bytes == 4 ? work(call.in<int32_t>(input)) : work(call.in<int64_t>(input));
}

template <class Index>
bool all_within(const Index* indices, int64_t n, int64_t length) {
  Index low = 0, high = -1;
  for (int64_t i = 0; i < n; ++i) {
    low = std::min(low, indices[i]);
    high = std::max(high, indices[i]);
  }
  return low >= -length && high < length;
}

inline int64_t from_front(int64_t index, int64_t length) {
  return index < 0 ? index + length : index;
}

// What the kernels get as parameters, in this order.
struct Picks {
  int64_t element, index, outer, length, inner, n;

  explicit Picks(const Call& call) { std::memcpy(this, call.whole, sizeof *this); }
};

// Rows of neighbours: each index picks one.
template <class Index>
void gather_rows(const Call& call, const Picks& of, const Index* indices) {
  const int64_t row = of.inner * of.element;
  const char* x = call.in<char>(0);
  char* y = call.out<char>(0);
  const int64_t rows = of.outer * of.n;
  each_range(call.pool, rows, rows * of.inner, [&](int64_t begin, int64_t end, int) {
    int64_t o = begin / of.n, i = begin % of.n;
    for (int64_t at = begin; at < end; ++at) {
      const int64_t source = o * of.length + from_front(indices[i], of.length);
      std::memcpy(y + at * row, x + source * row, static_cast<size_t>(row));
      if (++i == of.n) ++o, i = 0;
    }
  });
}

// Single elements, where the call of memcpy would take longer than the copy.
template <class T, class Index>
void gather_elements(const Call& call, const Picks& of, const Index* indices) {
  const T* x = call.in<T>(0);
  T* y = call.out<T>(0);
  each_range(call.pool, of.outer * of.n, of.outer * of.n, [&](int64_t begin, int64_t end, int) {
    for (int64_t at = begin; at < end;) {
      const int64_t o = at / of.n, stop = std::min(end, (o + 1) * of.n);
      for (; at < stop; ++at) {
        y[at] = x[o * of.length + from_front(indices[at - o * of.n], of.length)];
      }
    }
  });
}

// Positions of their own for every column: calls visit(place in y, place in x).
template <class Index, class Visit>
void each_along(const Call& call, const Picks& of, const Index* indices, const Visit& visit) {
  const int64_t elements = of.n * of.inner;
  each_range(call.pool, of.outer, of.outer * elements, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; ++o) {
      for (int64_t i = 0; i < of.n; ++i) {
        for (int64_t j = 0; j < of.inner; ++j) {
          const int64_t at = (o * of.n + i) * of.inner + j;
          visit(at, (o * of.length + from_front(indices[at], of.length)) * of.inner + j);
        }
      }
    }
  });
}

// Adds the updates whose rows lie from begin to end, in the order of the indices.
template <class Index>
void add_rows(const Picks& of, const Index* indices, const float* updates, float* y, int64_t begin,
              int64_t end) {
  std::fill(y + begin * of.inner, y + end * of.inner, 0.0f);
  for (int64_t i = 0; i < of.n; ++i) {
    const int64_t row = from_front(indices[i], of.length);
    if (row < begin || row >= end) continue;
    float* target = y + row * of.inner;
    const float* update = updates + i * of.inner;
#pragma omp simd
    for (int64_t j = 0; j < of.inner; ++j) target[j] += update[j];
  }
}

// Chunks of rows of y: each looks through all indices, which pays for rows of 16 and more.
template <class Index>
void scatter_rows(const Call& call, const Picks& of, const Index* indices) {
  const float* updates = call.in<float>(1);
  float* y = call.out<float>(0);
  const int64_t work = of.n * of.inner + of.length * of.inner;
  if (of.outer == 1) {
    each_range(call.pool, of.inner < 16 ? 1 : of.length, work / 4,
               [&](int64_t begin, int64_t end, int) {
                 if (of.inner < 16) begin = 0, end = of.length;
                 add_rows(of, indices, updates, y, begin, end);
               });
    return;
  }
  each_range(call.pool, of.outer, of.outer * work, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; ++o) {
      add_rows(of, indices, updates + o * of.n * of.inner, y + o * of.length * of.inner, 0,
               of.length);
    }
  });
}

}  // namespace

// Inputs: x (outer, length, inner), indices (n). Outputs: y (outer, n, inner).
// Parameters: as in Picks.
KERNEL(gather) {
  const Picks of(call);
  return with_indices(call, 1, of.index, [&](auto indices) {
    if (!all_within(indices, of.n, of.length)) return false;
    if (of.inner == 1 && of.element == 4) {
      gather_elements<uint32_t>(call, of, indices);
    } else if (of.inner == 1 && of.element == 8) {
      gather_elements<uint64_t>(call, of, indices);
    } else {
      gather_rows(call, of, indices);
    }
    return true;
  });
}

// Inputs: indices (n), updates (outer, n, inner) float32. Outputs: y (outer, length, inner).
// Parameters: as in Picks.
KERNEL(scatter_add) {
  const Picks of(call);
  return with_indices(call, 0, of.index, [&](auto indices) {
    if (!all_within(indices, of.n, of.length)) return false;
    scatter_rows(call, of, indices);
    return true;
  });
}

// Inputs: x (outer, length, inner), indices (outer, n, inner). Outputs: y (outer, n, inner).
// Parameters: as in Picks; elements of 4 bytes.
KERNEL(take_along_axis) {
  const Picks of(call);
  return with_indices(call, 1, of.index, [&](auto indices) {
    if (!all_within(indices, of.outer * of.n * of.inner, of.length)) return false;
    const uint32_t* x = call.in<uint32_t>(0);
    uint32_t* y = call.out<uint32_t>(0);
    each_along(call, of, indices, [&](int64_t at, int64_t place) { y[at] = x[place]; });
    return true;
  });
}

// Inputs: indices, updates (outer, n, inner) float32. Outputs: y (outer, length, inner).
// Parameters: as in Picks.
KERNEL(add_along_axis) {
  const Picks of(call);
  return with_indices(call, 0, of.index, [&](auto indices) {
    if (!all_within(indices, of.outer * of.n * of.inner, of.length)) return false;
    const float* updates = call.in<float>(1);
    float* y = call.out<float>(0);
    const int64_t elements = of.outer * of.length * of.inner;
    each_range(call.pool, elements, elements,
               [&](int64_t begin, int64_t end, int) { std::fill(y + begin, y + end, 0.0f); });
    each_along(call, of, indices, [&](int64_t at, int64_t place) { y[place] += updates[at]; });
    return true;
  });
}

// Inputs: indices (n) of 4 or 8 bytes. Outputs: y (n, depth) float32.
// Parameters: n, depth, bytes of an index.
KERNEL(one_hot) {
  const int64_t n = call.whole[0], depth = call.whole[1];
  float* y = call.out<float>(0);
  return with_indices(call, 0, call.whole[2], [&](auto indices) {
    each_range(call.pool, n, n * depth, [&](int64_t begin, int64_t end, int) {
      std::fill(y + begin * depth, y + end * depth, 0.0f);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t index = indices[i];
        if (index >= 0 && index < depth) y[i * depth + index] = 1;
      }
    });
    return true;
  });
}
