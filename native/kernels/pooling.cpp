// Maximum and average pooling over two spatial axes. Channels lie side by side and are vectorised;
// windows of 2x2 and 3x3 are unrolled.
#include <cmath>

#include "kernel.hpp"
#include "narrow.hpp"
#include "ranges.hpp"

using namespace lernwerk;

namespace {

// The parameters of every kernel here, in this order; those of maxima have one more: which operands
// are narrow.
struct Geometry {
  static constexpr int COUNT = 12;
  int64_t batch, height, width, channels, rows, columns, size[2], stride[2], before[2];

  explicit Geometry(const Call& call) { std::memcpy(this, call.whole, sizeof *this); }
  int64_t image() const { return height * width * channels; }
  int64_t result() const { return rows * columns * channels; }
  // Windows lie side by side on true pixels: each pixel is in one window at most.
  bool apart() const {
    return size[0] == stride[0] && size[1] == stride[1] && before[0] + before[1] == 0 &&
           rows * size[0] <= height && columns * size[1] <= width;
  }
};

// A window without its padding; lines are `line` floats apart.
struct Window {
  int64_t start, height, width, line, channels;
  bool padded_before;

  int64_t at(int64_t i, int64_t j) const { return start + i * line + j * channels; }
  float count() const { return static_cast<float>(height * width); }
};

Window window_at(const Geometry& geometry, int64_t row, int64_t column) {
  const int64_t y = row * geometry.stride[0] - geometry.before[0];
  const int64_t x = column * geometry.stride[1] - geometry.before[1];
  const int64_t top = std::max<int64_t>(y, 0), left = std::max<int64_t>(x, 0);
  const int64_t bottom = std::min(y + geometry.size[0], geometry.height);
  const int64_t right = std::min(x + geometry.size[1], geometry.width);
  const int64_t line = geometry.width * geometry.channels;
  return {top * line + left * geometry.channels,
          std::max<int64_t>(bottom - top, 0),
          std::max<int64_t>(right - left, 0),
          line,
          geometry.channels,
          y < 0 || x < 0};
}

// Calls visit(place) for all pixels of a window, in rows; H and W are known sizes or 0.
template <int H, int W, class Visit>
inline void each_pixel(const Window& window, const Visit& visit) {
  const int64_t height = H ? H : window.height, width = W ? W : window.width;
  for (int64_t i = 0; i < height; ++i) {
    for (int64_t j = 0; j < width; ++j) visit(window.at(i, j));
  }
}

// Calls work<H, W>() with the sizes of the window where they are common ones.
template <class Work>
inline void with_size(const Window& window, const Work& work) {
  if (window.height == 2 && window.width == 2) {
    work.template operator()<2, 2>();
  } else if (window.height == 3 && window.width == 3) {
    work.template operator()<3, 3>();
  } else {
    work.template operator()<0, 0>();
  }
}

// y = finish(fold of all pixels, window) for each window of x.
template <class T, class Fold, class Finish>
void fold_windows(const Call& call, float start, const Fold& fold, const Finish& finish) {
  const Geometry geometry(call);
  const T* images = call.in<T>(0);
  T* results = call.out<T>(0);
  const int64_t lines = geometry.batch * geometry.rows;
  auto fold_one = [&](const T* x, T* y, const Window& window) {
    with_size(window, [&]<int H, int W>() {
      each_lanes(geometry.channels, [&](auto zero, int64_t c) {
        auto total = start - zero;
        each_pixel<H, W>(window, [&](int64_t place) {
          total = fold(total, load_as<decltype(zero)>(x + place + c));
        });
        store_rounded_as(y + c, finish(total, window));
      });
    });
  };
  each_range(
      call.pool, lines, geometry.batch * geometry.image(), [&](int64_t begin, int64_t end, int) {
        for (int64_t line = begin; line < end; ++line) {
          const T* x = images + line / geometry.rows * geometry.image();
          T* y = results + line * geometry.columns * geometry.channels;
          for (int64_t p = 0; p < geometry.columns; ++p) {
            fold_one(x, y + p * geometry.channels, window_at(geometry, line % geometry.rows, p));
          }
        }
      });
}

template <class T>
void clear(T* p, int64_t n) {
  std::memset(p, 0, static_cast<size_t>(n) * sizeof(T));
}

// Zeros where no window is, beside and below the windows of one line that lie side by side.
template <class T>
void clear_rest(const Geometry& geometry, int64_t row, T* dx) {
  const int64_t line = geometry.width * geometry.channels;
  const int64_t covered = geometry.columns * geometry.size[1] * geometry.channels;
  const int64_t below = (row + 1) * geometry.size[0];
  for (int64_t i = row * geometry.size[0]; covered < line && i < below; ++i) {
    clear(dx + i * line + covered, line - covered);
  }
  if (row + 1 == geometry.rows) clear(dx + below * line, (geometry.height - below) * line);
}

// The gradient of all windows: send(add, image, place in y, window, dx) does one window; add tells
// whether it adds to zeros (windows that overlap) or writes each pixel for the only time.
template <class T, class Send>
void send_windows(const Call& call, const Geometry& geometry, const Send& send) {
  T* dx = call.out<T>(0);
  const int64_t rows = geometry.rows, elements = geometry.batch * geometry.image();
  auto send_line = [&](auto add, int64_t b, int64_t row) {
    for (int64_t p = 0; p < geometry.columns; ++p) {
      const int64_t place = ((b * rows + row) * geometry.columns + p) * geometry.channels;
      send(add, b * geometry.image(), place, window_at(geometry, row, p));
    }
  };
  if (geometry.apart()) {
    each_range(call.pool, geometry.batch * rows, elements, [&](int64_t begin, int64_t end, int) {
      for (int64_t line = begin; line < end; ++line) {
        send_line(std::false_type{}, line / rows, line % rows);
        clear_rest(geometry, line % rows, dx + line / rows * geometry.image());
      }
    });
    return;
  }
  each_range(call.pool, geometry.batch, elements, [&](int64_t begin, int64_t end, int) {
    for (int64_t b = begin; b < end; ++b) {
      clear(dx + b * geometry.image(), geometry.image());
      for (int64_t row = 0; row < rows; ++row) send_line(std::true_type{}, b, row);
    }
  });
}

// What a window looks for: its maximum, and after it is found NaN, which equals nothing. Padding
// counts as -infinity in front of the true pixels.
template <class V, class T>
inline V wanted(const T* top, const Window& window) {
  const V found = load_as<V>(top);
  const V nothing = NAN - V{};
  if (!window.padded_before) return found;
  return found == -INFINITY ? nothing : found;
}

// The gradient of a maximum goes to the first pixel that has it.
template <class X, class G>
void send_to_maxima(const Call& call) {
  const Geometry geometry(call);
  auto send = [&](auto add, int64_t image, int64_t place, const Window& window) {
    const X* x = call.in<X>(0) + image;
    G* dx = call.out<G>(0) + image;
    with_size(window, [&]<int H, int W>() {
      each_lanes(geometry.channels, [&](auto zero, int64_t c) {
        using V = decltype(zero);
        V top = wanted<V>(call.in<X>(1) + place + c, window);
        const V nothing = NAN - zero;
        const V g = load_as<V>(call.in<G>(2) + place + c);
        each_pixel<H, W>(window, [&](int64_t pixel) {
          const auto hit = load_as<V>(x + pixel + c) == top;
          top = hit ? nothing : top;
          V sent = hit ? g : zero;
          if constexpr (add) sent += load_as<V>(dx + pixel + c);
          store_rounded_as(dx + pixel + c, sent);
        });
      });
    });
  };
  send_windows<G>(call, geometry, send);
}

}  // namespace

// Inputs: x (b, h, w, c) float32, as y narrow or wide. Outputs: y (b, rows, columns, c).
// Parameters: as in Geometry, narrow operands.
KERNEL(max_pooling) {
  auto fold = [](auto a, auto b) { return greater_or_nan(a, b); };
  with_form(call.whole[Geometry::COUNT], 0, [&](auto form) {
    fold_windows<decltype(form)>(call, -INFINITY, fold,
                                 [](auto total, const Window&) { return total; });
  });
  return true;
}

// Inputs: x (b, h, w, c) float32. Outputs: y (b, rows, columns, c). Parameters: as in Geometry.
KERNEL(average_pooling) {
  auto fold = [](auto a, auto b) { return a + b; };
  auto mean = [](auto total, const Window& window) { return total / window.count(); };
  fold_windows<float>(call, 0.0f, fold, mean);
  return true;
}

// Inputs: x (b, h, w, c), y and g (b, rows, columns, c) float32. Outputs: dx (b, h, w, c).
// Both x and y may be narrow, and both g and dx. Parameters: as in Geometry, narrow operands.
KERNEL(max_pooling_gradient) {
  const int64_t narrow = call.whole[Geometry::COUNT];
  with_form(narrow, 0, [&](auto x) {
    with_form(narrow, 2, [&](auto g) { send_to_maxima<decltype(x), decltype(g)>(call); });
  });
  return true;
}

// Inputs: x (b, h, w, c), y (b, rows, columns, c), values (b, h, w, c) float32.
// Outputs: v (b, rows, columns, c). Parameters: as in Geometry.
KERNEL(max_pooling_pick) {
  const Geometry geometry(call);
  const int64_t each = geometry.columns * geometry.channels;
  auto pick = [&](int64_t image, int64_t place, const Window& window) {
    const float* x = call.in<float>(0) + image;
    const float* values = call.in<float>(2) + image;
    each_lanes(geometry.channels, [&](auto zero, int64_t c) {
      using V = decltype(zero);
      V top = wanted<V>(call.in<float>(1) + place + c, window);
      const V nothing = NAN - zero;
      V found = zero;
      each_pixel<0, 0>(window, [&](int64_t pixel) {
        const auto hit = load_as<V>(x + pixel + c) == top;
        top = hit ? nothing : top;
        found = hit ? load_as<V>(values + pixel + c) : found;
      });
      store_as(call.out<float>(0) + place + c, found);
    });
  };
  each_range(call.pool, geometry.batch * geometry.rows, geometry.batch * geometry.image(),
             [&](int64_t begin, int64_t end, int) {
               for (int64_t line = begin; line < end; ++line) {
                 const int64_t image = line / geometry.rows * geometry.image();
                 for (int64_t p = 0; p < geometry.columns; ++p) {
                   pick(image, line * each + p * geometry.channels,
                        window_at(geometry, line % geometry.rows, p));
                 }
               }
             });
  return true;
}

// Inputs: g (b, rows, columns, c) float32. Outputs: dx (b, h, w, c). Parameters: as in Geometry.
KERNEL(average_pooling_gradient) {
  const Geometry geometry(call);
  auto send = [&](auto add, int64_t image, int64_t place, const Window& window) {
    float* dx = call.out<float>(0) + image;
    with_size(window, [&]<int H, int W>() {
      each_lanes(geometry.channels, [&](auto zero, int64_t c) {
        using V = decltype(zero);
        const V share = load_as<V>(call.in<float>(0) + place + c) / window.count();
        each_pixel<H, W>(window, [&](int64_t pixel) {
          V sent = share;
          if constexpr (add) sent += load_as<V>(dx + pixel + c);
          store_as(dx + pixel + c, sent);
        });
      });
    });
  };
  send_windows<float>(call, geometry, send);
  return true;
}
