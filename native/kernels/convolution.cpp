// Convolution and its gradients as products of windows that slide over the padded picture: as
// channels come last, a row of the kernel meets a run of neighbouring numbers, and no window needs
// to be copied. winograd.cpp and depthwise.cpp are faster in their cases.
#include "convolution.hpp"

#include "gemm.hpp"
#include "kernel.hpp"

using namespace lernwerk;

// The kernel of each group as a packed matrix (taps * c, o), one after the other.
static void pack_kernel(const Call& call, const Geometry& g, const float* w, float* packed) {
  const int64_t depth = g.taps() * g.group_c(), columns = g.group_out_c();
  const int64_t bytes = packed_b_bytes(depth, columns);
  const int64_t chunks = g.kernel_size() < SMALL ? 1 : 8;
  call.pool.each(chunks, [&](int64_t chunk, int) {
    const Share rows = share(depth, chunks, chunk);
    for (int64_t group = 0; group < g.groups; ++group) {
      pack_b_part(depth, rows.first, rows.stop - rows.first, columns,
                  w + rows.first * g.out_c + group * columns, g.out_c, false,
                  packed + group * bytes / 4);
    }
  });
}

// Inputs: x (batch, h, w, c), kernel (kernel_h, kernel_w, c / groups, out_c), bias (out_c) where
// the epilogue is not 0. Outputs: y (batch, out_h, out_w, out_c). Parameters: geometry, rows of y
// in a piece of work, chunks, bytes of the packed kernel, epilogue.
KERNEL(convolution) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t rows = more[0], chunks = more[1], packed_bytes = more[2], epilogue = more[3];
  const float* x = call.in<float>(0);
  const float* bias = epilogue == NOTHING ? nullptr : call.in<float>(2);
  float* y = call.out<float>(0);
  float* packed = reinterpret_cast<float*>(call.shared);
  int64_t* offsets = reinterpret_cast<int64_t*>(call.shared + packed_bytes);
  pack_kernel(call, g, call.in<float>(1), packed);
  const Rectangle all{-g.top, -g.left, g.rows_of(g.out_h), g.columns_of(g.out_w)};
  const bool copy = !all.inside(g.h, g.w);
  const int64_t row_length = (copy ? all.columns : g.w) * g.c;
  const int64_t runs = window_offsets(g, row_length, offsets);
  const int64_t depth = g.taps() * g.group_c() / runs;
  const int64_t group_bytes = packed_b_bytes(g.taps() * g.group_c(), g.group_out_c());
  const int64_t pieces = (g.out_h + rows - 1) / rows;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    const Share mine = share(g.batch * pieces, chunks, chunk);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const int64_t image = piece / pieces, first = piece % pieces * rows;
      const int64_t count = std::min(rows, g.out_h - first);
      const View view = cut({x + image * g.h * g.w * g.c, g.h, g.w, g.c},
                            {first * g.stride_h - g.top, -g.left, g.rows_of(count), all.columns},
                            copy, call.mine<float>(worker));
      float* to = y + (image * g.out_h + first) * g.out_w * g.out_c;
      for (int64_t group = 0; group < g.groups; ++group) {
        gemm_windows({count, g.stride_h * row_length, g.out_w * g.out_c, g.out_w, g.group_out_c(),
                      depth, runs, offsets, view.data + group * g.group_c(), g.stride_w * g.c,
                      packed + group * group_bytes / 4, to + group * g.group_out_c(), g.out_c,
                      false});
      }
      finish(to, count * g.out_w, g.out_c, g.out_c, bias, epilogue);
    }
  });
  return true;
}

// The same for few pixels and a large kernel, of one group: each chunk of work is some columns of
// the kernel, which is read once and packed where it is needed.
// Parameters: geometry, columns in a piece of work, bytes of such packed columns, epilogue.
KERNEL(convolution_columns) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t columns = more[0], packed_bytes = more[1], epilogue = more[2];
  const float* x = call.in<float>(0);
  const float* w = call.in<float>(1);
  const float* bias = epilogue == NOTHING ? nullptr : call.in<float>(2);
  int64_t* offsets = reinterpret_cast<int64_t*>(call.shared);
  const Rectangle all{-g.top, -g.left, g.rows_of(g.out_h), g.columns_of(g.out_w)};
  const bool copy = !all.inside(g.h, g.w);
  const int64_t row_length = (copy ? all.columns : g.w) * g.c;
  const int64_t runs = window_offsets(g, row_length, offsets), depth = g.taps() * g.c;
  call.pool.each((g.out_c + columns - 1) / columns, [&](int64_t chunk, int worker) {
    const int64_t first = chunk * columns, count = std::min(columns, g.out_c - first);
    float* packed = call.mine<float>(worker);
    pack_b(depth, count, w + first, g.out_c, false, packed);
    for (int64_t image = 0; image < g.batch; ++image) {
      const View view =
          cut({x + image * g.h * g.w * g.c, g.h, g.w, g.c}, all, copy, packed + packed_bytes / 4);
      float* to = call.out<float>(0) + image * g.out_h * g.out_w * g.out_c + first;
      gemm_windows({g.out_h, g.stride_h * row_length, g.out_w * g.out_c, g.out_w, count,
                    depth / runs, runs, offsets, view.data, g.stride_w * g.c, packed, to, g.out_c,
                    false});
      finish(to, g.out_h * g.out_w, g.out_c, count, bias ? bias + first : nullptr, epilogue);
    }
  });
  return true;
}

// One piece of a kernel's gradient: dw += x^T g over some rows of one picture.
static void add_kernel_gradient(const Geometry& g, const View& view, const float* packed,
                                const int64_t* offsets, int64_t rows, Share kernel_rows,
                                float* dw) {
  const int64_t columns = rows_are_runs(g) ? 1 : g.kernel_w;
  const int64_t depth = g.kernel_w * g.group_c() / columns, row_size = g.kernel_w * g.group_c();
  const int64_t group_bytes = packed_b_bytes(rows * g.out_w, g.group_out_c());
  for (int64_t group = 0; group < g.groups; ++group) {
    for (int64_t j = 0; j < columns; ++j) {
      const int64_t start = kernel_rows.first * g.dilation_h * view.row + j * g.dilation_w * g.c;
      gemm_windows_transposed(
          {kernel_rows.stop - kernel_rows.first, g.dilation_h * view.row, row_size * g.out_c, depth,
           g.group_out_c(), g.out_w, rows, offsets, view.data + start + group * g.group_c(),
           g.stride_w * g.c, packed + group * group_bytes / 4,
           dw + (kernel_rows.first * row_size + j * depth) * g.out_c + group * g.group_out_c(),
           g.out_c, true});
    }
  }
}

// Inputs: x, g. Outputs: dw. Parameters: geometry, rows of g in a piece of work, parts of the
// pieces (each with a sum of its own), parts of the kernel's rows, bytes of a packed piece of g.
KERNEL(convolution_kernel_gradient) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t rows = more[0], parts = more[1], kernel_parts = more[2], packed_bytes = more[3];
  const float* x = call.in<float>(0);
  const float* dy = call.in<float>(1);
  float* dw = call.out<float>(0);
  float* sums = parts > 1 ? reinterpret_cast<float*>(call.shared) : dw;
  const Rectangle all{-g.top, -g.left, g.rows_of(g.out_h), g.columns_of(g.out_w)};
  const bool copy = !all.inside(g.h, g.w);
  const int64_t pieces = (g.out_h + rows - 1) / rows, size = g.kernel_size();
  call.pool.each(parts * kernel_parts, [&](int64_t chunk, int worker) {
    const Share mine = share(g.batch * pieces, parts, chunk / kernel_parts);
    const Share kernel_rows = share(g.kernel_h, kernel_parts, chunk % kernel_parts);
    const int64_t row_size = g.kernel_w * g.group_c() * g.out_c;
    float* sum = sums + chunk / kernel_parts * size;
    std::fill(sum + kernel_rows.first * row_size, sum + kernel_rows.stop * row_size, 0.0f);
    float* packed = call.mine<float>(worker);
    int64_t* offsets = reinterpret_cast<int64_t*>(packed + packed_bytes / 4);
    float* scratch = reinterpret_cast<float*>(offsets + rows);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const int64_t image = piece / pieces, first = piece % pieces * rows;
      const int64_t count = std::min(rows, g.out_h - first), k = count * g.out_w;
      const View view =
          cut({x + image * g.h * g.w * g.c, g.h, g.w, g.c},
              {first * g.stride_h - g.top, -g.left, g.rows_of(count), all.columns}, copy, scratch);
      const float* from = dy + (image * g.out_h + first) * g.out_w * g.out_c;
      for (int64_t group = 0; group < g.groups; ++group) {
        pack_b(k, g.group_out_c(), from + group * g.group_out_c(), g.out_c, false,
               packed + group * packed_b_bytes(k, g.group_out_c()) / 4);
      }
      for (int64_t i = 0; i < count; ++i) offsets[i] = i * g.stride_h * view.row;
      add_kernel_gradient(g, view, packed, offsets, count, kernel_rows, sum);
    }
  });
  if (parts > 1) sum_parts(call.pool, sums, parts, size, dw);
  return true;
}
