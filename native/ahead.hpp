// Memory that will be needed soon, brought near line by line while arithmetic goes on.
#pragma once

#include <algorithm>
#include <cstdint>

namespace lernwerk {

inline constexpr int64_t LINE = 64;  // bytes of a line of the cache

// Asks for a line to be brought into the second cache; any address will do.
static inline void prefetch(const char* address) { __builtin_prefetch(address, 0, 2); }

class Ahead {
 public:
  Ahead(const void* first, int64_t bytes)
      : next_(static_cast<const char*>(first)), end_(next_ + bytes) {}

  // One more line; when all are on their way, the last one again, which costs nothing.
  void step() {
    prefetch(next_);
    next_ = std::min(next_ + LINE, end_);
  }

 private:
  const char* next_;
  const char* end_;
};

}  // namespace lernwerk
