// A program of one tile of floats, bound to its memory: for networks so small that reading a
// program's parameters takes longer than to compute it. What it gives is, bit for bit, what
// run_program gives.
#pragma once

#include <vector>

#include "fused.hpp"
#include "operations.hpp"
#include "vector.hpp"

namespace lernwerk {

class SingleTile {
 public:
  // Null for a program with more tiles, other registers, or inputs in strides.
  static Prepared of(const Program& program, const Call& call);

  void run() const;

 private:
  struct Step {
    Operation<float> run;
    float* y;
    const float *a, *b, *c;
    int64_t count;
  };
  // Brings an input into its register: a row under itself, each number of a column beside it, or
  // all of an array of another type.
  struct Spread {
    Cover cover;
    const float* from;
    float* to;
    std::vector<ints> order;  // of narrow columns: the row of each lane, from the vector's first on
  };
  struct Conversion {
    Type type;
    const char* from;
    float* to;
    int64_t count;
  };
  struct Store {
    Type type;
    const float* from;
    char* to;
  };
  struct Sum {
    Reduction kind;
    const float* from;
    float* to;
  };

  SingleTile(const Program& program, const Call& call);
  void bind_inputs(const Program& program, const Call& call);
  void bind_outputs(const Program& program, const Call& call);
  void add_step(const int64_t* operation);
  int64_t count_of(const int64_t* operation) const;
  int64_t size_of(Cover cover) const;
  std::vector<ints> order_of_column() const;
  void spread(const Spread& each) const;
  void spread_row(const Spread& each) const;
  void spread_narrow_column(const Spread& each) const;
  void sum(const Sum& each) const;

  int64_t rows_, columns_;
  std::vector<float> constants_;
  std::vector<std::vector<float>> converted_;
  std::vector<float*> operands_;
  std::vector<bool> is_single_;
  std::vector<float*> slots_;
  std::vector<Conversion> conversions_;
  std::vector<Spread> spreads_;
  std::vector<Step> steps_;
  std::vector<Store> stores_;
  std::vector<Sum> sums_;
};

}  // namespace lernwerk
