// Elements of arrays of any type as those of a program's registers, and back.
#pragma once

#include <type_traits>

#include "bfloat16.hpp"
#include "fused.hpp"
#include "narrow.hpp"

namespace lernwerk {

template <class T, class S>
void convert(T* y, const S* x, int64_t n) {
  if constexpr (std::is_same_v<T, float> && std::is_same_v<S, Narrow>) {
    widen(y, x, n);
  } else if constexpr (std::is_same_v<T, Narrow> && std::is_same_v<S, float>) {
    if (bfloat16::available())
      bfloat16::round_row(x, n, n, reinterpret_cast<uint16_t*>(y));
    else
      narrow(y, x, n);
  } else if constexpr (std::is_same_v<S, Narrow>) {
    for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(load_as<float>(x + i));
  } else if constexpr (std::is_same_v<T, Narrow>) {
    for (int64_t i = 0; i < n; ++i) store_as(y + i, static_cast<float>(x[i]));
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(x[i]);
  }
}

// n elements from `start` on of an array of any type, as the type of the registers.
template <class T>
void load_converted(T* y, const char* x, Type type, int64_t start, int64_t n) {
  switch (type) {
    case Type::float32:
      return convert(y, reinterpret_cast<const float*>(x) + start, n);
    case Type::float64:
      return convert(y, reinterpret_cast<const double*>(x) + start, n);
    case Type::int32:
      return convert(y, reinterpret_cast<const int32_t*>(x) + start, n);
    case Type::int64:
      return convert(y, reinterpret_cast<const int64_t*>(x) + start, n);
    case Type::uint32:
      return convert(y, reinterpret_cast<const uint32_t*>(x) + start, n);
    case Type::boolean:
      return convert(y, reinterpret_cast<const uint8_t*>(x) + start, n);
    case Type::narrow:
      return convert(y, reinterpret_cast<const Narrow*>(x) + start, n);
  }
}

template <class T>
void store_converted(char* y, Type type, int64_t start, const T* x, int64_t n) {
  switch (type) {
    case Type::float32:
      return convert(reinterpret_cast<float*>(y) + start, x, n);
    case Type::float64:
      return convert(reinterpret_cast<double*>(y) + start, x, n);
    case Type::int32:
      return convert(reinterpret_cast<int32_t*>(y) + start, x, n);
    case Type::int64:
      return convert(reinterpret_cast<int64_t*>(y) + start, x, n);
    case Type::uint32:
      // By way of a signed number: a negative one wraps around, as in NumPy.
      for (int64_t i = 0; i < n; ++i) {
        reinterpret_cast<uint32_t*>(y)[start + i] =
            static_cast<uint32_t>(static_cast<int64_t>(x[i]));
      }
      return;
    case Type::boolean:
      for (int64_t i = 0; i < n; ++i) reinterpret_cast<uint8_t*>(y)[start + i] = x[i] != 0;
      return;
    case Type::narrow:
      return convert(reinterpret_cast<Narrow*>(y) + start, x, n);
  }
}

}  // namespace lernwerk
