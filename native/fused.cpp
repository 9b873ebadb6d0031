#include "fused.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <type_traits>

#include "conversion.hpp"
#include "masked.hpp"
#include "operations.hpp"
#include "random.hpp"
#include "single_tile.hpp"
#include "tile_sums.hpp"

namespace lernwerk {

// Elements times passes over them that are worth a second thread: about 20 microseconds of work.
static constexpr int64_t WORTH_SHARING = 200'000;
static constexpr int64_t MOST_CHUNKS = 16;
static constexpr int64_t DROPOUT = 1000;  // the operation that needs the place of its elements

Program::Program(const int64_t* whole, const double* real)
    : type(static_cast<Type>(whole[0])),
      rows(whole[1]),
      columns(whole[2]),
      inputs(whole[3]),
      constants(whole[4]),
      registers(whole[5]),
      operations(whole[6]),
      outputs(whole[7]),
      reductions(whole[8]),
      axes(whole[9]),
      shape(whole + 10),
      input(shape + axes),
      operation(input + inputs * (2 + axes)),
      output(operation + operations * 5),
      reduction(output + outputs * 2),
      constant(real),
      tile_rows(columns < TILE ? TILE / (columns ? columns : 1) : 1) {}

int64_t Program::tiles() const {
  if (columns > TILE) return rows * pieces_of_row();
  if (rows <= rows_of_tile()) return rows > 0;
  return (rows + rows_of_tile() - 1) / rows_of_tile();
}

int64_t Program::chunks() const {
  if (elements() * (operations + 2) < WORTH_SHARING) return 1;
  return std::clamp<int64_t>(tiles() / tiles_together(), 1, MOST_CHUNKS);
}

int64_t Program::tiles_together() const {
  for (int64_t i = 0; i < reductions; ++i) {
    if (static_cast<Reduction>(reduction[2 * i]) == Reduction::columns) return pieces_of_row();
  }
  return 1;
}

namespace {

template <class T>
constexpr Type type_of() {
  if constexpr (sizeof(T) == 4) return std::is_same_v<T, float> ? Type::float32 : Type::int32;
  return std::is_same_v<T, double> ? Type::float64 : Type::int64;
}

// One thread's way through some tiles of a program.
template <class T>
class Run {
 public:
  Run(const Program& program, const Call& call, int64_t chunk, int worker)
      : p_(program), call_(call), registers_(call.mine<T>(worker)) {
    partial_ = reinterpret_cast<double*>(call.shared) + chunk * partial_size();
  }

  void tiles(int64_t first, int64_t last) {
    single_ = last - first == 1;
    prepare();
    clear_partial();
    clear_collectors();
    for (int64_t tile = first; tile < last; ++tile) {
      place(tile);
      run_tile();
    }
    fold_rows();
  }

  void rows(const Rows& part, char** inputs, bool begins) {
    prepare();
    if (begins) clear_partial();
    clear_collectors();
    for (int64_t run = 0; run < part.runs; ++run) {
      const int64_t first = part.first + run * part.count, last = first + part.count;
      for (int64_t row = first; row < last; row += p_.rows_of_tile()) {
        place_rows(row, std::min(p_.rows_of_tile(), last - row));
        run_tile();
      }
      inputs[part.input] += part.gap;
    }
    fold_rows();
  }

  static void combine(const Program& p, const Call& call, int64_t chunks);

 private:
  using Sum = typename Wide<T>::type;

  static int64_t partial_size_of(const Program& p) {
    int64_t size = 0;
    for (int64_t i = 0; i < p.reductions; ++i) size += span(p, i);
    return size;
  }

  // Numbers that a chunk leaves behind for a reduction: one, or one for each column of a tile.
  static int64_t span(const Program& p, int64_t i) {
    switch (static_cast<Reduction>(p.reduction[2 * i])) {
      case Reduction::all:
        return 1;
      case Reduction::rows:
        return p.columns;
      default:
        return 0;
    }
  }

  int64_t partial_size() const { return partial_size_of(p_); }
  T* slot(int64_t operand) { return registers_ + operand * SLOT; }
  const int64_t* input(int64_t i) const { return p_.input + i * (2 + p_.axes); }

  // What stays the same for all tiles: constants, single numbers, and rows repeated over a tile.
  void prepare() {
    const int64_t width = std::min(p_.columns, TILE);
    for (int64_t i = 0; i < p_.inputs; ++i) {
      const auto cover = static_cast<Cover>(input(i)[0]);
      const auto type = static_cast<Type>(input(i)[1]);
      if (cover == Cover::scalar) {
        load_converted(slot(i), call_.inputs[i], type, 0, 1);
      } else if (cover == Cover::row && p_.columns <= TILE) {
        load_converted(slot(i), call_.inputs[i], type, 0, width);
        const int64_t rows = std::min(p_.rows_of_tile(), p_.rows);
        for (int64_t r = 1; r < rows; r *= 2) {  // twice as many each time
          std::copy_n(slot(i), std::min(r, rows - r) * width, slot(i) + r * width);
        }
      }
      operands_[i] = slot(i);
    }
    for (int64_t i = 0; i < p_.constants; ++i) {
      *slot(p_.inputs + i) = static_cast<T>(p_.constant[i]);
    }
    for (int64_t i = p_.inputs; i < p_.inputs + p_.constants + p_.registers; ++i) {
      operands_[i] = slot(i);
    }
    for (int64_t i = 0; i < p_.operations; ++i) run_[i] = function(p_.operation + 5 * i);
  }

  // The function of an operation; where it takes no single numbers, these are repeated.
  Operation<T> function(const int64_t* each) {
    if (each[0] == DROPOUT) return nullptr;
    int singles = 0;
    for (int i = 0; i < 3; ++i) singles |= is_single(each[2 + i]) << i;
    const Operation<T> found = operation<T>(each[0], singles);
    if (found) return found;
    const int64_t most = single_ ? std::min(p_.elements(), TILE) : TILE;
    for (int i = 0; i < 3; ++i) {
      T* x = slot(each[2 + i]);
      if (singles >> i & 1) std::fill_n(x + 1, most - 1, *x);
    }
    return operation<T>(each[0], 0);
  }

  bool is_single(int64_t operand) const {
    if (operand >= p_.inputs) return operand < p_.inputs + p_.constants;
    return static_cast<Cover>(input(operand)[0]) == Cover::scalar;
  }

  void run_tile() {
    bind();
    compute();
    finish();
  }

  void place(int64_t tile) {
    if (p_.columns > TILE) {
      row_ = tile / p_.pieces_of_row();
      column_ = tile % p_.pieces_of_row() * TILE;
      length_ = std::min(TILE, p_.columns - column_);
      rows_ = 1;
      start_ = row_ * p_.columns + column_;
    } else {
      const int64_t row = tile * p_.rows_of_tile();
      place_rows(row, std::min(p_.rows_of_tile(), p_.rows - row));
    }
  }

  void place_rows(int64_t row, int64_t count) {
    row_ = row;
    column_ = 0;
    rows_ = count;
    length_ = count * p_.columns;
    start_ = row * p_.columns;
  }

  // Points each operand at its part of the tile, or brings it into its register.
  void bind() {
    for (int64_t i = 0; i < p_.inputs; ++i) {
      const auto type = static_cast<Type>(input(i)[1]);
      const char* x = call_.inputs[i];
      switch (static_cast<Cover>(input(i)[0])) {
        case Cover::full:
          bind_part(i, x, type, start_);
          break;
        case Cover::row:
          if (p_.columns > TILE) bind_part(i, x, type, column_);
          break;
        case Cover::column:
          fill_column(slot(i), x, type);
          break;
        case Cover::strided:
          gather(slot(i), x, type, input(i) + 2);
          break;
        case Cover::scalar:
        case Cover::opaque:
          break;
      }
    }
    const int64_t first = p_.inputs + p_.constants + p_.registers;
    for (int64_t i = 0; i < p_.outputs; ++i) {
      operands_[first + i] = reinterpret_cast<T*>(call_.outputs[i]) + start_;
    }
  }

  void bind_part(int64_t i, const char* x, Type type, int64_t start) {
    if (type == type_of<T>()) {
      operands_[i] = const_cast<T*>(reinterpret_cast<const T*>(x)) + start;
    } else {
      load_converted(slot(i), x, type, start, length_);
    }
  }

  void fill_column(T* y, const char* x, Type type) {
    const int64_t width = p_.columns > TILE ? length_ : p_.columns;
    T values[TILE];  // a tile has no more rows than elements
    load_converted(values, x, type, row_, rows_);
    for (int64_t r = 0; r < rows_; ++r, y += width) {
      for (int64_t j = 0; j < width; ++j) y[j] = values[r];
    }
  }

  // Elements start_ .. of the domain from an array with any strides (0 where it is repeated).
  void gather(T* y, const char* x, Type type, const int64_t* strides) {
    if (!length_) return;  // rows without columns
    int64_t index[MOST_AXES];
    int64_t rest = start_, offset = 0;
    for (int64_t a = p_.axes - 1; a >= 0; --a) {
      index[a] = rest % p_.shape[a];
      rest /= p_.shape[a];
      offset += index[a] * strides[a];
    }
    const int64_t last = p_.axes - 1;
    for (int64_t done = 0; done < length_;) {
      const int64_t run = std::min(length_ - done, p_.shape[last] - index[last]);
      if (strides[last] == 1) {
        load_converted(y + done, x, type, offset, run);
      } else {
        for (int64_t j = 0; j < run; ++j) {
          load_converted(y + done + j, x, type, offset + j * strides[last], 1);
        }
      }
      done += run;
      offset += (run - 1) * strides[last];
      index[last] += run - 1;
      advance(index, offset, strides);
    }
  }

  void advance(int64_t* index, int64_t& offset, const int64_t* strides) {
    for (int64_t a = p_.axes - 1; a >= 0; --a) {
      offset += strides[a];
      if (++index[a] < p_.shape[a]) return;
      offset -= p_.shape[a] * strides[a];
      index[a] = 0;
    }
  }

  void compute() {
    const int64_t* each = p_.operation;
    for (int64_t i = 0; i < p_.operations; ++i, each += 5) {
      if (run_[i]) {
        run_[i](operands_[each[1]], operands_[each[2]], operands_[each[3]], operands_[each[4]],
                length_);
      } else {
        drop(each);
      }
    }
  }

  // The mask of dropout: operands are the state, the threshold for 32 bits and the scale.
  void drop(const int64_t* each) {
    if constexpr (std::is_same_v<T, float>) {
      const auto* state = reinterpret_cast<const uint32_t*>(call_.inputs[each[2]]);
      const double threshold = p_.constant[each[3] - p_.inputs];
      const double scale = p_.constant[each[4] - p_.inputs];
      dropout_scale(state, start_, length_, static_cast<uint32_t>(threshold),
                    static_cast<float>(scale), operands_[each[1]]);
    }
  }

  void finish() {
    const int64_t first = p_.inputs + p_.constants + p_.registers;
    for (int64_t i = 0; i < p_.outputs; ++i) {
      const int64_t operand = p_.output[2 * i];
      if (operand == first + i) continue;  // an operation has written it in place
      store_converted(call_.outputs[i], static_cast<Type>(p_.output[2 * i + 1]), start_,
                      operands_[operand], length_);
    }
    double* sums = partial_;
    for (int64_t i = 0; i < p_.reductions; ++i) {
      reduce(i, operands_[p_.reduction[2 * i + 1]], sums);
      sums += span(p_, i);
    }
  }

  // The register in which a sum over rows collects its tiles, as they lie.
  T* collector(int64_t i) { return slot(p_.inputs + p_.constants + p_.registers + i); }

  void reduce(int64_t i, const T* x, double* sums) {
    switch (static_cast<Reduction>(p_.reduction[2 * i])) {
      case Reduction::all:
        *reinterpret_cast<Sum*>(sums) += tile_sum(x, length_);
        break;
      case Reduction::rows:
        if (p_.columns > TILE) {
          add(reinterpret_cast<Sum*>(sums) + column_, x, length_);
        } else if (single_) {
          add_rows(reinterpret_cast<Sum*>(sums), x, rows_, p_.columns);
        } else {
          add(collector(i), x, length_);
        }
        break;
      case Reduction::columns:
        sum_columns(reinterpret_cast<T*>(call_.outputs[p_.outputs + i]), x);
    }
  }

  void sum_columns(T* y, const T* x) {
    if (p_.columns > TILE) {
      y[row_] = (column_ ? y[row_] : T(0)) + static_cast<T>(tile_sum(x, length_));
      return;
    }
    for (int64_t r = 0; r < rows_; ++r) {
      y[row_ + r] = static_cast<T>(tile_sum(x + r * p_.columns, p_.columns));
    }
  }

  void clear_partial() { std::fill_n(partial_, partial_size(), 0.0); }

  void clear_collectors() {
    for (int64_t i = 0; i < p_.reductions && !single_; ++i) {
      const bool rows = static_cast<Reduction>(p_.reduction[2 * i]) == Reduction::rows;
      if (rows && p_.columns <= TILE) std::fill_n(collector(i), TILE, T(0));
    }
  }

  // Sums over rows have been collected tile by tile: add up the rows of the tile.
  void fold_rows() {
    double* sums = partial_;
    for (int64_t i = 0; i < p_.reductions; ++i) {
      const bool rows = static_cast<Reduction>(p_.reduction[2 * i]) == Reduction::rows;
      if (rows && p_.columns <= TILE && !single_) {
        const int64_t count = std::min(p_.rows_of_tile(), p_.rows);
        add_rows(reinterpret_cast<Sum*>(sums), collector(i), count, p_.columns);
      }
      sums += span(p_, i);
    }
  }

  static constexpr int64_t MOST_AXES = 16;
  static constexpr int64_t MOST_OPERANDS = 256;
  static constexpr int64_t MOST_OPERATIONS = 64;  // two for each of cluster.py's MOST_NODES

  const Program& p_;
  const Call& call_;
  T* registers_;
  double* partial_;
  T* operands_[MOST_OPERANDS];
  Operation<T> run_[MOST_OPERATIONS];
  bool single_ = false;  // one tile is the whole way
  int64_t row_ = 0, column_ = 0, rows_ = 0, start_ = 0, length_ = 0;
};

template <class T>
void Run<T>::combine(const Program& p, const Call& call, int64_t chunks) {
  const int64_t size = partial_size_of(p);
  int64_t offset = 0;
  for (int64_t i = 0; i < p.reductions; ++i) {
    T* y = reinterpret_cast<T*>(call.outputs[p.outputs + i]);
    for (int64_t j = 0; j < span(p, i); ++j) {
      Sum total = 0;
      for (int64_t chunk = 0; chunk < chunks; ++chunk) {
        total += reinterpret_cast<const Sum*>(call.shared)[chunk * size + offset + j];
      }
      y[j] = static_cast<T>(total);
    }
    offset += span(p, i);
  }
}

template <class Function>
void with_type(Type type, const Function& function) {
  switch (type) {
    case Type::float32:
      return function(float{});
    case Type::float64:
      return function(double{});
    case Type::int32:
      return function(int32_t{});
    default:
      return function(int64_t{});
  }
}

}  // namespace

void run_tiles(const Program& program, const Call& call, int64_t first, int64_t last, int64_t chunk,
               int worker) {
  with_type(program.type, [&](auto zero) {
    Run<decltype(zero)>(program, call, chunk, worker).tiles(first, last);
  });
}

void run_rows(const Program& program, const Call& call, int64_t first, int64_t last, int64_t chunk,
              int worker) {
  const int64_t rows = program.rows_of_tile(), pieces = program.pieces_of_row();
  run_tiles(program, call, first / rows * pieces, (last + rows - 1) / rows * pieces, chunk, worker);
}

void run_part(const Program& program, Call call, char** inputs, const Rows& part,
              const Turn& turn) {
  call.inputs = inputs;
  with_type(program.type, [&](auto zero) {
    Run<decltype(zero)>(program, call, turn.chunk, turn.worker).rows(part, inputs, turn.begins);
  });
}

void finish_reductions(const Program& program, const Call& call, int64_t chunks) {
  if (!program.reductions) return;
  with_type(program.type, [&](auto zero) { Run<decltype(zero)>::combine(program, call, chunks); });
}

void run_program(const Program& program, const Call& call) {
  const int64_t chunks = program.chunks();
  if (chunks == 1) {
    run_tiles(program, call, 0, program.tiles(), 0, 0);
    return finish_reductions(program, call, 1);
  }
  const int64_t together = program.tiles_together(), parts = program.tiles() / together;
  call.pool.each(chunks, [&](int64_t chunk, int worker) {
    run_tiles(program, call, parts * chunk / chunks * together,
              parts * (chunk + 1) / chunks * together, chunk, worker);
  });
  finish_reductions(program, call, chunks);
}

int64_t operation_number(const char* name, Type type) {
  if (std::string_view(name) == "dropout") return type == Type::float32 ? DROPOUT : -1;
  int64_t number = -1;
  with_type(type, [&](auto zero) { number = number_of<decltype(zero)>(name); });
  return number;
}

}  // namespace lernwerk

// Inputs, outputs and parameters: see Program. Sums follow the outputs.
KERNEL(fused) {
  if (call.prepared) {
    static_cast<const lernwerk::SingleTile*>(call.prepared)->run();
    return true;
  }
  lernwerk::run_program(lernwerk::Program(call.whole, call.real), call);
  return true;
}

PREPARATION(fused, 0) {
  return lernwerk::SingleTile::of(lernwerk::Program(call.whole, call.real), call);
}
