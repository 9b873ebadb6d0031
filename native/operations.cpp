#include "operations.hpp"

#include <cmath>
#include <cstring>
#include <type_traits>

#include "bfloat16.hpp"
#include "division.hpp"
#include "masked.hpp"
#include "vector.hpp"
#include "vector_math.hpp"

namespace lernwerk {

// The loops of an operation, by the operands that are single numbers (bit 0 for a, ...); null where
// there is none, which then wants them repeated.
template <class T>
struct Named {
  const char* name;
  Operation<T> run[8];
  bool one_by_one = false;
};

// An operand of a loop: an array, or one number for all elements.
template <bool SINGLE>
struct Source {
  const float* from;
  floats all{};

  explicit Source(const float* from) : from(from) {
    if constexpr (SINGLE) all = splat(*from);
  }
  floats whole(int64_t i) const { return SINGLE ? all : load(from + i); }
  floats part(int64_t i, int64_t n) const { return SINGLE ? all : load_masked(from + i, n, 0); }
};

// Whole vectors, then the rest of the tile.
template <class Function, class... Operands>
static inline void each_vector(float* y, int64_t n, const Function& of, const Operands&... x) {
  int64_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH) store(y + i, of(x.whole(i)...));
  if (i < n) store_masked(y + i, of(x.part(i, n - i)...), n - i);
}

template <class F, class... Operands>
static inline void loop(float* y, int64_t n, const Operands&... x) {
  each_vector(y, n, [](const auto&... v) { return F::of(v...); }, x...);
}

template <class F>
static void loop1(float* y, const float* a, const float*, const float*, int64_t n) {
  loop<F>(y, n, Source<false>(a));
}

template <class F, int S = 0>
static void loop2(float* y, const float* a, const float* b, const float*, int64_t n) {
  loop<F>(y, n, Source<(S & 1) != 0>(a), Source<(S & 2) != 0>(b));
}

template <class F, int S = 0>
static void loop3(float* y, const float* a, const float* b, const float* c, int64_t n) {
  loop<F>(y, n, Source<(S & 1) != 0>(a), Source<(S & 2) != 0>(b), Source<(S & 4) != 0>(c));
}

// The loops of an operation that is quick enough for loads to matter.
template <class F>
static constexpr Named<float> binary(const char* name) {
  return {name, {loop2<F>, loop2<F, 1>, loop2<F, 2>, loop2<F, 3>}};
}

template <class F>
static constexpr Named<float> ternary(const char* name) {
  return {name,
          {loop3<F>, loop3<F, 1>, loop3<F, 2>, loop3<F, 3>, loop3<F, 4>, loop3<F, 5>, loop3<F, 6>,
           loop3<F, 7>}};
}

// Loops for the other types, one element at a time.
template <class T, T (*f)(T)>
static void plain1(T* y, const T* a, const T*, const T*, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = f(a[i]);
}

template <class T, T (*f)(T, T)>
static void plain2(T* y, const T* a, const T* b, const T*, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = f(a[i], b[i]);
}

template <class T>
static void plain_where(T* y, const T* a, const T* b, const T* c, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = a[i] != 0 ? b[i] : c[i];
}

#define UNARY(name, expression)                       \
  struct name {                                       \
    static floats of(floats a) { return expression; } \
  }
#define BINARY(name, expression)                                \
  struct name {                                                 \
    static floats of(floats a, floats b) { return expression; } \
  }

#define TERNARY(name, expression)                                         \
  struct name {                                                           \
    static floats of(floats a, floats b, floats c) { return expression; } \
  }

// Truth in a register is 1, falsehood 0; every other number counts as true.
static inline floats truth(ints condition) { return select(condition, splat(1), splat(0)); }
static inline ints not_number(floats a) { return a != a; }

// NaN wins, as in NumPy.
static inline floats larger(floats a, floats b) { return select((a > b) | not_number(a), a, b); }
static inline floats smaller(floats a, floats b) { return select((a < b) | not_number(a), a, b); }

template <class T>
static T floored_quotient(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) return 0;
    if (b == -1)
      return static_cast<T>(-static_cast<uint64_t>(a));  // the least number has no negative
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
  } else {
    if (b == 0) return a / b;
    T rest = std::fmod(a, b);
    T quotient = (a - rest) / b;
    if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(T(0), a / b);
    T whole = std::floor(quotient);
    return quotient - whole > T(0.5) ? whole + 1 : whole;
  }
}

template <class T>
static T floored_rest(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0 || b == -1) return 0;
    T rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  } else {
    T rest = std::fmod(a, b);
    if (b == 0) return rest;
    if (rest == 0) return std::copysign(T(0), b);
    return (rest < 0) != (b < 0) ? rest + b : rest;
  }
}

UNARY(Copy, a);
UNARY(Negative, -a);
UNARY(Absolute, absolute(a));
UNARY(Sign, select(not_number(a), a, truth(a > 0) - truth(a < 0)));
UNARY(Exp, exponential(a));
UNARY(Expm1, exponential_minus_one(a));
UNARY(Log, logarithm(a));
UNARY(Log1p, logarithm_of_one_plus(a));
UNARY(Sqrt, square_root(a));
UNARY(Square, a* a);
UNARY(Sin, sine(a));
UNARY(Cos, cosine(a));
UNARY(Tan, tangent(a));
UNARY(Arctan, arctangent(a));
UNARY(Tanh, hyperbolic_tangent(a));
UNARY(Sigmoid, logistic(a));
UNARY(Softplus, softplus(a));
UNARY(Erf, error_function(a));
UNARY(Relu, select(a <= 0, splat(0), a));  // NaN stays
UNARY(Floor, floor(a));
UNARY(Ceil, ceil(a));
UNARY(Round, round_half_even(a));
UNARY(RoundBfloat16, bfloat16::rounded(a));
UNARY(Not, truth(a == 0));
UNARY(IsNan, truth(not_number(a)));
UNARY(IsFinite, truth(absolute(a) < __builtin_inff()));
BINARY(Add, a + b);
BINARY(Subtract, a - b);
BINARY(Multiply, a* b);
BINARY(Divide, a / b);
BINARY(Maximum, larger(a, b));
BINARY(Minimum, smaller(a, b));
BINARY(Equal, truth(a == b));
BINARY(NotEqual, truth(a != b));
BINARY(Less, truth(a < b));
BINARY(LessEqual, truth(a <= b));
BINARY(Greater, truth(a > b));
BINARY(GreaterEqual, truth(a >= b));
BINARY(And, truth((a != 0) & (b != 0)));
BINARY(Or, truth((a != 0) | (b != 0)));
// max(z, 0) - z t + ln(1 + e^-|z|) for logits z and targets t
BINARY(SigmoidCrossentropy,
       larger(a, splat(0)) - a * b + logarithm_of_one_plus(exponential(-absolute(a))));

TERNARY(Where, select(a != 0, b, c));

// What networks, the reverse walk and the optimizers ask for all the time, in one pass over
// registers.
TERNARY(WherePositive, select(a > 0, b, c));
TERNARY(MultiplyAdd, a* b + c);
TERNARY(Approach, (a - b) * c + b);
TERNARY(ApproachSquare, (a * a - b) * c + b);
BINARY(SqrtAdd, square_root(a) + b);
TERNARY(DivideByRoot, quotient(a, square_root(b) + c));
BINARY(RoundAdd, bfloat16::rounded(a) + b);
BINARY(AddRelu, Relu::of(a + b));
BINARY(RoundAddRelu, Relu::of(bfloat16::rounded(a) + b));

static void divide_by_one(float* y, const float* a, const float* b, const float* c, int64_t n) {
  if (!Divisor::serves(*b)) return loop2<Divide, 2>(y, a, b, c, n);
  each_vector(y, n, Divisor(*b), Source<false>(a));
}

static const Named<float> FLOAT_OPERATIONS[] = {
    {"copy", {loop1<Copy>}},
    {"negative", {loop1<Negative>}},
    {"absolute", {loop1<Absolute>}},
    {"sign", {loop1<Sign>}},
    {"exp", {loop1<Exp>}},
    {"expm1", {loop1<Expm1>}},
    {"log", {loop1<Log>}},
    {"log1p", {loop1<Log1p>}},
    {"sqrt", {loop1<Sqrt>}},
    {"square", {loop1<Square>}},
    {"sin", {loop1<Sin>}},
    {"cos", {loop1<Cos>}},
    {"tan", {loop1<Tan>}},
    {"arctan", {loop1<Arctan>}},
    {"tanh", {loop1<Tanh>}},
    {"sigmoid", {loop1<Sigmoid>}},
    {"softplus", {loop1<Softplus>}},
    {"erf", {loop1<Erf>}},
    {"relu", {loop1<Relu>}},
    {"floor", {loop1<Floor>}},
    {"ceil", {loop1<Ceil>}},
    {"round", {loop1<Round>}},
    {"round_bfloat16", {loop1<RoundBfloat16>}},
    {"logical_not", {loop1<Not>}},
    {"is_nan", {loop1<IsNan>}},
    {"is_finite", {loop1<IsFinite>}},
    binary<Add>("add"),
    binary<Subtract>("subtract"),
    binary<Multiply>("multiply"),
    {"divide", {loop2<Divide>, loop2<Divide, 1>, divide_by_one, loop2<Divide, 3>}},
    {"power", {plain2<float, std::pow>}, true},
    binary<Maximum>("maximum"),
    binary<Minimum>("minimum"),
    {"floor_divide", {plain2<float, floored_quotient<float>>}, true},
    {"remainder", {plain2<float, floored_rest<float>>}, true},
    binary<Equal>("equal"),
    binary<NotEqual>("not_equal"),
    binary<Less>("less"),
    binary<LessEqual>("less_equal"),
    binary<Greater>("greater"),
    binary<GreaterEqual>("greater_equal"),
    binary<And>("logical_and"),
    binary<Or>("logical_or"),
    {"sigmoid_crossentropy", {loop2<SigmoidCrossentropy>}},
    ternary<Where>("where"),
    ternary<WherePositive>("where_positive"),
    ternary<MultiplyAdd>("multiply_add"),
    ternary<Approach>("approach"),
    ternary<ApproachSquare>("approach_square"),
    binary<SqrtAdd>("sqrt_add"),
    ternary<DivideByRoot>("divide_by_root"),
    binary<RoundAdd>("round_add"),
    binary<AddRelu>("add_relu"),
    binary<RoundAddRelu>("round_add_relu"),
};

// Arithmetic of integers wraps around, as in NumPy.
template <class T, char symbol>
static T arithmetic(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Unsigned = std::make_unsigned_t<T>;
    const auto p = static_cast<Unsigned>(a), q = static_cast<Unsigned>(b);
    if constexpr (symbol == '+') return static_cast<T>(p + q);
    if constexpr (symbol == '-') return static_cast<T>(p - q);
    return static_cast<T>(p * q);
  } else {
    if constexpr (symbol == '+') return a + b;
    if constexpr (symbol == '-') return a - b;
    return a * b;
  }
}

template <class T>
static T copied(T a) {
  return a;
}
template <class T>
static T negated(T a) {
  return arithmetic<T, '-'>(0, a);
}
template <class T>
static T sized(T a) {
  return a < 0 ? negated(a) : a;
}
template <class T>
static T squared(T a) {
  return arithmetic<T, '*'>(a, a);
}
template <class T>
static T sign_of(T a) {
  return a != a ? a : T((a > 0) - (a < 0));
}
template <class T>
static T rectified(T a) {
  return a > 0 || a != a ? a : T(0);
}
template <class T>
static T inverted(T a) {
  return a == 0;
}
template <class T>
static T is_nan(T a) {
  return a != a;
}
template <class T>
static T is_finite(T a) {
  return a - a == 0;
}
template <class T>
static T larger_of(T a, T b) {
  return a > b || a != a ? a : b;
}
template <class T>
static T smaller_of(T a, T b) {
  return a < b || a != a ? a : b;
}
template <class T>
static T equal(T a, T b) {
  return a == b;
}
template <class T>
static T not_equal(T a, T b) {
  return a != b;
}
template <class T>
static T less(T a, T b) {
  return a < b;
}
template <class T>
static T less_equal(T a, T b) {
  return a <= b;
}
template <class T>
static T greater(T a, T b) {
  return a > b;
}
template <class T>
static T greater_equal(T a, T b) {
  return a >= b;
}
template <class T>
static T both(T a, T b) {
  return a != 0 && b != 0;
}
template <class T>
static T either(T a, T b) {
  return a != 0 || b != 0;
}

#define PLAIN_OPERATIONS(T)                                                                        \
  {"copy", {plain1<T, copied<T>>}}, {"negative", {plain1<T, negated<T>>}},                         \
      {"absolute", {plain1<T, sized<T>>}}, {"square", {plain1<T, squared<T>>}},                    \
      {"sign", {plain1<T, sign_of<T>>}}, {"relu", {plain1<T, rectified<T>>}},                      \
      {"logical_not", {plain1<T, inverted<T>>}}, {"is_nan", {plain1<T, is_nan<T>>}},               \
      {"is_finite", {plain1<T, is_finite<T>>}}, {"add", {plain2<T, arithmetic<T, '+'>>}},          \
      {"subtract", {plain2<T, arithmetic<T, '-'>>}},                                               \
      {"multiply", {plain2<T, arithmetic<T, '*'>>}}, {"maximum", {plain2<T, larger_of<T>>}},       \
      {"minimum", {plain2<T, smaller_of<T>>}}, {"floor_divide", {plain2<T, floored_quotient<T>>}}, \
      {"remainder", {plain2<T, floored_rest<T>>}}, {"equal", {plain2<T, equal<T>>}},               \
      {"not_equal", {plain2<T, not_equal<T>>}}, {"less", {plain2<T, less<T>>}},                    \
      {"less_equal", {plain2<T, less_equal<T>>}}, {"greater", {plain2<T, greater<T>>}},            \
      {"greater_equal", {plain2<T, greater_equal<T>>}}, {"logical_and", {plain2<T, both<T>>}},     \
      {"logical_or", {plain2<T, either<T>>}}, {                                                    \
    "where", { plain_where<T> }                                                                    \
  }

static double quotient(double a, double b) { return a / b; }

static const Named<double> DOUBLE_OPERATIONS[] = {
    PLAIN_OPERATIONS(double),
    {"divide", {plain2<double, quotient>}},
    {"power", {plain2<double, std::pow>}},
    {"exp", {plain1<double, std::exp>}},
    {"expm1", {plain1<double, std::expm1>}},
    {"log", {plain1<double, std::log>}},
    {"log1p", {plain1<double, std::log1p>}},
    {"sqrt", {plain1<double, std::sqrt>}},
    {"sin", {plain1<double, std::sin>}},
    {"cos", {plain1<double, std::cos>}},
    {"tan", {plain1<double, std::tan>}},
    {"arctan", {plain1<double, std::atan>}},
    {"tanh", {plain1<double, std::tanh>}},
    {"erf", {plain1<double, std::erf>}},
    {"floor", {plain1<double, std::floor>}},
    {"ceil", {plain1<double, std::ceil>}},
    {"round", {plain1<double, std::nearbyint>}},
};
static const Named<int32_t> INT32_OPERATIONS[] = {PLAIN_OPERATIONS(int32_t)};
static const Named<int64_t> INT64_OPERATIONS[] = {PLAIN_OPERATIONS(int64_t)};

template <class T>
static auto& operations() {
  if constexpr (std::is_same_v<T, float>)
    return FLOAT_OPERATIONS;
  else if constexpr (std::is_same_v<T, double>)
    return DOUBLE_OPERATIONS;
  else if constexpr (std::is_same_v<T, int32_t>)
    return INT32_OPERATIONS;
  else
    return INT64_OPERATIONS;
}

template <class T>
Operation<T> operation(int64_t number, int singles) {
  return operations<T>()[number].run[singles];
}

bool works_on_vectors(int64_t number) { return !FLOAT_OPERATIONS[number].one_by_one; }

template <class T>
int64_t number_of(const char* name) {
  int64_t number = 0;
  for (const auto& each : operations<T>()) {
    if (std::strcmp(each.name, name) == 0) return number;
    ++number;
  }
  return -1;
}

template Operation<float> operation<float>(int64_t, int);
template Operation<double> operation<double>(int64_t, int);
template Operation<int32_t> operation<int32_t>(int64_t, int);
template Operation<int64_t> operation<int64_t>(int64_t, int);
template int64_t number_of<float>(const char*);
template int64_t number_of<double>(const char*);
template int64_t number_of<int32_t>(const char*);
template int64_t number_of<int64_t>(const char*);

}  // namespace lernwerk
