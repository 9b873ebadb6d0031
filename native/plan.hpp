// A plan: a flat list of instructions over memory that is laid out beforehand.
//
// Memory comes as bases: the arena, constants, variables, inputs. An operand is an offset into a
// base, and an address once the bases are bound. Running allocates nothing and touches no Python,
// except for instructions without a kernel, which are handed to `fallback`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "feeding.hpp"
#include "kernel.hpp"

namespace lernwerk {

struct Operand {
  int64_t base;
  int64_t offset;
};

struct Instruction {
  std::string name;  // of the kernel; empty: computed by the fallback
  std::vector<Operand> inputs, outputs;
  std::vector<int64_t> whole;
  std::vector<double> real;
  int64_t shared_offset;  // scratch in the arena
  int64_t local_bytes;    // scratch of each thread
};

// A result of each step and where all of them are collected, one behind the other.
struct Harvest {
  Operand operand;
  char* destination;
  int64_t bytes;
};

class Plan {
 public:
  // Computes the instruction of that number by its definition; throws what the definition throws.
  using Fallback = std::function<void(int64_t)>;

  // Throws std::invalid_argument for the name of a kernel that does not exist.
  explicit Plan(std::vector<Instruction> instructions);

  // The addresses of all bases (the arena is base 0) and of scratch memory for so many threads.
  void bind(const std::vector<uintptr_t>& bases, uintptr_t local, int threads);

  // Where a base lies at present.
  uintptr_t address(int64_t base) const { return reinterpret_cast<uintptr_t>(bases_[base]); }

  void run(const Fallback& fallback);

  // How many steps of the last epoch came to their end, also where one has thrown.
  int64_t steps_done() const { return steps_done_; }

  // Runs `steps` steps; step i gets the rows order[i * batch .. (i + 1) * batch) of each feed.
  void run_epoch(int64_t steps, const int64_t* order, int64_t batch, const std::vector<Feed>& feeds,
                 const std::vector<Harvest>& harvests, const Fallback& fallback);

 private:
  struct Bound {
    Kernel kernel;
    Preparation preparation;
    std::vector<char*> inputs, outputs;
    Prepared prepared;
  };

  bool is_written(size_t base) const;
  void prepare(size_t i);

  void rebind(int64_t base, char* address);

  std::vector<Instruction> instructions_;
  std::vector<Bound> bound_;
  std::vector<Call> calls_;  // what the kernels get, made when the bases are bound
  std::vector<char*> bases_;
  char* local_ = nullptr;
  int threads_ = 1;
  int64_t steps_done_ = 0;
};

}  // namespace lernwerk
