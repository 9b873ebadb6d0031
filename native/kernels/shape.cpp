// Operations that move elements without changing them, for elements of 1, 2, 4 or 8 bytes.
#include "kernel.hpp"
#include "ranges.hpp"
#include "strided.hpp"

using namespace lernwerk;

namespace {

// Calls work with a value of the unsigned type of that many bytes.
template <class Work>
void with_element(int64_t bytes, const Work& work) {
  if (bytes == 1) {
    work(uint8_t{});
  } else if (bytes == 2) {
    work(uint16_t{});
  } else if (bytes == 4) {
    work(uint32_t{});
  } else {
    work(uint64_t{});
  }
}

// A move as the lowering writes it: the axes in the order of y, without those of length 1.
struct Move {
  int64_t bytes, offset, rank;
  Axis axes[Walk::MOST];

  explicit Move(const Call& call)
      : bytes(call.whole[0]), offset(call.whole[1]), rank(call.whole[2]) {
    std::memcpy(axes, call.whole + 3, static_cast<size_t>(rank) * sizeof(Axis));
  }
  int64_t places(int64_t count) const {
    int64_t product = 1;
    for (int64_t i = 0; i < count; ++i) product *= axes[i].length;
    return product;
  }
};

// Run by run along the last axis; one single run is cut into pieces.
template <class T>
void move_runs(Pool& pool, const Move& move, const T* x, T* y) {
  const Axis last = move.axes[move.rank - 1];
  const int outer = static_cast<int>(move.rank) - 1;
  const int64_t runs = move.places(outer), elements = runs * last.length;
  if (runs == 1) {
    each_range(pool, last.length, elements, [&](int64_t begin, int64_t end, int) {
      copy_run(x + begin * last.x, y + begin, end - begin, last.x);
    });
    return;
  }
  each_range(pool, runs, elements, [&](int64_t begin, int64_t end, int) {
    Walk walk(move.axes, outer, begin);
    for (int64_t i = begin; i < end; ++i, walk.next()) {
      copy_run(x + walk.x, y + walk.y, last.length, last.x);
    }
  });
}

// Elements side by side in x are rows of y: squares of axis `rows` and the last one. A strip of 64
// rows of y keeps the lines of x that it shares with the next square in the nearest cache.
template <class T>
void move_squares(Pool& pool, Move move, int64_t rows, const T* x, T* y) {
  const Axis across = move.axes[rows], last = move.axes[move.rank - 1];
  const int64_t elements = move.places(move.rank);
  const int64_t strips = (across.length + 63) / 64;
  for (int64_t i = rows; i + 2 < move.rank; ++i) move.axes[i] = move.axes[i + 1];
  const int outer = static_cast<int>(move.rank) - 2;
  each_range(pool, move.places(outer) * strips, elements, [&](int64_t begin, int64_t end, int) {
    for (int64_t item = begin; item < end; ++item) {
      const Walk walk(move.axes, outer, item / strips);
      const int64_t row = item % strips * 64;
      const int64_t count = std::min<int64_t>(64, across.length - row);
      transpose_block(x + walk.x + row, last.x, y + walk.y + row * across.y, across.y, count,
                      last.length);
    }
  });
}

// An array between constants: along each axis `before` and `after` lines of them outside and
// `between` between neighbours. Lengths of lines are counted in elements of y and x.
struct Frame {
  int64_t before, length, after, between, x_line, y_line;
};

template <class T>
T* fill(T* y, int64_t n, T value) {
  std::fill(y, y + n, value);
  return y + n;
}

template <class T>
void frame_axis(const Frame* axis, int64_t rank, const T* x, T* y, T value);

// The lines of an axis from begin to end, each with the constants after it.
template <class T>
T* frame_lines(const Frame* axis, int64_t rank, const T* x, T* y, T value, int64_t begin,
               int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    frame_axis(axis + 1, rank - 1, x + i * axis->x_line, y, value);
    y += axis->y_line;
    if (i + 1 < axis->length) y = fill(y, axis->between * axis->y_line, value);
  }
  return y;
}

template <class T>
void frame_axis(const Frame* axis, int64_t rank, const T* x, T* y, T value) {
  if (rank == 0) {
    *y = *x;
    return;
  }
  y = fill(y, axis->before * axis->y_line, value);
  if (rank == 1 && axis->between == 0) {
    std::memcpy(y, x, static_cast<size_t>(axis->length) * sizeof(T));
    y += axis->length;
  } else {
    y = frame_lines(axis, rank, x, y, value, 0, axis->length);
  }
  fill(y, axis->after * axis->y_line, value);
}

}  // namespace

// Inputs: x. Outputs: y. Parameters: bytes of an element, offset of y[0] in x, rank, and for each
// axis its length and its strides in x and y. The last axis of y has the stride 1.
KERNEL(move) {
  const Move move(call);
  with_element(move.bytes, [&](auto element) {
    using T = decltype(element);
    const T* x = call.in<T>(0) + move.offset;
    T* y = call.out<T>(0);
    if (move.places(move.rank) == 0) return;
    for (int64_t i = 0; i + 1 < move.rank; ++i) {
      if (move.axes[i].x == 1 && move.axes[i].length >= 4) {
        move_squares(call.pool, move, i, x, y);
        return;
      }
    }
    move_runs(call.pool, move, x, y);
  });
  return true;
}

// Inputs: x. Outputs: y. Parameters: bytes of an element, the constant's bits, elements of y, rank,
// and for each axis a Frame.
KERNEL(frame) {
  const int64_t rank = call.whole[3];
  const Frame* axes = reinterpret_cast<const Frame*>(call.whole + 4);
  with_element(call.whole[0], [&](auto element) {
    using T = decltype(element);
    const T* x = call.in<T>(0);
    T* y = call.out<T>(0);
    const T value = static_cast<T>(call.whole[1]);
    const Frame& first = axes[0];
    const int64_t line = (1 + first.between) * first.y_line;
    fill(y, first.before * first.y_line, value);
    T* inside = y + first.before * first.y_line;
    each_range(call.pool, first.length, call.whole[2], [&](int64_t begin, int64_t end, int) {
      frame_lines(axes, rank, x, inside + begin * line, value, begin, end);
    });
    const int64_t after = first.after * first.y_line;
    fill(y + call.whole[2] - after, after, value);
  });
  return true;
}

// Inputs: parts (outer, *). Outputs: y (outer, sum of them).
// Parameters: outer, number of parts, bytes of a row of each part, bytes of a row of y.
KERNEL(concatenate) {
  const int64_t outer = call.whole[0], parts = call.whole[1];
  const int64_t* rows = call.whole + 2;
  const int64_t row = rows[parts];
  char* y = call.out<char>(0);
  if (outer == 1) {
    for (int64_t i = 0; i < parts; ++i) {
      const char* x = call.in<char>(static_cast<int>(i));
      each_range(call.pool, rows[i], rows[i] / 4, [&](int64_t begin, int64_t end, int) {
        std::memcpy(y + begin, x + begin, static_cast<size_t>(end - begin));
      });
      y += rows[i];
    }
    return true;
  }
  each_range(call.pool, outer, outer * row / 4, [&](int64_t begin, int64_t end, int) {
    char* place = y + begin * row;
    for (int64_t o = begin; o < end; ++o) {
      for (int64_t i = 0; i < parts; ++i) {
        const char* x = call.in<char>(static_cast<int>(i)) + o * rows[i];
        std::memcpy(place, x, static_cast<size_t>(rows[i]));
        place += rows[i];
      }
    }
  });
  return true;
}
