// SPDX-License-Identifier: Apache-2.0
//
// libprecordia_mpi.so: collectives of the CPU backend by MPI, begun in their non-blocking forms (mpi/progress.h) and
// waited for; all_reduce_begin does not wait, and join waits for all that was begun.
#include <mpi.h>

#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "core/transport.h"
#include "mpi/element_type.h"
#include "mpi/progress.h"
#include "precordia/build_id.h"

namespace pcd::mpi {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 30;  // of a call: MPI counts in int
constexpr int kGroupTag = 7;

class MpiTransport final : public Transport {
 public:
  ~MpiTransport() override {
    if (communicator_ == MPI_COMM_NULL) return;
    Progress& progress = Progress::get();
    if (given_up_->load()) {
      progress.failed();
    } else {
      std::string ignored;
      wait([this](std::vector<MPI_Request>&) { return MPI_Comm_free(&communicator_); }, ignored);
    }
    progress.closed();
  }

  int32_t open(const pcd_communicator_desc& desc, std::string& message) {
    Progress& progress = Progress::get();
    const int32_t started = progress.start(message);
    if (started != PCD_OK) return started;
    if (desc.ranks > progress.world_ranks() || desc.rank != progress.world_rank()) {
      message = "MPI_COMM_WORLD says this is rank " + std::to_string(progress.world_rank()) + " of " +
                std::to_string(progress.world_ranks()) + "; start the ranks by the mpirun, or srun --mpi=..., of the MPI "
                "that this was built with";
      return PCD_ERROR_COMMUNICATION;
    }
    ranks_ = desc.ranks;
    MPI_Comm made = MPI_COMM_NULL;
    const int32_t status =
        ranks_ == progress.world_ranks()
            ? wait([&made](auto& requests) { return MPI_Comm_idup(MPI_COMM_WORLD, &made, add(requests)); }, message,
                   [&made] { MPI_Comm_set_errhandler(made, MPI_ERRORS_RETURN); })
            : wait([&made, this](auto&) { return of_first(ranks_, &made); }, message);
    if (status != PCD_OK) return status;
    communicator_ = made;
    progress.opened();
    return PCD_OK;
  }

  int32_t all_reduce(void*, void* data, int64_t count, int32_t dtype, int32_t reduction,
                     std::string& message) override {
    return Progress::get().run(reduce(data, count, dtype, reduction), message);
  }

  int32_t all_reduce_begin(void*, void* data, int64_t count, int32_t dtype, int32_t reduction, std::string&) override {
    begun_.push_back(reduce(data, count, dtype, reduction));
    Progress::get().begin(begun_.back());
    return PCD_OK;
  }

  int32_t join(void*, std::string& message) override {
    int32_t first = PCD_OK;
    for (const auto& task : begun_) {
      std::string own;
      const int32_t status = Progress::get().wait(task, own);
      if (first != PCD_OK || status == PCD_OK) continue;
      first = status;
      message = own;
    }
    begun_.clear();
    return first;
  }

  int32_t all_gather(void*, const void* source, void* target, uint64_t bytes, std::string& message) override {
    if (bytes > static_cast<uint64_t>(kMostElements)) return too_large("all_gather", message);
    const bool own = source == part(target, bytes);
    return wait(
        [=](auto& requests) {
          const int count = static_cast<int>(bytes);
          return MPI_Iallgather(own ? MPI_IN_PLACE : source, count, MPI_BYTE, target, count, MPI_BYTE, communicator_,
                                add(requests));
        },
        message);
  }

  // MPI's own in-place form takes the result at the buffer's begin, not at the rank's part: that case takes a copy.
  int32_t reduce_scatter(void*, const void* source, void* target, int64_t count, int32_t dtype,
                         std::string& message) override {
    if (count > kMostElements / ranks_) return too_large("reduce_scatter", message);
    const uint64_t size = dtype_size(dtype) * static_cast<uint64_t>(count);
    std::vector<char> result;
    const bool own = target == part(const_cast<void*>(source), size);
    if (own) result.resize(size);
    void* const to = own ? result.data() : target;
    const int32_t status = wait(
        [=](auto& requests) {
          const ElementType element = element_type(dtype);
          return MPI_Ireduce_scatter_block(source, to, static_cast<int>(count), element.type, element.sum,
                                           communicator_, add(requests));
        },
        message);
    if (own && status == PCD_OK) std::memcpy(target, result.data(), size);
    if (own && status != PCD_OK) kept_.push_back(std::move(result));  // MPI may still write to it
    return status;
  }

  int32_t broadcast(void*, void* data, uint64_t bytes, int32_t root, std::string& message) override {
    return wait(
        [=](auto& requests) {
          for (uint64_t done = 0; done < bytes;) {
            const uint64_t now = bytes - done < kMostElements ? bytes - done : kMostElements;
            const int code = MPI_Ibcast(static_cast<char*>(data) + done, static_cast<int>(now), MPI_BYTE, root,
                                        communicator_, add(requests));
            if (code != MPI_SUCCESS) return code;
            done += now;
          }
          return MPI_SUCCESS;
        },
        message);
  }

  int32_t barrier(void*, std::string& message) override {
    return wait([this](auto& requests) { return MPI_Ibarrier(communicator_, add(requests)); }, message);
  }

  int32_t status(std::string&) override { return PCD_OK; }

  void abort() noexcept override {
    given_up_->store(true, std::memory_order_release);
    Progress::get().failed();
    Progress::get().wake();
  }

 private:
  using Begin = std::function<int(std::vector<MPI_Request>&)>;

  static MPI_Request* add(std::vector<MPI_Request>& requests) {
    requests.push_back(MPI_REQUEST_NULL);
    return &requests.back();
  }

  static uint64_t dtype_size(int32_t dtype) {
    return dtype == PCD_DTYPE_BF16 ? 2 : dtype == PCD_DTYPE_F32 || dtype == PCD_DTYPE_I32 ? 4 : 8;
  }

  static int32_t too_large(const char* name, std::string& message) {
    message = std::string(name) + " by MPI takes at most 1 GiB a rank; cut the tensor";
    return PCD_ERROR_UNSUPPORTED;
  }

  // Collective over those ranks alone, so the others need not come.
  static int of_first(int ranks, MPI_Comm* made) {
    MPI_Group world = MPI_GROUP_NULL, first = MPI_GROUP_NULL;
    int range[1][3] = {{0, ranks - 1, 1}};
    MPI_Comm_group(MPI_COMM_WORLD, &world);
    MPI_Group_range_incl(world, 1, range, &first);
    const int code = MPI_Comm_create_group(MPI_COMM_WORLD, first, kGroupTag, made);
    if (code == MPI_SUCCESS) MPI_Comm_set_errhandler(*made, MPI_ERRORS_RETURN);
    MPI_Group_free(&first);
    MPI_Group_free(&world);
    return code;
  }

  void* part(void* whole, uint64_t size) const {
    return static_cast<char*>(whole) + size * static_cast<uint64_t>(Progress::get().world_rank());
  }

  std::shared_ptr<Task> task(Begin begin, std::function<void()> end = {}) const {
    auto made = std::make_shared<Task>();
    made->begin = std::move(begin);
    made->end = std::move(end);
    made->given_up = given_up_;
    return made;
  }

  int32_t wait(Begin begin, std::string& message, std::function<void()> end = {}) const {
    return Progress::get().run(task(std::move(begin), std::move(end)), message);
  }

  std::shared_ptr<Task> reduce(void* data, int64_t count, int32_t dtype, int32_t reduction) {
    const uint64_t size = dtype_size(dtype);
    Begin begin = [=](auto& requests) {
      const ElementType element = element_type(dtype);
      for (int64_t done = 0; done < count;) {
        const int64_t now = count - done < kMostElements ? count - done : kMostElements;
        const int code = MPI_Iallreduce(MPI_IN_PLACE, static_cast<char*>(data) + static_cast<uint64_t>(done) * size,
                                        static_cast<int>(now), element.type, element.sum, communicator_,
                                        add(requests));
        if (code != MPI_SUCCESS) return code;
        done += now;
      }
      return MPI_SUCCESS;
    };
    if (reduction != PCD_REDUCE_MEAN) return task(std::move(begin));
    const int32_t ranks = ranks_;
    return task(std::move(begin), [=] { divide(data, count, dtype, ranks); });
  }

  MPI_Comm communicator_ = MPI_COMM_NULL;
  int32_t ranks_ = 1;
  std::shared_ptr<std::atomic<bool>> given_up_ = std::make_shared<std::atomic<bool>>(false);
  std::vector<std::shared_ptr<Task>> begun_;
  std::vector<std::vector<char>> kept_;
};

// Of "Open MPI v4.1.4, package: ..." or of several lines what names the library.
int32_t library(std::string& text) {
  char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(version, &length);
  text.assign(version, static_cast<size_t>(length));
  text.resize(text.find_first_of(",\n\r") == std::string::npos ? text.size() : text.find_first_of(",\n\r"));
  return PCD_OK;
}

int32_t create(Backend*, const pcd_communicator_desc& desc, Transport** transport, std::string& message) {
  try {
    auto made = std::make_unique<MpiTransport>();
    const int32_t status = made->open(desc, message);
    if (status == PCD_OK) *transport = made.release();
    return status;
  } catch (const std::exception& failure) {
    message = failure.what();
    return PCD_ERROR_INTERNAL;
  }
}

void destroy(Transport* transport) { delete transport; }

const TransportPlugin plugin{sizeof(TransportPlugin), PCD_BUILD_ID, library, nullptr, create, destroy};

}  // namespace
}  // namespace pcd::mpi

extern "C" __attribute__((visibility("default"))) const pcd::TransportPlugin* pcd_mpi_v1(uint32_t, const char*) {
  // The core compares both and says what differs.
  return &pcd::mpi::plugin;
}
