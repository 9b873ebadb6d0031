// Rows of data sets on their way into the steps of an epoch.
//
// Rows one behind the other are used where they lie; others are copied together, those of the next
// step by threads that have nothing to do in this one.
#pragma once

#include <cstdint>
#include <vector>

#include "pool.hpp"

namespace lernwerk {

// Rows of a data set that become an input of each step.
struct Feed {
  int64_t base;        // the input
  const char* source;  // the whole array
  char* buffer;        // room for the rows of two steps, each a multiple of 64 bytes
  int64_t row_bytes;
};

class Feeding {
 public:
  // Step i gets the rows order[i * batch .. (i + 1) * batch) of each feed.
  Feeding(Pool& pool, const std::vector<Feed>& feeds, const int64_t* order, int64_t batch);
  ~Feeding();
  Feeding(const Feeding&) = delete;
  Feeding& operator=(const Feeding&) = delete;

  // Sees that the rows of a step are there.
  void fetch(int64_t step);

  // Lets other threads begin with the rows of the step that is fetched next.
  void look_ahead(int64_t step);

  // Where the rows of a feed lie that were fetched last.
  char* address(size_t feed) const { return addresses_[feed]; }

 private:
  bool in_order(const int64_t* rows) const;
  int64_t pieces(const Feed& feed) const;
  char* buffer(const Feed& feed) const;
  void copy(const int64_t* rows, int64_t piece) const;
  void copy_piece(const Feed& feed, const int64_t* rows, int64_t piece) const;

  // What other threads are told to do.
  struct Work {
    const Feeding* feeding;
    const int64_t* rows;
    void operator()(int64_t piece) const { feeding->copy(rows, piece); }
  };

  Pool& pool_;
  const std::vector<Feed>& feeds_;
  const int64_t* order_;
  int64_t batch_, pieces_ = 0;
  bool worth_offering_ = false;
  int64_t side_ = 0;  // of the buffers, because the present step reads the rows on the other one
  std::vector<char*> addresses_;
  const int64_t* coming_ = nullptr;  // the rows that are on offer
  Work work_{};
  Pool::Offer offer_ = 0;
};

}  // namespace lernwerk
