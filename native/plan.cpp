#include "plan.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "rounding.hpp"

namespace lernwerk {

Plan::Plan(std::vector<Instruction> instructions) : instructions_(std::move(instructions)) {
  for (const Instruction& each : instructions_) {
    Kernel kernel = each.name.empty() ? nullptr : find_kernel(each.name.c_str());
    if (!kernel && !each.name.empty()) throw std::invalid_argument("no kernel " + each.name);
    bound_.push_back(
        {kernel, std::vector<char*>(each.inputs.size()), std::vector<char*>(each.outputs.size())});
  }
}

void Plan::bind(const std::vector<uintptr_t>& bases, uintptr_t local, int threads) {
  threads_ = threads;
  local_ = reinterpret_cast<char*>(local);
  bases_.resize(bases.size());
  for (size_t i = 0; i < bases.size(); ++i) bases_[i] = reinterpret_cast<char*>(bases[i]);
  const auto address = [&](const Operand& o) { return bases_[o.base] + o.offset; };
  for (size_t i = 0; i < instructions_.size(); ++i) {
    const Instruction& each = instructions_[i];
    std::transform(each.inputs.begin(), each.inputs.end(), bound_[i].inputs.begin(), address);
    std::transform(each.outputs.begin(), each.outputs.end(), bound_[i].outputs.begin(), address);
  }
}

// Inputs of steps change their place; nothing is ever written to an input.
void Plan::rebind(int64_t base, char* address) {
  if (bases_[base] == address) return;
  bases_[base] = address;
  for (size_t i = 0; i < instructions_.size(); ++i) {
    const auto& operands = instructions_[i].inputs;
    for (size_t j = 0; j < operands.size(); ++j) {
      if (operands[j].base == base) bound_[i].inputs[j] = address + operands[j].offset;
    }
  }
}

void Plan::execute(size_t i, const Fallback& fallback) {
  const Bound& bound = bound_[i];
  const Instruction& each = instructions_[i];
  const bool done = bound.kernel &&
                    bound.kernel(Call{bound.inputs.data(), bound.outputs.data(), each.whole.data(),
                                      each.real.data(), bases_[0] + each.shared_offset, local_,
                                      each.local_bytes, Pool::instance()});
  if (!done) fallback(static_cast<int64_t>(i));
}

void Plan::run(const Fallback& fallback) {
  const TinyIsZero guard;
  const Pool::Limit limit(threads_);
  for (size_t i = 0; i < bound_.size(); ++i) execute(i, fallback);
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
