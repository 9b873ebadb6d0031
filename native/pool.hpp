// One persistent pool of threads for the whole process, shared by all plans.
//
// Work comes as numbered chunks that the threads take one after the other, so that a thread which
// the system has put aside delays nothing but the chunk it holds. Chunks must depend on shapes
// alone, never on the number of threads: then every number of threads gives the same bits.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace lernwerk {

class Pool {
 public:
  static Pool& instance();

  // Threads that work at most, the caller among them; 1 to MOST.
  int threads() const { return std::min(wanted_.load(std::memory_order_relaxed), limit_); }
  void set_threads(int count);

  // While one lives, its thread asks for no more workers: for so many there is scratch memory,
  // whatever another thread sets meanwhile.
  class Limit {
   public:
    explicit Limit(int count) : before_(limit_) { limit_ = count; }
    ~Limit() { limit_ = before_; }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

   private:
    int before_;
  };

  // Calls work(chunk, worker) for every chunk 0 .. chunks - 1 and returns when all are done.
  // worker < threads() tells the threads of this call apart: it selects their scratch memory.
  // Called from inside a chunk, or while another thread holds the pool, it runs on the caller.
  template <class Work>
  void each(int64_t chunks, const Work& work) {
    if (chunks <= 1 || threads() <= 1 || !acquire()) {
      for (int64_t chunk = 0; chunk < chunks; ++chunk) work(chunk, 0);
      return;
    }
    run(
        chunks,
        [](const void* context, int64_t chunk, int worker) {
          (*static_cast<const Work*>(context))(chunk, worker);
        },
        &work);
  }

  // Work that can wait: threads that look for something to do take its pieces between two calls of
  // `each`. The work has to live until `finish`. Returns 0, and nobody does anything, where no
  // thread could help or another offer stands.
  using Offer = uint32_t;
  template <class Work>
  Offer offer(int64_t pieces, const Work& work) {
    return offer(
        pieces,
        [](const void* context, int64_t piece, int) {
          (*static_cast<const Work*>(context))(piece);
        },
        &work);
  }

  // Does what is left of an offer. False where it has been lost, in the child of a fork.
  bool finish(Offer offer);

  static constexpr int MOST = 256;

 private:
  using Function = void (*)(const void*, int64_t, int);

  Pool();
  bool acquire();
  void run(int64_t chunks, Function function, const void* context);
  void take_chunks(uint32_t round, int64_t chunks, Function function, const void* context,
                   int worker);
  Offer offer(int64_t pieces, Function function, const void* context);
  bool take_offered(int worker);
  void serve(int worker);
  void start_threads();
  void after_fork();

  struct Job;
  Job* job_;  // leaked on purpose: threads may outlive static destruction
  std::atomic<int> wanted_{1};
  static thread_local int limit_;
};

}  // namespace lernwerk
