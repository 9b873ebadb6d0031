#include "plan.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "rounding.hpp"

namespace lernwerk {

Plan::Plan(std::vector<Instruction> instructions) : instructions_(std::move(instructions)) {
  for (const Instruction& each : instructions_) {
    const Kernel kernel = find_kernel(each.name.c_str());
    if (!kernel && !each.name.empty()) throw std::invalid_argument("no kernel " + each.name);
    bound_.push_back({kernel, find_preparation(each.name.c_str()),
                      std::vector<char*>(each.inputs.size()),
                      std::vector<char*>(each.outputs.size()), nullptr});
  }
}

void Plan::bind(const std::vector<uintptr_t>& bases, uintptr_t local, int threads) {
  threads_ = threads;
  const auto at = [&](size_t i) { return reinterpret_cast<char*>(bases[i]); };
  if (bases_.size() == bases.size() && local_ == reinterpret_cast<char*>(local)) {
    bool only_read = true;
    for (size_t i = 0; i < bases.size(); ++i) only_read &= bases_[i] == at(i) || !is_written(i);
    for (size_t i = 0; i < bases.size() && only_read; ++i) rebind(static_cast<int64_t>(i), at(i));
    if (only_read) return;
  }
  local_ = reinterpret_cast<char*>(local);
  bases_.resize(bases.size());
  for (size_t i = 0; i < bases.size(); ++i) bases_[i] = at(i);
  calls_.clear();
  const auto address = [&](const Operand& o) { return bases_[o.base] + o.offset; };
  for (size_t i = 0; i < instructions_.size(); ++i) {
    const Instruction& each = instructions_[i];
    std::transform(each.inputs.begin(), each.inputs.end(), bound_[i].inputs.begin(), address);
    std::transform(each.outputs.begin(), each.outputs.end(), bound_[i].outputs.begin(), address);
    calls_.push_back({bound_[i].inputs.data(), bound_[i].outputs.data(), each.whole.data(),
                      each.real.data(), bases_[0] + each.shared_offset, local_, each.local_bytes,
                      Pool::instance()});
    prepare(i);
  }
}

// Scratch memory lies in the arena, which is base 0.
bool Plan::is_written(size_t base) const {
  const auto lies_there = [&](const Operand& o) { return o.base == static_cast<int64_t>(base); };
  return base == 0 ||
         std::any_of(instructions_.begin(), instructions_.end(), [&](const auto& each) {
           return std::any_of(each.outputs.begin(), each.outputs.end(), lies_there);
         });
}

void Plan::prepare(size_t i) {
  if (!bound_[i].preparation.make) return;
  bound_[i].prepared = bound_[i].preparation.make(calls_[i]);
  calls_[i].prepared = bound_[i].prepared.get();
}

// For bases that are only read, as inputs are.
void Plan::rebind(int64_t base, char* address) {
  if (bases_[base] == address) return;
  bases_[base] = address;
  for (size_t i = 0; i < instructions_.size(); ++i) {
    const auto& operands = instructions_[i].inputs;
    bool moved = false;
    for (size_t j = 0; j < operands.size(); ++j) {
      if (operands[j].base != base) continue;
      bound_[i].inputs[j] = address + operands[j].offset;
      moved |= static_cast<int>(j) >= bound_[i].preparation.first_input;
    }
    if (moved) prepare(i);
  }
}

void Plan::run(const Fallback& fallback) {
  const TinyIsZero guard;
  const Pool::Limit limit(threads_);
  for (size_t i = 0; i < calls_.size(); ++i) {
    const Kernel kernel = bound_[i].kernel;
    if (!kernel || !kernel(calls_[i])) fallback(static_cast<int64_t>(i));
  }
}

void Plan::run_epoch(int64_t steps, const int64_t* order, int64_t batch,
                     const std::vector<Feed>& feeds, const std::vector<Harvest>& harvests,
                     const Fallback& fallback) {
  steps_done_ = 0;
  Feeding feeding(Pool::instance(), feeds, order, batch);
  for (int64_t step = 0; step < steps; ++step) {
    feeding.fetch(step);
    for (size_t i = 0; i < feeds.size(); ++i) rebind(feeds[i].base, feeding.address(i));
    if (step + 1 < steps) feeding.look_ahead(step + 1);
    run(fallback);
    for (const Harvest& each : harvests) {
      std::memcpy(each.destination + step * each.bytes,
                  bases_[each.operand.base] + each.operand.offset, static_cast<size_t>(each.bytes));
    }
    ++steps_done_;
  }
}

}  // namespace lernwerk
