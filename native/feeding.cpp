#include "feeding.hpp"

#include <algorithm>
#include <cstring>

#include "ahead.hpp"

namespace lernwerk {

// Bytes that are copied at a time: a few microseconds, for which a thread may be late elsewhere.
static constexpr int64_t PIECE_BYTES = 16 * 1024;
// Rows of a single number, as labels are: for these the compiler makes a load and a store.
static constexpr int64_t NUMBER = 4;
// Less than this is copied in the time that it takes to tell other threads of it.
static constexpr int64_t WORTH_OFFERING = 64 * 1024;

Feeding::Feeding(Pool& pool, const std::vector<Feed>& feeds, const int64_t* order, int64_t batch)
    : pool_(pool), feeds_(feeds), order_(order), batch_(batch), addresses_(feeds.size()) {
  int64_t bytes = 0;
  for (const Feed& each : feeds) {
    bytes += batch * each.row_bytes;
    pieces_ += pieces(each);
  }
  worth_offering_ = bytes >= WORTH_OFFERING;
}

Feeding::~Feeding() {
  if (coming_) pool_.finish(offer_);
}

void Feeding::fetch(int64_t step) {
  const int64_t* rows = order_ + step * batch_;
  const bool ready = coming_ == rows && pool_.finish(offer_);
  coming_ = nullptr;
  const bool in_place = !ready && in_order(rows);
  if (!ready && !in_place) {
    pool_.each(pieces_, [&](int64_t piece, int) { copy(rows, piece); });
  }
  for (size_t i = 0; i < feeds_.size(); ++i) {
    const Feed& feed = feeds_[i];
    const int64_t first = batch_ ? rows[0] * feed.row_bytes : 0;
    addresses_[i] = in_place ? const_cast<char*>(feed.source) + first : buffer(feed);
  }
}

void Feeding::look_ahead(int64_t step) {
  const int64_t* rows = order_ + step * batch_;
  if (!worth_offering_ || in_order(rows)) return;
  side_ = 1 - side_;
  work_ = {this, rows};
  offer_ = pool_.offer(pieces_, work_);
  if (offer_) coming_ = rows;
}

bool Feeding::in_order(const int64_t* rows) const {
  for (int64_t i = 1; i < batch_; ++i) {
    if (rows[i] != rows[0] + i) return false;
  }
  return true;
}

char* Feeding::buffer(const Feed& feed) const {
  const int64_t size = (batch_ * feed.row_bytes + LINE - 1) / LINE * LINE;
  return feed.buffer + side_ * size;
}

static int64_t rows_of_piece(const Feed& feed) {
  return std::max<int64_t>(1, PIECE_BYTES / std::max<int64_t>(1, feed.row_bytes));
}

int64_t Feeding::pieces(const Feed& feed) const {
  const int64_t rows = rows_of_piece(feed);
  return (batch_ + rows - 1) / rows;
}

void Feeding::copy(const int64_t* rows, int64_t piece) const {
  for (const Feed& feed : feeds_) {
    const int64_t here = pieces(feed);
    if (piece < here) return copy_piece(feed, rows, piece);
    piece -= here;
  }
}

// While one row is copied the next one is on its way: no processor guesses where that lies.
void Feeding::copy_piece(const Feed& feed, const int64_t* rows, int64_t piece) const {
  const int64_t bytes = feed.row_bytes, each = rows_of_piece(feed);
  const int64_t last = std::min(batch_, (piece + 1) * each);
  char* target = buffer(feed);
  if (bytes == NUMBER) {
    for (int64_t i = piece * each; i < last; ++i) {
      std::memcpy(target + i * NUMBER, feed.source + rows[i] * NUMBER, NUMBER);
    }
    return;
  }
  for (int64_t i = piece * each; i < last; ++i) {
    if (i + 1 < last) {
      const char* next = feed.source + rows[i + 1] * bytes;
      for (int64_t at = 0; at < bytes; at += LINE) prefetch(next + at);
    }
    std::memcpy(target + i * bytes, feed.source + rows[i] * bytes, static_cast<size_t>(bytes));
  }
}

}  // namespace lernwerk
