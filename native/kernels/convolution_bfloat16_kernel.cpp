// The gradient of a kernel of a convolution in bfloat16.
#include <algorithm>

#include "kernel.hpp"
#include "windows.hpp"

using namespace lernwerk;
using bfloat16::aligned, bfloat16::blocks_of, bfloat16::DEPTH, bfloat16::LINES,
    bfloat16::round_padded, bfloat16::tiles_of, bfloat16::TILE_SIZE, bfloat16::width_of,
    bfloat16::Windows;

// Inputs: x, g, which may be narrow. Outputs: dw. Each part of the pictures has a sum of its own,
// transposed (out_c, taps * c): so the windows are the factor that needs no more than pairs of
// rows. Parameters: geometry, rows of g in a piece of work, parts, narrow operands.
KERNEL(convolution_kernel_gradient_bfloat16) {
  const Windows windows{Geometry(call.whole), call.whole[Geometry::COUNT]};
  const Geometry& g = windows.g;
  const int64_t parts = call.whole[Geometry::COUNT + 1], narrow = call.whole[Geometry::COUNT + 2];
  const int64_t depth = windows.depth(), size = g.kernel_size(), pieces = windows.pieces();
  float* sums = reinterpret_cast<float*>(call.shared);
  const bfloat16::Factor dy{call.inputs[1], g.out_c, g.batch * g.out_h * g.out_w,
                            g.out_c,        true,    (narrow & 2) != 0};
  with_form(narrow, 0, [&](auto form) {
    const auto* x = call.in<decltype(form)>(0);
    call.pool.each(parts, [&](int64_t part, int worker) {
      const Share mine = share(g.batch * pieces, parts, part);
      uint16_t* scratch = call.mine<uint16_t>(worker);
      uint16_t* a = scratch + windows.size();
      for (int64_t i = mine.first; i < mine.stop; ++i) {
        const int64_t image = i / pieces, piece = i % pieces;
        const int64_t pixels = windows.count(piece) * g.out_w, tiles = tiles_of(pixels);
        const uint16_t* rows = windows.copy(x + image * g.h * g.w * g.c, piece, scratch);
        const int64_t first = (image * g.out_h + piece * windows.rows) * g.out_w;
        uint16_t* b = a + blocks_of(g.out_c) * tiles * TILE_SIZE;
        bfloat16::pack_a(dy.part(0, g.out_c, first, pixels), a);
        bfloat16::pack_b(rows, windows.width(), depth, pixels, b);
        bfloat16::multiply({g.out_c, depth, tiles, a, tiles * TILE_SIZE, b, tiles * TILE_SIZE,
                            sums + part * size, depth, i > mine.first});
      }
    });
  });
  float* total = sums + parts * size;
  sum_parts(call.pool, sums, parts, size, total);
  float* dw = call.out<float>(0);
  for (int64_t k = 0; k < depth; ++k) {
    for (int64_t o = 0; o < g.out_c; ++o) dw[k * g.out_c + o] = total[o * depth + k];
  }
  return true;
}

namespace {

// For each tap of the kernel the picture, transposed once (c, pixels), is a factor that begins so
// many pixels later. The columns between the rows of g are zeros.
struct Shifted {
  Windows windows;
  const Geometry& g = windows.g;
  int64_t columns = g.columns_of(g.out_w);
  int64_t most = g.rows_of(windows.rows) * columns;  // pixels of a piece
  int64_t width = width_of(most + g.kernel_w + DEPTH);

  // Numbers of a padded picture, a transposed one, and the packed g, one behind the other.
  int64_t padded_size() const { return aligned(most * std::max(g.c, g.out_c)); }
  int64_t turned_size() const { return blocks_of(g.c) * LINES * width; }

  // Tiles of depth that all taps see while they, with those of two blocks of g, stay in the first
  // cache; of many channels even eight do not, and the sums would be read too often.
  int64_t tiles_together() const { return std::max<int64_t>(8, 512 / (g.c + 2 * LINES)); }

  void find_shifts(int64_t* shifts) const {
    for (int64_t tap = 0; tap < g.taps(); ++tap)
      shifts[tap] = tap / g.kernel_w * g.dilation_h * columns + tap % g.kernel_w;
  }

  template <class X, class G>
  void add_picture(const X* x, const G* dy, int64_t piece, const int64_t* shifts, uint16_t* scratch,
                   float* sums, bool accumulate) const;
};

template <class X, class G>
void Shifted::add_picture(const X* x, const G* dy, int64_t piece, const int64_t* shifts,
                          uint16_t* scratch, float* sums, bool accumulate) const {
  const int64_t first = piece * windows.rows, lines = windows.count(piece);
  const int64_t pixels = lines * columns, tiles = tiles_of(pixels);
  uint16_t *turned = scratch + padded_size(), *packed = turned + turned_size();
  const int64_t covered = g.rows_of(lines) * columns;
  bfloat16::round_rows({windows.rounded(x, piece, scratch), g.c, covered, g.c, true, true}, width,
                       turned);
  round_padded<G>({dy + first * g.out_w * g.out_c, lines, g.out_w, g.out_c}, {0, 0, lines, columns},
                  scratch);
  bfloat16::pack_b({scratch, g.out_c, pixels, g.out_c, true, true}, packed);
  for (int64_t k = 0; k < tiles; k += tiles_together()) {
    bfloat16::multiply({g.c, g.out_c, std::min(tiles_together(), tiles - k), turned + k * DEPTH,
                        LINES * width, packed + k * TILE_SIZE, tiles * TILE_SIZE, sums, g.out_c,
                        accumulate || k, width, DEPTH, 1, 0, shifts, g.taps(), g.c * g.out_c});
  }
}

}  // namespace

// The same with stride 1, see Shifted. Parameters: geometry, rows of g in a piece of work, parts,
// narrow operands.
KERNEL(convolution_kernel_gradient_shifted_bfloat16) {
  const Shifted shifted{{Geometry(call.whole), call.whole[Geometry::COUNT]}};
  const Geometry& g = shifted.g;
  const int64_t parts = call.whole[Geometry::COUNT + 1], narrow = call.whole[Geometry::COUNT + 2];
  const int64_t pieces = shifted.windows.pieces(), size = g.kernel_size();
  int64_t* shifts = reinterpret_cast<int64_t*>(call.shared);
  float* sums = reinterpret_cast<float*>(shifts + (g.taps() + 7) / 8 * 8);  // on the next line
  shifted.find_shifts(shifts);
  const auto add_part = [&](const auto* x, const auto* dy, int64_t part, int worker) {
    const Share mine = share(g.batch * pieces, parts, part);
    uint16_t* scratch = call.mine<uint16_t>(worker);
    std::fill_n(scratch + shifted.padded_size(), shifted.turned_size(), uint16_t{0});
    for (int64_t i = mine.first; i < mine.stop; ++i) {
      const int64_t image = i / pieces;
      shifted.add_picture(x + image * g.h * g.w * g.c, dy + image * g.out_h * g.out_w * g.out_c,
                          i % pieces, shifts, scratch, sums + part * size, i > mine.first);
    }
  };
  with_form(narrow, 0, [&](auto x) {
    with_form(narrow, 1, [&](auto dy) {
      call.pool.each(parts, [&](int64_t part, int worker) {
        add_part(call.in<decltype(x)>(0), call.in<decltype(dy)>(1), part, worker);
      });
    });
  });
  sum_parts(call.pool, sums, parts, size, call.out<float>(0));
  return true;
}
