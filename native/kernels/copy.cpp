// Moving bytes.
#include <algorithm>
#include <cstring>

#include "kernel.hpp"

// Inputs: x. Outputs: a copy of it. Parameters: bytes.
KERNEL(copy_bytes) {
  const int64_t bytes = call.whole[0];
  constexpr int64_t EACH = 1 << 18;  // 256 kB take about 20 microseconds
  call.pool.each((bytes + EACH - 1) / EACH, [&](int64_t chunk, int) {
    const int64_t start = chunk * EACH;
    std::memcpy(call.outputs[0] + start, call.inputs[0] + start,
                static_cast<size_t>(std::min(EACH, bytes - start)));
  });
  return true;
}
