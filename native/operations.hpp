// The operations of fused programs: one loop over a tile each, found by their number.
#pragma once

#include <cstdint>

namespace lernwerk {

template <class T>
using Operation = void (*)(T* y, const T* a, const T* b, const T* c, int64_t n);

// The function behind a number; `T` is the type of the registers. `singles` says which operands are
// single numbers (bit 0 for a, 1 for b, 2 for c); null where they have to be repeated instead.
template <class T>
Operation<T> operation(int64_t number, int singles);

// Whether an operation on floats works on whole vectors, so that a few elements more cost nothing.
bool works_on_vectors(int64_t number);

// The number of the operation of that name for registers of type T, or -1.
template <class T>
int64_t number_of(const char* name);

}  // namespace lernwerk
