// SPDX-License-Identifier: Apache-2.0
//
// Validation of views: every view of every op, broken in each way that views can be broken, must make the call fail and
// be named; then alignment, flags and overlaps.
#include <functional>

#include "core_descriptors.h"

using namespace pcd::test;

namespace {

// Runs the deleter of a DLPack export, which follows the version (8 bytes) and the manager's pointer.
void release_export(void* managed) {
  void (*deleter)(void*);
  std::memcpy(&deleter, static_cast<char*>(managed) + 8 + sizeof(void*), sizeof deleter);
  deleter(managed);
}

}  // namespace

TEST(descriptors_as_made_are_valid) {
  Session session;
  Descriptors descriptors(session);
  for (const Invocation& invocation : descriptors.all()) {
    if (invocation.call() != PCD_OK) fail(invocation.op + ": " + session.message());
  }
}

TEST(every_view_broken_in_every_way) {
  Session session, stranger;
  Descriptors descriptors(session);
  // Destroyed, and held by an export, so that no later buffer gets its address.
  pcd_buffer* gone = nullptr;
  void* held = nullptr;
  session.require(pcd_buffer_create(session.stream, 1 << 16, PCD_MEMORY_DEVICE, &gone));
  pcd_tensor whole;
  std::memset(&whole, 0, sizeof whole);
  whole.buffer = gone;
  session.require(pcd_tensor_to_dlpack(&whole, &held));
  session.require(pcd_buffer_destroy(gone));
  pcd_buffer* const foreign = stranger.buffer(1 << 16);
  int broken = 0;
  for (const Invocation& invocation : descriptors.all()) {
    for (const NamedView& named : invocation.views) {
      const pcd_tensor good = *named.view;
      if (good.buffer == nullptr) continue;  // of no size on this backend
      const auto broken_by = [&](const char* way, int32_t status, const std::string& part,
                                 const std::function<void(pcd_tensor&)>& change) {
        change(*named.view);
        refused(session, invocation, named.name, way, status, part);
        *named.view = good;
        ++broken;
      };
      if (named.kind != View::optional) {
        broken_by("absent", PCD_ERROR_ARGUMENT, "absent", [](pcd_tensor& v) { v.buffer = nullptr; });
      }
      broken_by("destroyed buffer", PCD_ERROR_ARGUMENT, "destroyed", [&](pcd_tensor& v) { v.buffer = gone; });
      broken_by("buffer of another context", PCD_ERROR_ARGUMENT, "another context",
                [&](pcd_tensor& v) { v.buffer = foreign; });
      broken_by("past the end", PCD_ERROR_ARGUMENT, "ends past", [](pcd_tensor& v) { v.offset = uint64_t{1} << 40; });
      broken_by("past the end, overflowing", PCD_ERROR_ARGUMENT, "ends past",
                [](pcd_tensor& v) { v.offset = UINT64_MAX - 63; });
      broken_by("negative rank", PCD_ERROR_SHAPE, "rank -1", [](pcd_tensor& v) { v.rank = -1; });
      broken_by("rank 5", PCD_ERROR_SHAPE, "rank 5", [](pcd_tensor& v) { v.rank = 5; });
      broken_by("unknown type", PCD_ERROR_SHAPE, "type 99", [](pcd_tensor& v) { v.dtype = 99; });
      broken_by("negative extent", PCD_ERROR_SHAPE, "-3", [](pcd_tensor& v) { v.shape[v.rank - 1] = -3; });
      broken_by("no extent", PCD_ERROR_SHAPE, "0]", [](pcd_tensor& v) { v.shape[v.rank - 1] = 0; });
      broken_by("huge extents", PCD_ERROR_SHAPE, "", [](pcd_tensor& v) {
        for (int32_t i = 0; i < v.rank; ++i) v.shape[i] = INT64_MAX / 2;
      });
      const bool free_form = invocation.op == "fill" || invocation.op == "cast" || invocation.op == "copy";
      if (free_form) continue;
      broken_by("another type", PCD_ERROR_SHAPE, "expected",
                [](pcd_tensor& v) { v.dtype = v.dtype == PCD_DTYPE_I16 ? PCD_DTYPE_I32 : PCD_DTYPE_I16; });
      broken_by("another rank", PCD_ERROR_SHAPE, "expected", [](pcd_tensor& v) {
        v.shape[v.rank] = 1;
        v.rank = v.rank == 4 ? 3 : v.rank + 1;
      });
    }
  }
  std::printf("%d broken views\n", broken);
  CHECK(broken > 1000);
  release_export(held);
}

// Every extent of every view is bound to something else: one more of it does not fit.
TEST(every_extent_is_held_against_the_others) {
  Session session;
  Descriptors descriptors(session);
  // Extents that nothing else in the call has: numbers of samples, of index entries, of the ring's rows, the length
  // that pooling and log_rms take the mean over, log_rms's leads and the channels it fills, the embedding's width before
  // there is a gradient.
  const std::vector<std::string> alone = {"gather_augment samples 0", "gather_augment index 0", "metrics ring 0",
                                          "pool_project_forward input 1", "supcon_forward z 1", "log_rms input 1",
                                          "log_rms input 2", "log_rms h 1"};
  for (const Invocation& invocation : descriptors.all()) {
    if (invocation.op == "fill" || invocation.op == "copy") continue;
    for (const NamedView& named : invocation.views) {
      if (named.kind == View::scratch || named.view->buffer == nullptr) continue;
      const pcd_tensor good = *named.view;
      for (int32_t axis = 0; axis < good.rank; ++axis) {
        const std::string name = invocation.op + " " + named.name + " " + std::to_string(axis);
        bool skip = false;
        for (const std::string& exception : alone) skip = skip || exception == name;
        if (skip) continue;
        // Smaller, so that memory is no reason.
        named.view->shape[axis] = good.shape[axis] > 1 ? good.shape[axis] - 1 : 2;
        if (invocation.call() == PCD_OK) fail(name + ": one off is accepted");
        *named.view = good;
      }
    }
    if (invocation.call() != PCD_OK) fail(invocation.op + ": " + session.message());
  }
}

TEST(alignment) {
  Session session;
  Descriptors descriptors(session);
  for (const Invocation& invocation : descriptors.all()) {
    for (const NamedView& named : invocation.views) {
      const pcd_tensor good = *named.view;
      if (good.buffer == nullptr || good.dtype == PCD_DTYPE_U8) continue;
      named.view->buffer = session.buffer(1 << 16);
      named.view->offset = 1;
      refused(session, invocation, named.name, "odd address", PCD_ERROR_ARGUMENT, "multiple of");
      *named.view = good;
    }
    for (const NamedView& named : invocation.views) {
      if (named.kind != View::scratch || named.view->buffer == nullptr) continue;
      const pcd_tensor good = *named.view;
      named.view->buffer = session.buffer(1 << 20);
      named.view->offset = 32;
      refused(session, invocation, named.name, "32 of 64", PCD_ERROR_ARGUMENT, "multiple of 64");
      *named.view = good;
      named.view->shape[0] -= 1;
      refused(session, invocation, named.name, "a byte short", PCD_ERROR_ARGUMENT, "expected at least");
      *named.view = good;
    }
  }
  auto stem = descriptors.stem(false);
  auto* const d = static_cast<pcd_stem_desc*>(stem.storage.get());
  d->output.buffer = session.buffer(1 << 16);
  d->output.offset = 8;
  refused(session, stem, "output", "8 of 16", PCD_ERROR_ARGUMENT, "multiple of 16");
}

TEST(unknown_flags) {
  Session session;
  Descriptors descriptors(session);
  for (const Invocation& invocation : descriptors.all()) {
    if (invocation.flags == nullptr) continue;
    *invocation.flags = 1u << 30;
    refused(session, invocation, "flags", "unknown", PCD_ERROR_ARGUMENT, "0x40000000");
    *invocation.flags = 0;
  }
  Invocation film = descriptors.film(true);
  *film.flags = PCD_FLAG_INFERENCE;
  refused(session, film, "flags", "backward of inference", PCD_ERROR_ARGUMENT, "INFERENCE");
  Invocation stem = descriptors.stem(false);
  *stem.flags = PCD_FLAG_INFERENCE;
  refused(session, stem, "flags", "no such flag here", PCD_ERROR_ARGUMENT, "knows ACCUMULATE");
}

TEST(inference_needs_no_saved_memory) {
  Session session;
  Descriptors descriptors(session);
  Invocation film = descriptors.film(false);
  auto* const d = static_cast<pcd_film_desc*>(film.storage.get());
  d->flags = PCD_FLAG_INFERENCE;
  std::memset(&d->saved, 0, sizeof d->saved);
  d->output = d->input;  // and may work in place
  uint64_t bytes = 1;
  session.require(pcd_film_saved_size(session.context, d, &bytes));
  CHECK_EQ(bytes, 0u);
  d->workspace = descriptors.sized_by(pcd_film_workspace_size, *d);
  CHECK_EQ(film.call(), PCD_OK);
  d->flags = 0;
  d->saved = descriptors.sized_by(pcd_film_saved_size, *d);
  refused(session, film, "output", "in place in training", PCD_ERROR_ARGUMENT, "overlaps");
}

TEST(overlaps) {
  Session session;
  Descriptors descriptors(session);
  Invocation stack = descriptors.dilated_stack(true);
  auto* const d = static_cast<pcd_dilated_stack_desc*>(stack.storage.get());
  d->input_grad = d->output_grad;  // allowed
  if (stack.call() != PCD_OK) fail(session.message());
  d->input_grad = d->input;
  refused(session, stack, "input_grad", "memory of the input", PCD_ERROR_ARGUMENT, "overlaps");
  const pcd_tensor two = session.tensor(PCD_DTYPE_F32, {2, Descriptors::L + 1, Descriptors::C});
  d->output_grad = d->input_grad = two;
  d->output_grad.shape[1] = d->input_grad.shape[1] = Descriptors::L;
  d->input_grad.offset = 4 * Descriptors::C;  // shares memory, and is not the same
  refused(session, stack, "input_grad", "shifted by a row", PCD_ERROR_ARGUMENT, "overlaps");

  Invocation forward = descriptors.dilated_stack(false);
  auto* const f = static_cast<pcd_dilated_stack_desc*>(forward.storage.get());
  f->output = f->input;
  refused(session, forward, "output", "memory of the input", PCD_ERROR_ARGUMENT, "overlaps");
  // Readers may share; a view that this call does not use is not looked at.
  Invocation loss = descriptors.reconstruction_loss();
  auto* const r = static_cast<pcd_reconstruction_loss_desc*>(loss.storage.get());
  r->target = r->prediction;
  if (loss.call() != PCD_OK) fail(session.message());
  Invocation stem = descriptors.stem(false);
  std::memset(&static_cast<pcd_stem_desc*>(stem.storage.get())->output_grad, 0xEE, sizeof(pcd_tensor));
  if (stem.call() != PCD_OK) fail(session.message());
}

TEST_MAIN
