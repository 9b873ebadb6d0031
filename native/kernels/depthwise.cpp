// Depthwise convolution, each kernel seeing one channel, and its gradients: sums over the places of
// the kernel, a vector of channels at a time. With a multiplier m, channel i of the input is copied
// m times beside itself, so that output channel j always meets input channel j.
#include "convolution.hpp"
#include "kernel.hpp"
#include "phases.hpp"

using namespace lernwerk;

static int64_t wide(int64_t channels) { return (channels + WIDTH - 1) / WIDTH * WIDTH; }

// Copies pixels (c) to pixels (c * times), each channel `times` times.
static void repeat_channels(const float* from, int64_t pixels, int64_t c, int64_t times,
                            int64_t width, float* to) {
  for (int64_t p = 0; p < pixels; ++p, from += c, to += width) {
    for (int64_t i = 0; i < c; ++i) std::fill_n(to + i * times, times, from[i]);
    std::fill_n(to + c * times, width - c * times, 0.0f);
  }
}

// A part of the input with `times` as many channels, rounded up to whole vectors. The end of the
// scratch memory takes the copy without repetitions.
static View widened(const Picture& picture, const Rectangle& part, int64_t times, float* scratch,
                    bool direct = false) {
  const int64_t c = picture.c, width = wide(c * times);
  if (direct) return cut(picture, part, false, scratch);
  if (times == 1) {
    copy_padded(picture, part, width, scratch);
  } else {
    float* plain = scratch + part.rows * part.columns * width;
    copy_padded(picture, part, c, plain);
    repeat_channels(plain, part.rows * part.columns, c, times, width, scratch);
  }
  return {scratch, part.columns * width};
}

// A row of results: y[p, j] = sum over t of x[offsets[t] + p * step + j] * w[t * width + j]
struct Row {
  const float* x;
  int64_t step;
  const int64_t* offsets;
  int64_t taps;
  const float* w;
  int64_t width, channels, pixels;
  float* y;
  int64_t y_step;
};

template <int PIXELS>
static inline void multiply_pixels(const Row& row, int64_t p, int64_t j) {
  floats sums[PIXELS] = {};
  const float* x = row.x + p * row.step + j;
  for (int64_t t = 0; t < row.taps; ++t) {
    const floats w = load(row.w + t * row.width + j);
    const float* from = x + row.offsets[t];
#pragma GCC unroll 8
    for (int i = 0; i < PIXELS; ++i) sums[i] += load(from + i * row.step) * w;
  }
  const int64_t rest = row.channels - j;
  float* y = row.y + p * row.y_step + j;
#pragma GCC unroll 8
  for (int i = 0; i < PIXELS; ++i) {
    if (rest >= WIDTH)
      store(y + i * row.y_step, sums[i]);
    else
      store_part(y + i * row.y_step, sums[i], rest);
  }
}

template <int PIXELS>
static int64_t multiply_channels(const Row& row, int64_t p) {
  for (; p + PIXELS <= row.pixels; p += PIXELS) {
    for (int64_t j = 0; j < row.channels; j += WIDTH) multiply_pixels<PIXELS>(row, p, j);
  }
  return p;
}

// Neighbouring channels come first, then the next pixels: memory is read in long runs.
static void multiply_row(const Row& row) {
  multiply_channels<1>(row, multiply_channels<4>(row, multiply_channels<8>(row, 0)));
}

// The kernel (taps, channels) with rows of whole vectors.
static void widen_kernel(const float* w, int64_t channels, float* to) {
  std::copy_n(w, channels, to);
  std::fill_n(to + channels, wide(channels) - channels, 0.0f);
}

// Inputs: x, kernel (kernel_h, kernel_w, 1, out_c), bias where the epilogue is not 0. Outputs: y.
// Parameters: geometry, rows of y in a piece of work, chunks, epilogue.
KERNEL(convolution_depthwise) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t rows = more[0], chunks = more[1], epilogue = more[2];
  const int64_t times = g.out_c / g.c, width = wide(g.out_c);
  const float* x = call.in<float>(0);
  const float* bias = epilogue == NOTHING ? nullptr : call.in<float>(2);
  float* y = call.out<float>(0);
  int64_t* offsets = reinterpret_cast<int64_t*>(call.shared);
  float* w = reinterpret_cast<float*>(offsets + (g.taps() + 7) / 8 * 8);
  const Rectangle all{-g.top, -g.left, g.rows_of(g.out_h), g.columns_of(g.out_w)};
  const bool direct = width == g.c && all.inside(g.h, g.w);
  const int64_t row_length = (direct ? g.w : all.columns) * width;
  for (int64_t t = 0; t < g.taps(); ++t) {
    offsets[t] = t / g.kernel_w * g.dilation_h * row_length + t % g.kernel_w * g.dilation_w * width;
    widen_kernel(call.in<float>(1) + t * g.out_c, g.out_c, w + t * width);
  }
  const int64_t pieces = (g.out_h + rows - 1) / rows;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    const Share mine = share(g.batch * pieces, chunks, chunk);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const int64_t image = piece / pieces, first = piece % pieces * rows;
      const int64_t count = std::min(rows, g.out_h - first);
      const View view =
          widened({x + image * g.h * g.w * g.c, g.h, g.w, g.c},
                  {first * g.stride_h - g.top, -g.left, g.rows_of(count), all.columns}, times,
                  call.mine<float>(worker), direct);
      float* to = y + (image * g.out_h + first) * g.out_w * g.out_c;
      for (int64_t i = 0; i < count; ++i) {
        multiply_row({view.data + i * g.stride_h * row_length, g.stride_w * width, offsets,
                      g.taps(), w, width, g.out_c, g.out_w, to + i * g.out_w * g.out_c, g.out_c});
      }
      finish(to, count * g.out_w, g.out_c, g.out_c, bias, epilogue);
    }
  });
  return true;
}

// The sum of each `times` neighbouring numbers.
static void sum_channels(const float* from, int64_t count, int64_t times, float* to) {
  for (int64_t i = 0; i < count; ++i) {
    float sum = 0;
    for (int64_t j = 0; j < times; ++j) sum += from[i * times + j];
    to[i] = sum;
  }
}

// Inputs: g, kernel. Outputs: dx. Parameters: geometry, rows of dx in a piece of work (a multiple
// of the stride), chunks, bytes of a piece of g.
KERNEL(convolution_depthwise_input_gradient) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t rows = more[0], chunks = more[1], piece_bytes = more[2];
  const int64_t times = g.out_c / g.c, width = wide(g.out_c);
  const float* dy = call.in<float>(0);
  float* dx = call.out<float>(0);
  float* w = reinterpret_cast<float*>(call.shared);
  int64_t* offsets = reinterpret_cast<int64_t*>(w + g.taps() * width);
  int64_t* memory = offsets + g.taps();
  const Axis down = axis_of(g.kernel_h, g.stride_h, g.dilation_h, g.top, memory);
  memory += Axis::entries(g.kernel_h, g.stride_h);
  const Axis across = axis_of(g.kernel_w, g.stride_w, g.dilation_w, g.left, memory);
  const Rectangle all = covered(g, 0, g.h);
  const bool direct = width == g.out_c && all.inside(g.out_h, g.out_w);
  const int64_t row_length = (direct ? g.out_w : all.columns) * width;
  const auto before = [&](int64_t i, int64_t j) {
    return down.start[i] * g.kernel_w + down.count(i) * across.start[j];
  };
  for (int64_t i = 0; i < g.stride_h; ++i) {
    for (int64_t j = 0; j < g.stride_w; ++j) {
      int64_t tap = before(i, j);
      for (int64_t s = down.start[i]; s < down.start[i + 1]; ++s) {
        for (int64_t t = across.start[j]; t < across.start[j + 1]; ++t, ++tap) {
          offsets[tap] = down.shift[s] * row_length + across.shift[t] * width;
          widen_kernel(call.in<float>(1) + (down.place[s] * g.kernel_w + across.place[t]) * g.out_c,
                       g.out_c, w + tap * width);
        }
      }
    }
  }
  const int64_t pieces = (g.h + rows - 1) / rows;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    float* scratch = call.mine<float>(worker);
    float* sums = scratch + piece_bytes / 4;  // a row before its channels are added
    const Share mine = share(g.batch * pieces, chunks, chunk);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const int64_t image = piece / pieces, first = piece % pieces * rows;
      const int64_t count = std::min(rows, g.h - first);
      const Rectangle part = covered(g, first, count);
      const View view =
          widened({dy + image * g.out_h * g.out_w * g.out_c, g.out_h, g.out_w, g.out_c}, part, 1,
                  scratch, direct);
      const float* origin =
          view.data + (first / g.stride_h - part.row) * row_length - part.column * width;
      for (int64_t y = 0; y < count; ++y) {
        const int64_t i = y % g.stride_h;
        float* to = dx + (image * g.h + first + y) * g.w * g.c;
        float* row = times == 1 ? to : sums;
        for (int64_t j = 0; j < std::min(g.stride_w, g.w); ++j) {
          multiply_row({origin + y / g.stride_h * row_length, width, offsets + before(i, j),
                        down.count(i) * across.count(j), w + before(i, j) * width, width, g.out_c,
                        (g.w - j + g.stride_w - 1) / g.stride_w, row + j * g.out_c,
                        g.stride_w * g.out_c});
        }
        if (times > 1) sum_channels(sums, g.w * g.c, times, to);
      }
    }
  });
  return true;
}

// Adds to TAPS neighbouring places of a row of the kernel what some rows of pixels contribute.
template <int TAPS>
static void add_taps(const Geometry& g, const View& x, const View& dy, int64_t rows, int64_t width,
                     int64_t v, float* sums) {
  floats total[TAPS];
#pragma GCC unroll 8
  for (int t = 0; t < TAPS; ++t) total[t] = load(sums + t * width + v);
  for (int64_t i = 0; i < rows; ++i) {
    const float* from = x.data + i * g.stride_h * x.row + v;
    const float* gradient = dy.data + i * dy.row + v;
    for (int64_t p = 0; p < g.out_w; ++p) {
      const floats d = load(gradient + p * width);
#pragma GCC unroll 8
      for (int t = 0; t < TAPS; ++t)
        total[t] += d * load(from + (p * g.stride_w + t * g.dilation_w) * width);
    }
  }
#pragma GCC unroll 8
  for (int t = 0; t < TAPS; ++t) store(sums + t * width + v, total[t]);
}

// The same for all places of the kernel, up to four at a time.
static void add_places(const Geometry& g, const View& x, const View& dy, int64_t rows,
                       int64_t width, int64_t v, float* sums) {
  for (int64_t i = 0; i < g.kernel_h; ++i) {
    for (int64_t j = 0; j < g.kernel_w;) {
      const int64_t start = i * g.dilation_h * x.row + j * g.dilation_w * width;
      const View from{x.data + start, x.row};
      float* to = sums + (i * g.kernel_w + j) * width;
      const int64_t rest = g.kernel_w - j;
      if (rest >= 4)
        add_taps<4>(g, from, dy, rows, width, v, to);
      else if (rest == 3)
        add_taps<3>(g, from, dy, rows, width, v, to);
      else if (rest == 2)
        add_taps<2>(g, from, dy, rows, width, v, to);
      else
        add_taps<1>(g, from, dy, rows, width, v, to);
      j += std::min<int64_t>(rest, 4);
    }
  }
}

// Inputs: x, g. Outputs: dw. Parameters: geometry, rows of g in a piece of work, parts of the
// pieces (each with a sum of its own), bytes of a piece of x.
KERNEL(convolution_depthwise_kernel_gradient) {
  const Geometry g(call.whole);
  const int64_t* more = call.whole + Geometry::COUNT;
  const int64_t rows = more[0], parts = more[1], piece_bytes = more[2];
  const int64_t times = g.out_c / g.c, width = wide(g.out_c);
  const float* x = call.in<float>(0);
  const float* dy = call.in<float>(1);
  float* dw = call.out<float>(0);
  float* sums = reinterpret_cast<float*>(call.shared);
  const int64_t pieces = (g.out_h + rows - 1) / rows, columns = g.columns_of(g.out_w);
  const bool direct = times == 1 && width == g.c && g.top == 0 && g.left == 0 &&
                      g.rows_of(g.out_h) <= g.h && columns <= g.w;
  call.pool.each(parts, [&](int64_t part, int worker) {
    float* scratch = call.mine<float>(worker);
    float* sum = sums + part * g.taps() * width;
    std::fill_n(sum, g.taps() * width, 0.0f);
    const Share mine = share(g.batch * pieces, parts, part);
    for (int64_t piece = mine.first; piece < mine.stop; ++piece) {
      const int64_t image = piece / pieces, first = piece % pieces * rows;
      const int64_t count = std::min(rows, g.out_h - first);
      const View view = widened({x + image * g.h * g.w * g.c, g.h, g.w, g.c},
                                {first * g.stride_h - g.top, -g.left, g.rows_of(count), columns},
                                times, scratch, direct);
      const View other =
          widened({dy + image * g.out_h * g.out_w * g.out_c, g.out_h, g.out_w, g.out_c},
                  {first, 0, count, g.out_w}, 1, scratch + piece_bytes / 4, width == g.out_c);
      for (int64_t v = 0; v < width; v += WIDTH) add_places(g, view, other, count, width, v, sum);
    }
  });
  for (int64_t t = 0; t < g.taps(); ++t) {
    for (int64_t j = 0; j < g.out_c; ++j) {
      float total = 0;
      for (int64_t part = 0; part < parts; ++part) total += sums[(part * g.taps() + t) * width + j];
      dw[t * g.out_c + j] = total;
    }
  }
  return true;
}
