// What a kernel is: a function over raw memory, known by a name. The only header a kernel needs
// besides vector.hpp; it knows nothing of graphs, Python or other kernels.
#pragma once

#include <cstdint>
#include <memory>

#include "pool.hpp"

namespace lernwerk {

// One instruction of a plan as its kernel sees it.
struct Call {
  char* const* inputs;
  char* const* outputs;
  const int64_t* whole;  // whole-number parameters, in the order that the lowering wrote them
  const double* real;    // the other parameters
  char* shared;          // scratch memory of the instruction, 64-byte aligned
  char* local;           // scratch memory of the threads, side by side
  int64_t local_bytes;   // ... and its size for each, a multiple of 64
  Pool& pool;
  const void* prepared = nullptr;  // what the kernel's preparation made of all this, if it has one

  template <class T>
  const T* in(int i) const {
    return reinterpret_cast<const T*>(inputs[i]);
  }
  template <class T>
  T* out(int i) const {
    return reinterpret_cast<T*>(outputs[i]);
  }
  template <class T>
  T* mine(int worker) const {
    return reinterpret_cast<T*>(local + worker * local_bytes);
  }
};

// Returns false where the data are wrong (an index beyond its axis): the node is then computed by
// its NumPy definition, which words the error.
using Kernel = bool (*)(const Call&);

// What a kernel can find out from parameters and addresses alone: done once, when these are bound,
// and again when one of the inputs from `first_input` on moves. Null: there is nothing to gain.
using Prepared = std::shared_ptr<const void>;
struct Preparation {
  Prepared (*make)(const Call&);
  int first_input;
};

// The kernel of that name, or null; its preparation, whose `make` may be null.
Kernel find_kernel(const char* name);
Preparation find_preparation(const char* name);

struct Registration {
  Registration(const char* name, Kernel kernel);
  Registration(const char* name, Preparation preparation);
};

}  // namespace lernwerk

// Defines and registers a kernel: KERNEL(softmax) { const float* x = call.in<float>(0); ... }
#define KERNEL(name)                                                               \
  static bool kernel_##name(const ::lernwerk::Call& call);                         \
  static const ::lernwerk::Registration registration_##name(#name, kernel_##name); \
  static bool kernel_##name([[maybe_unused]] const ::lernwerk::Call& call)

// The preparation of a kernel: PREPARATION(fused, 0) { return ...; }
#define PREPARATION(name, first_input)                                      \
  static ::lernwerk::Prepared prepare_##name(const ::lernwerk::Call& call); \
  static const ::lernwerk::Registration preparation_##name(                 \
      #name, ::lernwerk::Preparation{prepare_##name, first_input});         \
  static ::lernwerk::Prepared prepare_##name(const ::lernwerk::Call& call)
