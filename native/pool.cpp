#include "pool.hpp"

#include <pthread.h>

#include "rounding.hpp"

namespace lernwerk {

// How often a thread looks for work before it goes to sleep: about 20 microseconds. Waking a
// sleeping thread takes about as long; longer spinning takes the core from other processes.
static constexpr int SPINS = 2000;

static inline void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// The piece of work all threads share. `ticket` holds the round (high half) and the chunks taken
// (low half), so that a thread that comes late can never take a chunk of a newer round; what a
// round does lies in one of two places by turns, so that it cannot change under a thread of that
// round.
//
// Every other thread takes chunks from the end: so a thread mostly gets the rows that it had in the
// round before, which are still in its own cache.
struct Pool::Job {
  struct Round {
    std::atomic<int64_t> chunks{0};
    std::atomic<Function> function{nullptr};
    std::atomic<const void*> context{nullptr};
    std::atomic<uint64_t> mode{0};  // the caller's treatment of tiny numbers
    std::atomic<int> workers{1};    // threads that may take part, the caller among them
  };
  Round rounds[2];
  std::mutex busy;
  std::mutex sleep;
  std::condition_variable wake;
  std::atomic<uint64_t> ticket{0};
  std::atomic<int64_t> done{0};
  std::atomic<uint32_t> round{0};
  std::atomic<int> sleeping{0};
  int started = 1;

  // An offer: its number (high half) and the pieces left (low half). What it is about changes only
  // while none is left, so that whoever takes a piece has read what belongs to it.
  std::atomic<uint64_t> offered{0};
  std::atomic<Function> offered_function{nullptr};
  std::atomic<const void*> offered_context{nullptr};
  std::atomic<int> offered_workers{0};
  std::atomic<int64_t> offered_done{0};
  int64_t offered_pieces = 0;
  Offer offer = 0;
  std::atomic<bool> offering{false};
};

// The chunks of a round that have been taken. Both numbers share the low half of the ticket; where
// there are too many chunks for that, all are taken from the start.
struct Taken {
  static constexpr uint64_t ONE_AT_END = 1 << 16;

  bool has_two_ends;
  int64_t chunks, at_start, at_end;

  Taken(uint64_t ticket, int64_t chunks) : has_two_ends(chunks < 1 << 16), chunks(chunks) {
    at_start = static_cast<int64_t>(ticket & (has_two_ends ? 0xffffu : 0xffffffffu));
    at_end = has_two_ends ? static_cast<int64_t>(ticket >> 16 & 0xffffu) : 0;
  }
  bool all() const { return at_start + at_end >= chunks; }
};

static thread_local bool inside = false;
thread_local int Pool::limit_ = Pool::MOST;

Pool& Pool::instance() {
  static Pool* pool = new Pool;  // never destroyed: its threads run until the process ends
  return *pool;
}

Pool::Pool() : job_(new Job) {
  unsigned cores = std::thread::hardware_concurrency();
  set_threads(cores ? static_cast<int>(cores) : 1);
  pthread_atfork(nullptr, nullptr, [] { Pool::instance().after_fork(); });
}

// In the child of a fork only the forking thread lives: begin anew. The old job is left as it is,
// its locks may be held by threads that no longer exist.
void Pool::after_fork() {
  job_ = new Job;
  inside = false;
}

void Pool::set_threads(int count) { wanted_ = count < 1 ? 1 : count > MOST ? MOST : count; }

bool Pool::acquire() { return !inside && job_->busy.try_lock(); }

void Pool::start_threads() {
  for (; job_->started < threads(); ++job_->started) {
    std::thread([this, worker = job_->started] { serve(worker); }).detach();
  }
}

void Pool::take_chunks(uint32_t round, int64_t chunks, Function function, const void* context,
                       int worker) {
  uint64_t ticket = job_->ticket.load(std::memory_order_acquire);
  while (static_cast<uint32_t>(ticket >> 32) == round) {
    const Taken taken(ticket, chunks);
    if (taken.all()) return;
    const bool from_end = worker % 2 == 1 && taken.has_two_ends;
    if (!job_->ticket.compare_exchange_weak(ticket, ticket + (from_end ? Taken::ONE_AT_END : 1),
                                            std::memory_order_acq_rel))
      continue;
    function(context, from_end ? chunks - 1 - taken.at_end : taken.at_start, worker);
    job_->done.fetch_add(1, std::memory_order_release);
    ticket = job_->ticket.load(std::memory_order_acquire);
  }
}

static void wait_for(const std::atomic<int64_t>& done, int64_t count) {
  for (int spins = 0; done.load(std::memory_order_acquire) < count; ++spins) {
    if (spins < SPINS)
      pause();
    else
      std::this_thread::yield();
  }
}

void Pool::run(int64_t chunks, Function function, const void* context) {
  start_threads();
  Job& job = *job_;
  const uint32_t round = job.round.load(std::memory_order_relaxed) + 1;
  job.done.store(0, std::memory_order_relaxed);
  Job::Round& work = job.rounds[round & 1];
  work.chunks.store(chunks, std::memory_order_relaxed);
  work.function.store(function, std::memory_order_relaxed);
  work.context.store(context, std::memory_order_relaxed);
  work.mode.store(floating_mode(), std::memory_order_relaxed);
  work.workers.store(threads(), std::memory_order_relaxed);
  job.ticket.store(static_cast<uint64_t>(round) << 32, std::memory_order_release);
  job.round.store(round, std::memory_order_seq_cst);
  if (job.sleeping.load(std::memory_order_seq_cst) > 0) {
    std::lock_guard<std::mutex> lock(job.sleep);
    job.wake.notify_all();
  }
  inside = true;
  take_chunks(round, chunks, function, context, 0);
  inside = false;
  wait_for(job.done, chunks);
  job.busy.unlock();
}

Pool::Offer Pool::offer(int64_t pieces, Function function, const void* context) {
  Job& job = *job_;
  if (threads() <= 1 || job.offering.exchange(true, std::memory_order_acquire)) return 0;
  if (++job.offer == 0) ++job.offer;
  job.offered_pieces = pieces;
  job.offered_done.store(0, std::memory_order_relaxed);
  job.offered_function.store(function, std::memory_order_relaxed);
  job.offered_context.store(context, std::memory_order_relaxed);
  job.offered_workers.store(threads(), std::memory_order_relaxed);
  job.offered.store(static_cast<uint64_t>(job.offer) << 32 | static_cast<uint64_t>(pieces),
                    std::memory_order_release);
  return job.offer;
}

// Does one piece of the offer that stands, if one is left.
bool Pool::take_offered(int worker) {
  Job& job = *job_;
  uint64_t offered = job.offered.load(std::memory_order_acquire);
  const auto left = static_cast<int64_t>(offered & 0xffffffffu);
  if (left == 0 || worker >= job.offered_workers.load(std::memory_order_relaxed)) return false;
  const Function function = job.offered_function.load(std::memory_order_relaxed);
  const void* context = job.offered_context.load(std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (!job.offered.compare_exchange_strong(offered, offered - 1, std::memory_order_acq_rel)) {
    return true;
  }
  function(context, left - 1, worker);
  job.offered_done.fetch_add(1, std::memory_order_release);
  return true;
}

bool Pool::finish(Offer offer) {
  Job& job = *job_;
  if (job.offer != offer || !job.offering.load(std::memory_order_relaxed)) return false;
  const auto take_all = [&](int64_t, int worker) {
    while (take_offered(worker)) continue;
  };
  each(std::min<int64_t>(threads(), job.offered.load(std::memory_order_relaxed) & 0xffffffffu),
       take_all);
  take_all(0, 0);  // the threads of the pool may be busy with something else
  wait_for(job.offered_done, job.offered_pieces);
  job.offering.store(false, std::memory_order_release);
  return true;
}

void Pool::serve(int worker) {
  inside = true;  // a chunk that itself asks for the pool runs where it is
  Job& job = *job_;
  uint32_t seen = 0;
  while (true) {
    uint32_t round = job.round.load(std::memory_order_acquire);
    for (int spins = 0; round == seen && spins < SPINS; ++spins) {
      if (take_offered(worker)) spins = 0;
      pause();
      round = job.round.load(std::memory_order_acquire);
    }
    if (round == seen) {
      std::unique_lock<std::mutex> lock(job.sleep);
      job.sleeping.fetch_add(1, std::memory_order_seq_cst);
      job.wake.wait(lock, [&] { return job.round.load(std::memory_order_seq_cst) != seen; });
      job.sleeping.fetch_sub(1, std::memory_order_seq_cst);
      continue;
    }
    seen = round;
    // What is read here is right as long as the ticket, which is read after it, shows this round.
    Job::Round& work = job.rounds[round & 1];
    if (worker >= work.workers.load(std::memory_order_relaxed)) continue;
    int64_t chunks = work.chunks.load(std::memory_order_relaxed);
    Function function = work.function.load(std::memory_order_relaxed);
    const void* context = work.context.load(std::memory_order_relaxed);
    const uint64_t mode = work.mode.load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    set_floating_mode(mode);
    take_chunks(round, chunks, function, context, worker);
  }
}

}  // namespace lernwerk
