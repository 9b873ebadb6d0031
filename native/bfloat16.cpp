// Packing and products: by tiles where the processor has AMX, else by vectors (AVX512-BF16).
//
// The plan is that of gemm.cpp; a tile of C is 32 by 32 in four registers of AMX, for which each
// tile of A and of B is loaded once for two products (Intel 2023, Optimization Reference Manual,
// chapter 20).
#include "bfloat16.hpp"

#include <algorithm>
#include <cstring>

#if defined(__AVX512BW__) && defined(__x86_64__) && defined(__linux__)
#define HAS_BFLOAT16
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace lernwerk::bfloat16 {

#if defined(HAS_BFLOAT16)

#define FOR_BFLOAT16 __attribute__((target("avx512bf16,avx512bw,avx512vl")))
#define FOR_TILES __attribute__((target("amx-tile,amx-bf16,avx512bf16"), noinline))

// ---- what the processor has

// Bits of CPUID leaf 7: subleaf 1 EAX 5 is AVX512-BF16; subleaf 0 EDX 22 and 24 AMX-BF16 and tiles.
static bool has_vectors() {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 5 & 1);
}

// Linux lends the registers to processes that ask: arch_prctl(ARCH_REQ_XCOMP_PERM, XTILEDATA).
static bool has_tiles() {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  if (!(d >> 22 & 1) || !(d >> 24 & 1)) return false;
  constexpr long ARCH_REQ_XCOMP_PERM = 0x1023, XTILEDATA = 18;
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XTILEDATA) == 0;
}

bool available() {
  static const bool found = has_vectors();
  return found;
}

static bool& by_tiles() {
  static bool tiles = available() && has_tiles();
  return tiles;
}

bool use_tiles(bool wanted) {
  static const bool possible = by_tiles();
  by_tiles() = wanted && possible;
  return possible;
}

// ---- packing

static __mmask16 first_of_16(int64_t count) {
  return static_cast<__mmask16>((1u << std::clamp<int64_t>(count, 0, 16)) - 1);
}

// The first `count` of 32 numbers in order; the others are zero.
FOR_BFLOAT16 static inline __m512i rounded_32(const float* x, int64_t count) {
  const __m512 low = _mm512_maskz_loadu_ps(first_of_16(count), x);
  const __m512 high = _mm512_maskz_loadu_ps(first_of_16(count - 16), x + 16);
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

static __mmask32 first_of_32(int64_t count) {
  return static_cast<__mmask32>((1ull << std::clamp<int64_t>(count, 0, 32)) - 1);
}

FOR_BFLOAT16 static inline __m512i rounded_32(const Narrow* x, int64_t count) {
  return _mm512_maskz_loadu_epi16(first_of_32(count), x);
}

template <class T>
FOR_BFLOAT16 static void round_row_of(const T* x, int64_t count, int64_t width, uint16_t* rounded) {
  for (int64_t i = 0; i < width; i += 32)
    _mm512_mask_storeu_epi16(rounded + i, first_of_32(width - i), rounded_32(x + i, count - i));
}

void round_row(const float* x, int64_t count, int64_t width, uint16_t* rounded) {
  round_row_of(x, count, width, rounded);
}

void round_row(const Narrow* x, int64_t count, int64_t width, uint16_t* rounded) {
  round_row_of(x, count, width, rounded);
}

void FOR_BFLOAT16 copy_windows(const uint16_t* from, int64_t windows, int64_t step, int64_t runs,
                               int64_t way, int64_t run, uint16_t* to, int64_t width) {
  const int64_t last = (run - 1) / DEPTH * DEPTH;
  const __mmask32 rest = ~0u >> (DEPTH - (run - last));
  for (int64_t i = 0; i < windows; ++i, from += step, to += width) {
    for (int64_t j = 0; j < runs; ++j) {
      const uint16_t* source = from + j * way;
      uint16_t* target = to + j * run;
      for (int64_t k = 0; k < last; k += DEPTH)
        _mm512_storeu_si512(target + k, _mm512_loadu_si512(source + k));
      _mm512_storeu_si512(target + last, _mm512_maskz_loadu_epi16(rest, source + last));
    }
    _mm512_storeu_si512(to + runs * run, _mm512_setzero_si512());
  }
}

void FOR_BFLOAT16 pack_b(const uint16_t* matrix, int64_t width, int64_t lines, int64_t depth,
                         uint16_t* packed) {
  alignas(64) static constexpr uint16_t ZIP[32] = {0,  32, 1,  33, 2,  34, 3,  35, 4,  36, 5,
                                                   37, 6,  38, 7,  39, 8,  40, 9,  41, 10, 42,
                                                   11, 43, 12, 44, 13, 45, 14, 46, 15, 47};
  const __m512i zip = _mm512_load_si512(ZIP);
  const __m512i zip_high = _mm512_add_epi16(zip, _mm512_set1_epi16(LINES));
  const int64_t tiles = tiles_of(depth), blocks = blocks_of(lines);
  for (int64_t pair = 0; pair < tiles * LINES; ++pair) {
    const uint16_t *first = matrix + 2 * pair * width, *second = first + width;
    const __mmask32 one = 2 * pair < depth ? ~0u : 0, two = 2 * pair + 1 < depth ? ~0u : 0;
    uint16_t* to = packed + pair * DEPTH;
    for (int64_t block = 0; block < blocks; block += 2) {
      const __m512i a = _mm512_maskz_loadu_epi16(one, one ? first + block * LINES : matrix);
      const __m512i b = _mm512_maskz_loadu_epi16(two, two ? second + block * LINES : matrix);
      uint16_t* here = to + block * tiles * TILE_SIZE;
      _mm512_storeu_si512(here, _mm512_permutex2var_epi16(a, zip, b));
      if (block + 1 < blocks)
        _mm512_storeu_si512(here + tiles * TILE_SIZE, _mm512_permutex2var_epi16(a, zip_high, b));
    }
  }
}

// 16 lines that each hold 32 elements of depth: the form of A.
template <class T>
FOR_BFLOAT16 static inline void load_lines(const T* x, int64_t stride, int64_t lines, int64_t depth,
                                           __m512i* rows) {
  for (int64_t i = 0; i < LINES; ++i)
    rows[i] = i < lines ? rounded_32(x + i * stride, depth) : _mm512_setzero_si512();
}

// The first numbers of two rows, side by side.
FOR_BFLOAT16 static inline __m512i rounded_pair(const float* low, __mmask16 in_low,
                                                const float* high, __mmask16 in_high) {
  const __m512 first = _mm512_maskz_loadu_ps(in_low, low);
  return (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(in_high, high), first);
}

FOR_BFLOAT16 static inline __m512i rounded_pair(const Narrow* low, __mmask16 in_low,
                                                const Narrow* high, __mmask16 in_high) {
  const __m512i first = _mm512_castsi256_si512(_mm256_maskz_loadu_epi16(in_low, low));
  return _mm512_inserti64x4(first, _mm256_maskz_loadu_epi16(in_high, high), 1);
}

// 16 pairs of depth, in each 16 lines whose two elements are neighbours: the form of B.
template <class T>
FOR_BFLOAT16 static inline void load_pairs(const T* x, int64_t stride, int64_t lines, int64_t depth,
                                           __m512i* rows) {
  alignas(64) static constexpr uint16_t ZIP[32] = {0,  16, 1,  17, 2,  18, 3,  19, 4,  20, 5,
                                                   21, 6,  22, 7,  23, 8,  24, 9,  25, 10, 26,
                                                   11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512i zip = _mm512_load_si512(ZIP);
  const __mmask16 inside = first_of_16(lines);
  for (int64_t i = 0; i < DEPTH / 2; ++i) {
    const T* pair = x + 2 * i * stride;
    const __mmask16 first = 2 * i < depth ? inside : 0, second = 2 * i + 1 < depth ? inside : 0;
    rows[i] = _mm512_permutexvar_epi16(
        zip, rounded_pair(first ? pair : x, first, second ? pair + stride : x, second));
  }
}

// Turns 16 rows of 16 double words: each form of a tile into the other.
FOR_BFLOAT16 static inline void turn(__m512i* rows) {
  __m512i a[16], b[16];
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {  // b[4 g + i] holds, of rows 4 g .., the columns i, 4 + i, ...
    const __m512i even_low = _mm512_shuffle_i32x4(b[i], b[4 + i], 0x88);
    const __m512i odd_low = _mm512_shuffle_i32x4(b[i], b[4 + i], 0xdd);
    const __m512i even_high = _mm512_shuffle_i32x4(b[8 + i], b[12 + i], 0x88);
    const __m512i odd_high = _mm512_shuffle_i32x4(b[8 + i], b[12 + i], 0xdd);
    rows[i] = _mm512_shuffle_i32x4(even_low, even_high, 0x88);
    rows[8 + i] = _mm512_shuffle_i32x4(even_low, even_high, 0xdd);
    rows[4 + i] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
    rows[12 + i] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd);
  }
}

// Where the parts of a packed factor lie.
struct Ways {
  int64_t block, tile, row;
};

template <bool PAIRS, class T>
FOR_BFLOAT16 static inline void pack_tile(const Factor& f, int64_t line, int64_t start,
                                          uint16_t* to, int64_t row) {
  const int64_t lines = std::min(LINES, f.lines - line), depth = std::min(DEPTH, f.depth - start);
  __m512i rows[16];
  const T* data = static_cast<const T*>(f.data) + f.way(line, start);
  if (f.side_by_side)
    load_pairs(data, f.stride, lines, depth, rows);
  else
    load_lines(data, f.stride, lines, depth, rows);
  if (f.side_by_side != PAIRS) turn(rows);
  for (int i = 0; i < 16; ++i) _mm512_storeu_si512(to + i * row, rows[i]);
}

// Tiles in the order in which they lie in memory.
template <bool PAIRS, class T>
FOR_BFLOAT16 static void pack_from(const Factor& f, uint16_t* packed, const Ways& ways) {
  const int64_t tiles = tiles_of(f.depth), blocks = blocks_of(f.lines);
  for (int64_t i = 0; i < tiles * blocks; ++i) {
    const int64_t block = f.side_by_side ? i % blocks : i / tiles;
    const int64_t tile = f.side_by_side ? i / blocks : i % tiles;
    pack_tile<PAIRS, T>(f, block * LINES, tile * DEPTH,
                        packed + block * ways.block + tile * ways.tile, ways.row);
  }
}

template <bool PAIRS>
static void pack(const Factor& f, uint16_t* packed, const Ways& ways) {
  if (f.narrow)
    pack_from<PAIRS, Narrow>(f, packed, ways);
  else
    pack_from<PAIRS, float>(f, packed, ways);
}

void pack_a(const Factor& factor, uint16_t* packed) {
  pack<false>(factor, packed, {tiles_of(factor.depth) * TILE_SIZE, TILE_SIZE, DEPTH});
}

void pack_b(const Factor& factor, uint16_t* packed) {
  pack<true>(factor, packed, {tiles_of(factor.depth) * TILE_SIZE, TILE_SIZE, DEPTH});
}

void round_rows(const Factor& factor, int64_t width, uint16_t* matrix) {
  pack<false>(factor, matrix, {LINES * width, DEPTH, width});
}

// ---- products

// A part of C of M by N tiles, in registers of AMX: 0 to 3 sums, 4 and 5 of A, 6 and 7 of B.
template <int M, int N>
FOR_TILES static void multiply_tiles(const Product& p, const uint16_t* a, const uint16_t* b,
                                     float* c, int64_t stride, bool accumulate) {
  asm volatile("" ::: "memory");
  const int64_t row = stride * 4, row_of_a = p.row_a * 2;
  float *right = c + LINES, *below = c + LINES * stride;
  if (accumulate) {
    _tile_loadd(0, c, row);
    if constexpr (N > 1) _tile_loadd(1, right, row);
    if constexpr (M > 1) _tile_loadd(2, below, row);
    if constexpr (M > 1 && N > 1) _tile_loadd(3, below + LINES, row);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t run = 0; run < p.runs; ++run, a += p.way_a) {
    const uint16_t* tile = a;
    for (int64_t k = 0; k < p.tiles; ++k, tile += p.step_a, b += TILE_SIZE) {
      _tile_loadd(4, tile, row_of_a);
      _tile_loadd(6, b, 64);
      if constexpr (M > 1) _tile_loadd(5, tile + p.stride_a, row_of_a);
      if constexpr (N > 1) _tile_loadd(7, b + p.stride_b, 64);
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (N > 1) _tile_dpbf16ps(1, 4, 7);
      if constexpr (M > 1) _tile_dpbf16ps(2, 5, 6);
      if constexpr (M > 1 && N > 1) _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, c, row);
  if constexpr (N > 1) _tile_stored(1, right, row);
  if constexpr (M > 1) _tile_stored(2, below, row);
  if constexpr (M > 1 && N > 1) _tile_stored(3, below + LINES, row);
  asm volatile("" ::: "memory");
}

// The same by vectors, tile by tile of C.
template <int M, int N>
FOR_BFLOAT16 static void multiply_vectors(const Product& p, const uint16_t* a, const uint16_t* b,
                                          float* c, int64_t stride, bool accumulate) {
  for (int m = 0; m < M; ++m) {
    for (int n = 0; n < N; ++n) {
      float* to = c + m * LINES * stride + n * LINES;
      __m512 sums[LINES];
      for (int i = 0; i < LINES; ++i)
        sums[i] = accumulate ? _mm512_loadu_ps(to + i * stride) : _mm512_setzero_ps();
      for (int64_t k = 0; k < p.runs * p.tiles; ++k) {
        const uint16_t* rows = a + m * p.stride_a + k / p.tiles * p.way_a + k % p.tiles * p.step_a;
        const uint16_t* pairs = b + n * p.stride_b + k * TILE_SIZE;
        for (int j = 0; j < DEPTH / 2; ++j) {
          const __m512i pair = _mm512_loadu_si512(pairs + j * DEPTH);
#pragma GCC unroll 16
          for (int i = 0; i < LINES; ++i) {
            int32_t element;
            std::memcpy(&element, rows + i * p.row_a + 2 * j, 4);
            sums[i] =
                _mm512_dpbf16_ps(sums[i], (__m512bh)_mm512_set1_epi32(element), (__m512bh)pair);
          }
        }
      }
      for (int i = 0; i < LINES; ++i) _mm512_storeu_ps(to + i * stride, sums[i]);
    }
  }
}

using Part = void (*)(const Product&, const uint16_t*, const uint16_t*, float*, int64_t, bool);
static constexpr Part BY_TILES[2][2] = {{multiply_tiles<1, 1>, multiply_tiles<1, 2>},
                                        {multiply_tiles<2, 1>, multiply_tiles<2, 2>}};
static constexpr Part BY_VECTORS[2][2] = {{multiply_vectors<1, 1>, multiply_vectors<1, 2>},
                                          {multiply_vectors<2, 1>, multiply_vectors<2, 2>}};

// The layout of the operand of LDTILECFG: palette 1, and for each register rows and bytes of a row.
struct alignas(64) TileShapes {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static constexpr TileShapes SHAPES;

// A part at the edge of C is computed beside it.
static void multiply_edge(const Product& p, Part part, const uint16_t* a, const uint16_t* b,
                          float* c, int64_t rows, int64_t columns) {
  alignas(64) float beside[2 * TILE_SIZE];
  constexpr int64_t SIDE = 2 * LINES;
  if (p.accumulate) {
    for (int64_t i = 0; i < rows; ++i) std::copy_n(c + i * p.stride_c, columns, beside + i * SIDE);
  }
  part(p, a, b, beside, SIDE, p.accumulate);
  for (int64_t i = 0; i < rows; ++i) std::copy_n(beside + i * SIDE, columns, c + i * p.stride_c);
}

FOR_TILES static void begin_tiles() { _tile_loadconfig(&SHAPES); }
FOR_TILES static void end_tiles() { _tile_release(); }

// The rows of A with two blocks of columns of B.
static void multiply_columns(const Product& p, int64_t j, const uint16_t* a, float* c) {
  constexpr int64_t SIDE = 2 * LINES;
  const auto& parts = by_tiles() ? BY_TILES : BY_VECTORS;
  const int64_t columns = std::min(SIDE, p.n - j);
  const uint16_t* b = p.b + j / LINES * p.stride_b;
  for (int64_t i = 0; i < p.m; i += SIDE, a += 2 * p.stride_a, c += SIDE * p.stride_c) {
    const int64_t rows = std::min(SIDE, p.m - i);
    const Part part = parts[rows > LINES][columns > LINES];
    if (rows % LINES || columns % LINES)
      multiply_edge(p, part, a, b, c, rows, columns);
    else
      part(p, a, b, c, p.stride_c, p.accumulate);
  }
}

void multiply(const Product& p) {
  if (by_tiles()) begin_tiles();
  for (int64_t j = 0; j < p.n; j += 2 * LINES) {
    for (int64_t repeat = 0; repeat < p.repeats; ++repeat)
      multiply_columns(p, j, p.a + (p.starts ? p.starts[repeat] : 0), p.c + repeat * p.way_c + j);
  }
  if (by_tiles()) end_tiles();
}

#else

bool available() { return false; }
bool use_tiles(bool) { return false; }
void pack_a(const Factor&, uint16_t*) {}
void pack_b(const Factor&, uint16_t*) {}
void round_rows(const Factor&, int64_t, uint16_t*) {}
void round_row(const float*, int64_t, int64_t, uint16_t*) {}
void round_row(const Narrow*, int64_t, int64_t, uint16_t*) {}
void copy_windows(const uint16_t*, int64_t, int64_t, int64_t, int64_t, int64_t, uint16_t*,
                  int64_t) {}
void pack_b(const uint16_t*, int64_t, int64_t, int64_t, uint16_t*) {}
void multiply(const Product&) {}

#endif

}  // namespace lernwerk::bfloat16
