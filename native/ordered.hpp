// Floats as whole numbers of the same order.
#pragma once

#include <cstdint>
#include <cstring>

namespace lernwerk {

// Bits that are ordered as floats are: negative numbers count backwards, -0 is 0, NaN is last.
inline uint32_t ordered_bits(float x) {
  const float plain = x + 0.0f;
  uint32_t bits;
  std::memcpy(&bits, &plain, sizeof bits);
  const uint32_t sign = static_cast<uint32_t>(static_cast<int32_t>(bits) >> 31);
  const uint32_t ordered = bits ^ (sign | 0x80000000u);
  return x != x ? 0xffffffffu : ordered;
}

}  // namespace lernwerk
