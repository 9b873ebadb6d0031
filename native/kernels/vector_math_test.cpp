// The functions of vector_math.hpp one by one and dropout_scale, for their tests.
#include "vector_math.hpp"

#include "kernel.hpp"
#include "random.hpp"

using namespace lernwerk;

static floats by_number(int64_t number, floats x) {
  switch (number) {
    case 0:
      return exponential(x);
    case 1:
      return exponential_minus_one(x);
    case 2:
      return logarithm(x);
    case 3:
      return logarithm_of_one_plus(x);
    case 4:
      return hyperbolic_tangent(x);
    case 5:
      return logistic(x);
    case 6:
      return softplus(x);
    case 7:
      return error_function(x);
    case 8:
      return sine(x);
    case 9:
      return cosine(x);
    case 10:
      return tangent(x);
    case 11:
      return arctangent(x);
    case 12:
      return floor(x);
    case 13:
      return ceil(x);
    case 14:
      return round_half_even(x);
    default:
      return power(x, splat(2.5f));
  }
}

// Inputs: x (n) float32. Outputs: y (n) float32. Parameters: number of the function, n.
KERNEL(vector_math) {
  const float* x = call.in<float>(0);
  float* y = call.out<float>(0);
  const int64_t number = call.whole[0], n = call.whole[1];
  int64_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH) store(y + i, by_number(number, load(x + i)));
  if (i < n) store_part(y + i, by_number(number, load_part(x + i, n - i)), n - i);
  return true;
}

// Inputs: state (4) uint32. Outputs: mask (n) float32. Parameters: start, n, threshold; scale.
KERNEL(dropout_scale) {
  dropout_scale(call.in<uint32_t>(0), call.whole[0], call.whole[1],
                static_cast<uint32_t>(call.whole[2]), static_cast<float>(call.real[0]),
                call.out<float>(0));
  return true;
}
