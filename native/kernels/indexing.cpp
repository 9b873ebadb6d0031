// Gathers, scatters and one-hot vectors.
#include "kernel.hpp"

using namespace lernwerk;

// Inputs: indices (n) int32. Outputs: y (n, depth) float32. Parameters: n, depth.
KERNEL(one_hot) {
  const int32_t* indices = call.in<int32_t>(0);
  float* y = call.out<float>(0);
  const int64_t count = call.whole[0], depth = call.whole[1];
  for (int64_t i = 0; i < count * depth; ++i) y[i] = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (indices[i] >= 0 && indices[i] < depth) y[i * depth + indices[i]] = 1;
  }
  return true;
}
