// Work cut into ranges of whole items (rows, pictures, ...) for the pool. Borders depend on sizes
// alone, so that every number of threads gives the same bits.
#pragma once

#include <algorithm>

#include "pool.hpp"

namespace lernwerk {

// A core that another process holds up delays 1/16 of the work at most.
inline constexpr int64_t CHUNKS = 16;

// Elements for which a chunk of its own pays: about 20 microseconds from memory.
inline constexpr int64_t CHUNK_ELEMENTS = 32768;

static inline int64_t chunks_for(int64_t items, int64_t elements) {
  const int64_t wanted = std::min({elements / CHUNK_ELEMENTS, CHUNKS, items});
  return std::max<int64_t>(wanted, 1);
}

static inline int64_t border(int64_t items, int64_t chunks, int64_t chunk) {
  return items / chunks * chunk + items % chunks * chunk / chunks;
}

// Calls work(begin, end, worker) on ranges of the items, which touch `elements` in all.
template <class Work>
void each_range(Pool& pool, int64_t items, int64_t elements, const Work& work) {
  if (items == 0) return;
  const int64_t chunks = chunks_for(items, elements);
  pool.each(chunks, [&](int64_t chunk, int worker) {
    work(border(items, chunks, chunk), border(items, chunks, chunk + 1), worker);
  });
}

}  // namespace lernwerk
