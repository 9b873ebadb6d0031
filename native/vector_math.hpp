// Exponential, logarithm, sine and their kin on vectors of floats, within 2 units of the last
// place.
//
// Each function brings its argument into a short interval, evaluates a polynomial there and puts
// the result together, for all lanes alike. scripts/minimax.py finds the polynomials.
#pragma once

#include <cmath>
#include <limits>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#include "vector.hpp"

namespace lernwerk {

typedef double doubles __attribute__((vector_size(WIDTH * 8)));

inline constexpr float INFINITE = std::numeric_limits<float>::infinity();
inline constexpr float NOT_A_NUMBER = std::numeric_limits<float>::quiet_NaN();
// Added to a small number it leaves no room for a fraction: the sum holds the nearest whole number.
inline constexpr float ROUNDER = 1.5f * (1 << 23);
// ln 2 in two parts; the first has so few digits that its multiples by exponents are exact.
inline constexpr float LN2_HIGH = 0.693359375f, LN2_LOW = -2.12194440e-4f;

// c[0] + c[1] v + c[2] v^2 ...
template <int N>
static inline floats polynomial(floats v, const float (&c)[N]) {
  floats y = splat(c[N - 1]);
  for (int i = N - 2; i >= 0; --i) y = y * v + c[i];
  return y;
}

static inline bool any(ints condition) {
  int32_t found = 0;
  for (int i = 0; i < WIDTH; ++i) found |= condition[i];
  return found != 0;
}

static inline floats with_sign_of(floats size, floats sign) {
  return as_floats((as_ints(size) & 0x7fffffff) | (as_ints(sign) & INT32_MIN));
}

// Calls a function for each lane: for what is rare, or has no short vector form.
template <class Function>
static inline floats lane_by_lane(floats v, const Function& function) {
  for (int i = 0; i < WIDTH; ++i) v[i] = function(v[i]);
  return v;
}

// From 2^23 on every float is whole; below, ROUNDER works where the processor has no instruction.
static inline floats round_half_even(floats v) {
#if defined(__AVX512F__)
  return _mm512_maskz_roundscale_ps(0xffff, v, _MM_FROUND_TO_NEAREST_INT);
#else
  const floats rounder = splat(1 << 23);
  const floats rounded = (absolute(v) + rounder) - rounder;
  return select(absolute(v) < rounder, with_sign_of(rounded, v), v);
#endif
}

static inline floats floor(floats v) {
  const floats near = round_half_even(v);
  return select(near > v, near - 1.0f, near);
}

static inline floats ceil(floats v) {
  const floats near = round_half_even(v);
  return select(near < v, with_sign_of(near + 1.0f, v), near);
}

// Bits as numbers that may overflow, as they do in lanes with NaN, whose results nobody uses.
static inline words as_words(floats v) { return reinterpret_cast<words>(v); }
static inline floats from_words(words v) { return reinterpret_cast<floats>(v); }

// 2^n for whole n from -126 to 127.
static inline floats power_of_two(ints n) {
  return from_words((reinterpret_cast<words>(n) + 127) << 23);
}

// v 2^n for whole n from -250 to 250, rounded once also where the result is subnormal.
static inline floats scaled(floats v, floats n) {
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_ps(0xffff, v, n);
#else
  const ints whole = __builtin_convertvector(n, ints);
  const ints half = whole >> 1;
  return v * power_of_two(half) * power_of_two(whole - half);
#endif
}

// x = n ln 2 + r with |r| <= ln 2 / 2.
struct Split {
  floats n, r;
};

static inline Split split_by_ln2(floats x) {
  const floats n = (x * 1.44269504f + ROUNDER) - ROUNDER;
  return {n, x - n * LN2_HIGH - n * LN2_LOW};
}

// e^x = 2^n e^r; above the upper bound infinity all the same. Where the result is 0, 0 is scaled:
// processors take a hundred times as long over a product that underflows.
static inline floats exponential(floats x) {
  const auto [n, r] = split_by_ln2(maximum(splat(-105), minimum(splat(90), x)));
  const floats p =
      polynomial(r, {0.499999935f, 0.166665207f, 0.0416683874f, 0.00836870983f, 0.001381461f});
  return scaled(select(x < -104.0f, floats{}, p * (r * r) + r + 1.0f), n);
}

// e^x - 1 = 2^n (e^r - 1) + (2^n - 1), at half the size, as 2^128 is no float.
static inline floats exponential_minus_one(floats x) {
  const auto [n, r] = split_by_ln2(maximum(splat(-30), minimum(splat(89), x)));
  const floats p =
      polynomial(r, {0.499999982f, 0.166665437f, 0.0416671996f, 0.008366514f, 0.00138825251f});
  const floats half_power = power_of_two(__builtin_convertvector(n - 1.0f, ints));
  const floats half = half_power * (p * (r * r) + r) + (half_power - 0.5f);
  return select(absolute(x) < 0x1p-25f, x, half + half);
}

// ln(2^n (1 + f)) for f from sqrt(1/2) - 1 to sqrt(2) - 1.
static inline floats logarithm_of_parts(floats n, floats f) {
  const floats p =
      polynomial(f, {0.333333126f, -0.250000096f, 0.200021185f, -0.166679954f, 0.142195544f,
                     -0.124055983f, 0.118881578f, -0.116755952f, 0.0674658122f});
  const floats square = f * f;
  const floats small = n * LN2_LOW + p * (square * f) - square * 0.5f;
  return n * LN2_HIGH + (f + small);
}

// The n for which positive, normal x lies between 2^n sqrt(1/2) and 2^n sqrt(2).
static inline ints exponent(floats x) {
  return reinterpret_cast<ints>(as_words(x) - as_words(splat(0.707106781f))) >> 23;
}

// x 2^-n for the n above.
static inline floats fraction(floats x, ints n) {
  return from_words(as_words(x) - (reinterpret_cast<words>(n) << 23));
}

// The limits of the logarithm at 0 and infinity, and NaN below 0; elsewhere y.
static inline floats logarithm_limits(floats x, floats y) {
  const floats limit =
      select(x == 0.0f, splat(-INFINITE), select(x < 0.0f, splat(NOT_A_NUMBER), x));
  return select((x > 0.0f) & (x < INFINITE), y, limit);
}

static inline floats logarithm(floats x) {
  const ints subnormal = x < std::numeric_limits<float>::min();
  const floats normal = select(subnormal, x * 0x1p23f, x);
  const ints n = exponent(normal);
  const floats f = fraction(normal, n) - 1.0f;
  const floats y = logarithm_of_parts(__builtin_convertvector(n - (subnormal & 23), floats), f);
  return logarithm_limits(x, y);
}

// ln(1 + x): the rounding error of u = 1 + x is added to its fraction.
static inline floats logarithm_of_one_plus(floats x) {
  const floats u = x + 1.0f;
  const floats error = select(x > 1.0f, 1.0f - (u - x), x - (u - 1.0f));
  const ints n = exponent(u);
  const floats f = fraction(u, n) - 1.0f;
  const floats shift = power_of_two(1 - n) * 0.5f;  // 2^-n; n may be 128
  const floats y = logarithm_of_parts(__builtin_convertvector(n, floats), f + error * shift);
  return select(x == 0.0f, x, logarithm_limits(u, y));
}

// tanh x = (e^2x - 1) / (e^2x + 1); from 10 on it is 1.
static inline floats hyperbolic_tangent(floats x) {
  const floats size = minimum(splat(10), absolute(x));
  const floats power = exponential_minus_one(size + size);
  return with_sign_of(power / (power + 2.0f), x);
}

// 1 / (1 + e^-x), by e^-|x|, which cannot overflow.
static inline floats logistic(floats x) {
  const floats power = exponential(-absolute(x));
  return select(x < 0.0f, power, splat(1)) / (power + 1.0f);
}

// ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)
static inline floats softplus(floats x) {
  const floats positive = select(x < 0.0f, floats{}, x);
  return positive + logarithm_of_one_plus(exponential(-absolute(x)));
}

// Up to 1 by an odd polynomial; beyond it as 1 - erfc, by the logarithm of erfc; from 4 on it is 1.
static inline floats error_function(floats x) {
  const floats size = minimum(splat(4), absolute(x));
  const floats near = polynomial(x * x, {0.128379166f, -0.376126258f, 0.112835851f, -0.0268538119f,
                                         0.00518832756f, -0.000801019259f, 7.85385816e-05f});
  const floats far =
      polynomial(size, {0.000188468045f, -1.12958031f, -0.633216396f, -0.1084221f, 0.02521034f,
                        -0.00420528479f, 0.000441472651f, -2.16976137e-05f});
  return select(size < 1.0f, near * x + x, with_sign_of(1.0f - exponential(far), x));
}

struct Waves {
  floats sine, cosine;
};

// Sine and cosine of n quarter turns and an angle r of at most an eighth of a turn.
static inline Waves waves(ints n, floats r) {
  const floats square = r * r;
  const floats p =
      polynomial(square, {-0.166666666f, 0.0083333293f, -0.000198393123f, 2.71812163e-06f});
  const floats q = polynomial(square, {0.0416666457f, -0.00138873163f, 2.44331571e-05f});
  const floats sine = p * (square * r) + r;
  const floats cosine = q * (square * square) - square * 0.5f + 1.0f;
  const ints even = (n & 1) == 0;
  const ints sine_sign = (n & 2) << 30, cosine_sign = ((n + 1) & 2) << 30;
  return {as_floats(as_ints(select(even, sine, cosine)) ^ sine_sign),
          as_floats(as_ints(select(even, cosine, sine)) ^ cosine_sign)};
}

// Larger angles than this go through the standard library: the reduction below loses digits there.
inline constexpr float LARGEST_ANGLE = 1e6f;

// In double precision pi / 2 in two parts leaves an exact enough rest; the first part has 33 bits,
// so that multiples of it are exact.
static inline Waves waves_of_angle(floats x) {
  const doubles wide = __builtin_convertvector(x, doubles);
  const double rounder = 1.5 * (1ll << 52);
  const doubles n = (wide * 0.6366197723675814 + rounder) - rounder;
  const doubles rest = wide - n * 0x1.921fb544p+0 - n * 0x1.0b4611a626331p-34;
  return waves(__builtin_convertvector(n, ints), __builtin_convertvector(rest, floats));
}

// Sine and cosine of 2 pi u for u in [0, 1).
static inline Waves waves_of_turn(floats u) {
  const floats n = (u * 4.0f + ROUNDER) - ROUNDER;
  return waves(__builtin_convertvector(n, ints), (u * 4.0f - n) * 1.57079633f);
}

static inline floats sine(floats x) {
  if (any(absolute(x) > LARGEST_ANGLE)) {
    return lane_by_lane(x, [](float each) { return std::sin(each); });
  }
  return waves_of_angle(x).sine;
}

static inline floats cosine(floats x) {
  if (any(absolute(x) > LARGEST_ANGLE)) {
    return lane_by_lane(x, [](float each) { return std::cos(each); });
  }
  return waves_of_angle(x).cosine;
}

static inline floats tangent(floats x) {
  return lane_by_lane(x, [](float each) { return std::tan(each); });
}

static inline floats arctangent(floats x) {
  return lane_by_lane(x, [](float each) { return std::atan(each); });
}

static inline floats power(floats base, floats exponent) {
  for (int i = 0; i < WIDTH; ++i) base[i] = std::pow(base[i], exponent[i]);
  return base;
}

}  // namespace lernwerk
