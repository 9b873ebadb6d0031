#include "single_tile.hpp"

#include <algorithm>

#include "conversion.hpp"
#include "masked.hpp"
#include "tile_sums.hpp"

namespace lernwerk {

static bool fits(const Program& p) {
  if (p.type != Type::float32 || p.tiles() != 1 || p.columns > TILE || p.chunks() != 1)
    return false;
  for (int64_t i = 0; i < p.inputs; ++i) {
    const auto cover = static_cast<Cover>(p.input[i * (2 + p.axes)]);
    if (cover == Cover::strided || cover == Cover::opaque) return false;
  }
  return true;
}

Prepared SingleTile::of(const Program& program, const Call& call) {
  if (!fits(program)) return nullptr;
  return std::shared_ptr<const SingleTile>(new SingleTile(program, call));
}

SingleTile::SingleTile(const Program& p, const Call& call) : rows_(p.rows), columns_(p.columns) {
  constants_.assign(p.constant, p.constant + p.constants);
  const int64_t count = p.inputs + p.constants + p.registers;
  float* registers = call.mine<float>(0);
  for (int64_t i = 0; i < count; ++i) slots_.push_back(registers + i * SLOT);
  operands_ = slots_;
  is_single_.assign(static_cast<size_t>(count + p.outputs), false);
  bind_inputs(p, call);
  for (int64_t i = 0; i < p.outputs; ++i) operands_.push_back(call.out<float>(static_cast<int>(i)));
  for (int64_t i = 0; i < p.operations; ++i) add_step(p.operation + 5 * i);
  bind_outputs(p, call);
  for (int64_t i = 0; i < p.reductions; ++i) {
    const int64_t* each = p.reduction + 2 * i;
    sums_.push_back({static_cast<Reduction>(each[0]), operands_[static_cast<size_t>(each[1])],
                     call.out<float>(static_cast<int>(p.outputs + i))});
  }
}

void SingleTile::bind_inputs(const Program& p, const Call& call) {
  for (int64_t i = 0; i < p.inputs; ++i) {
    const int64_t* input = p.input + i * (2 + p.axes);
    const auto cover = static_cast<Cover>(input[0]);
    const auto type = static_cast<Type>(input[1]);
    const auto at = static_cast<size_t>(i);
    float* x = reinterpret_cast<float*>(call.inputs[i]);
    if (type != Type::float32) {
      converted_.emplace_back(size_of(cover));
      x = converted_.back().data();
      conversions_.push_back({type, call.inputs[i], x, size_of(cover)});
    }
    is_single_[at] = cover == Cover::scalar;
    if (cover == Cover::row || cover == Cover::column) {
      const bool is_column = cover == Cover::column;
      spreads_.push_back(
          {cover, x, slots_[at], is_column ? order_of_column() : std::vector<ints>()});
    } else {
      operands_[at] = x;
    }
  }
  for (int64_t i = 0; i < p.constants; ++i) {
    const auto at = static_cast<size_t>(p.inputs + i);
    is_single_[at] = true;
    operands_[at] = &constants_[static_cast<size_t>(i)];
  }
}

int64_t SingleTile::size_of(Cover cover) const {
  switch (cover) {
    case Cover::row:
      return columns_;
    case Cover::column:
      return rows_;
    case Cover::scalar:
      return 1;
    default:
      return rows_ * columns_;
  }
}

// What no operation has written in place is stored in another type.
void SingleTile::bind_outputs(const Program& p, const Call& call) {
  const int64_t first = p.inputs + p.constants + p.registers;
  for (int64_t i = 0; i < p.outputs; ++i) {
    const int64_t* output = p.output + 2 * i;
    if (output[0] == first + i) continue;
    stores_.push_back(
        {static_cast<Type>(output[1]), operands_[static_cast<size_t>(output[0])], call.outputs[i]});
  }
}

// Where an operation takes no single numbers, these are spread over the tile beforehand.
void SingleTile::add_step(const int64_t* each) {
  int singles = 0;
  for (int i = 0; i < 3; ++i) singles |= is_single_[static_cast<size_t>(each[2 + i])] << i;
  Operation<float> function = operation<float>(each[0], singles);
  for (int i = 0; i < 3 && !function; ++i) {
    const auto at = static_cast<size_t>(each[2 + i]);
    if (!is_single_[at] || operands_[at] == slots_[at]) continue;
    spreads_.push_back({Cover::scalar, operands_[at], slots_[at], {}});
    operands_[at] = slots_[at];  // its first number serves those that do take single ones
  }
  if (!function) function = operation<float>(each[0], 0);
  const auto operand = [&](int i) { return operands_[static_cast<size_t>(each[i])]; };
  steps_.push_back({function, operand(1), operand(2), operand(3), operand(4), count_of(each)});
}

// Registers have room for whole vectors. Processors hand on what was just stored at once, unless
// only a part of a vector was.
int64_t SingleTile::count_of(const int64_t* each) const {
  const int64_t elements = rows_ * columns_;
  bool in_registers = works_on_vectors(each[0]);
  for (int i = 1; i < 5; ++i) {
    const auto at = static_cast<size_t>(each[i]);
    const bool in_slot = at < slots_.size() && operands_[at] == slots_[at];
    in_registers &= in_slot || (i > 1 && is_single_[at]);
  }
  return in_registers ? (elements + WIDTH - 1) / WIDTH * WIDTH : elements;
}

// Of columns narrower than a vector, a vector of the tile takes its lanes from neighbouring rows.
std::vector<ints> SingleTile::order_of_column() const {
  std::vector<ints> order;
  if (columns_ >= WIDTH) return order;
  for (int64_t start = 0; start < rows_ * columns_; start += WIDTH) {
    ints rows;
    for (int i = 0; i < WIDTH; ++i) {
      rows[i] = static_cast<int32_t>((start + i) / columns_ - start / columns_);
    }
    order.push_back(rows);
  }
  return order;
}

void SingleTile::spread_narrow_column(const Spread& each) const {
  float* y = each.to;
  int64_t start = 0;
  for (const ints& order : each.order) {
    const int64_t row = start / columns_, left = std::min<int64_t>(WIDTH, rows_ - row);
    store(y + start, permuted(load_masked(each.from + row, left, 0), order));
    start += WIDTH;
  }
}

void SingleTile::spread_row(const Spread& each) const {
  if (columns_ % WIDTH == 0) {
    for (int64_t j = 0; j < columns_; j += WIDTH) {
      const floats v = load(each.from + j);
      for (int64_t r = 0; r < rows_; ++r) store(each.to + r * columns_ + j, v);
    }
    return;
  }
  for (int64_t r = 0; r < rows_; ++r) {
    float* y = each.to + r * columns_;
    // What is written beyond a row is put right by the next one, or in the room behind the tile.
    for (int64_t j = 0; j < columns_; j += WIDTH) {
      store(y + j, load_masked(each.from + j, std::min<int64_t>(WIDTH, columns_ - j), 0));
    }
  }
}

void SingleTile::spread(const Spread& each) const {
  if (each.cover == Cover::row) return spread_row(each);
  if (!each.order.empty()) return spread_narrow_column(each);
  const bool is_column = each.cover == Cover::column;
  const int64_t rows = is_column ? rows_ : 1, width = is_column ? columns_ : rows_ * columns_;
  for (int64_t r = 0; r < rows; ++r) std::fill_n(each.to + r * width, width, each.from[r]);
}

void SingleTile::sum(const Sum& each) const {
  switch (each.kind) {
    case Reduction::all:
      *each.to = static_cast<float>(tile_sum(each.from, rows_ * columns_));
      break;
    case Reduction::rows: {
      double totals[TILE];
      std::fill_n(totals, columns_, 0.0);
      add_rows(totals, each.from, rows_, columns_);
      std::copy_n(totals, columns_, each.to);
      break;
    }
    case Reduction::columns:
      for (int64_t r = 0; r < rows_; ++r) {
        each.to[r] = static_cast<float>(tile_sum(each.from + r * columns_, columns_));
      }
  }
}

void SingleTile::run() const {
  for (const Conversion& each : conversions_) {
    load_converted(each.to, each.from, each.type, 0, each.count);
  }
  for (const Spread& each : spreads_) spread(each);
  for (const Step& each : steps_) each.run(each.y, each.a, each.b, each.c, each.count);
  for (const Store& each : stores_) {
    store_converted(each.to, each.type, 0, each.from, rows_ * columns_);
  }
  for (const Sum& each : sums_) sum(each);
}

}  // namespace lernwerk
