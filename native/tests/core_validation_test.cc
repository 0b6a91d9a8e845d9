// SPDX-License-Identifier: Apache-2.0
//
// Validation of descriptors. First every op and every view of it, broken in each way that views can be broken: the
// call must fail and name the op and the field. Then the rules of single ops, the size queries and overlaps.
#include <cmath>
#include <functional>

#include "core_descriptors.h"

using namespace pcd::test;

namespace {

// Expects a failure that names what is wrong.
void refused(Session& session, const Invocation& invocation, const std::string& field, const char* way, int32_t status,
             const std::string& part) {
  const int32_t given = invocation.call();
  const std::string where = invocation.op + ", " + field + ", " + way;
  if (given == PCD_OK) {
    fail(where + ": accepted");
    return;
  }
  const std::string message = session.message();
  if (status != 0 && given != status) {
    fail(where + ": " + pcd_status_name(given) + " instead of " + pcd_status_name(status) + ": " + message);
  }
  for (const std::string& wanted : {invocation.op + ":", field, part}) {
    if (message.find(wanted) == std::string::npos) fail(where + ": \"" + message + "\" lacks \"" + wanted + "\"");
  }
}

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
  // that pooling takes the mean over, the embedding's width before there is a gradient.
  const std::vector<std::string> alone = {"gather_augment samples 0", "gather_augment index 0", "metrics ring 0",
                                          "pool_project_forward input 1", "supcon_forward z 1"};
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

TEST(ranges_of_plain_fields) {
  Session session;
  Descriptors descriptors(session);
  {
    Invocation stack = descriptors.dilated_stack(false);
    auto* const d = static_cast<pcd_dilated_stack_desc*>(stack.storage.get());
    d->dilations[1] = 0;
    refused(session, stack, "dilations[1]", "0", PCD_ERROR_ARGUMENT, "is 0, expected at least 1");
    for (int32_t blocks : {0, 17, -1}) {
      d->blocks = blocks;
      refused(session, stack, "blocks", "out of range", PCD_ERROR_ARGUMENT, "1 to 16");
    }
  }
  {
    Invocation supcon = descriptors.supcon(false);
    auto* const d = static_cast<pcd_supcon_desc*>(supcon.storage.get());
    for (float temperature : {0.0f, -1.0f, 0.0249f, NAN, INFINITY}) {
      d->temperature = temperature;
      refused(session, supcon, "temperature", "out of range", PCD_ERROR_ARGUMENT, "more than 0.025");
    }
    d->temperature = 0.07f;
    d->row_end = 9;
    refused(session, supcon, "rows [2, 9)", "past N", PCD_ERROR_ARGUMENT, "N=8");
    d->row_end = 2;
    refused(session, supcon, "rows [2, 2)", "empty", PCD_ERROR_ARGUMENT, "N=8");
    d->row_end = 6;
    d->target = 3;
    refused(session, supcon, "target", "unknown", PCD_ERROR_ARGUMENT, "0 to 2");
    d->target = PCD_SUPCON_ANY;
    d->flags = PCD_FLAG_VIEWS_ONLY;
    std::memset(&d->labels, 0, sizeof d->labels);
    if (supcon.call() != PCD_OK) fail(session.message());
    std::memset(&d->groups, 0, sizeof d->groups);
    refused(session, supcon, "groups", "absent with VIEWS_ONLY", PCD_ERROR_ARGUMENT, "absent");
  }
  {
    Invocation gather = descriptors.gather_augment();
    auto* const d = static_cast<pcd_gather_augment_desc*>(gather.storage.get());
    d->dropout = 1.5f;
    refused(session, gather, "dropout", "1.5", PCD_ERROR_ARGUMENT, "0 to 1");
    d->dropout = 0;
    d->gain_sd = -1;
    refused(session, gather, "gain_sd", "-1", PCD_ERROR_ARGUMENT, "at least 0");
    d->gain_sd = 0;
    d->view = 2;
    refused(session, gather, "view", "2", PCD_ERROR_ARGUMENT, "0 to 1");
    d->view = 0;
    d->batch_offset = 3;
    refused(session, gather, "index", "too short", PCD_ERROR_SHAPE, "3 + 2");
    d->batch_offset = 0;
    const pcd_tensor mix = d->target_mix;
    std::memset(&d->target_mix, 0, sizeof mix);
    refused(session, gather, "target_mix", "absent with targets", PCD_ERROR_ARGUMENT, "targets");
    d->target_mix = mix;
    std::memset(&d->record_labels, 0, sizeof mix);
    refused(session, gather, "record_labels", "absent with labels", PCD_ERROR_ARGUMENT, "labels");
  }
  {
    Invocation step = descriptors.step_begin();
    auto* const d = static_cast<pcd_step_begin_desc*>(step.storage.get());
    d->schedule = 7;
    refused(session, step, "schedule", "7", PCD_ERROR_ARGUMENT, "0 to 2");
    d->schedule = PCD_SCHEDULE_COSINE;
    d->warmup = 11;
    refused(session, step, "warmup", "beyond total", PCD_ERROR_ARGUMENT, "0 to 10");
    d->warmup = 0;
    d->beta1 = 1;
    refused(session, step, "beta1", "1", PCD_ERROR_ARGUMENT, "beta1 < 1");
    d->beta1 = 0.9;
    d->peak = NAN;
    refused(session, step, "peak", "not a number", PCD_ERROR_ARGUMENT, "at least 0");
  }
  {
    Invocation pool = descriptors.pool_project(true);
    auto* const d = static_cast<pcd_pool_project_desc*>(pool.storage.get());
    std::memset(&d->h_grad, 0, sizeof d->h_grad);
    if (pool.call() != PCD_OK) fail(session.message());
    std::memset(&d->z_grad, 0, sizeof d->z_grad);
    refused(session, pool, "h_grad", "no gradient at all", PCD_ERROR_ARGUMENT, "both absent");
  }
  {
    Invocation classifier = descriptors.classifier(false);
    auto* const d = static_cast<pcd_classifier_desc*>(classifier.storage.get());
    std::memset(&d->labels, 0, sizeof d->labels);
    refused(session, classifier, "labels", "absent with loss", PCD_ERROR_ARGUMENT, "loss is asked for");
    std::memset(&d->loss, 0, sizeof d->loss);
    if (classifier.call() != PCD_OK) fail(session.message());  // logits alone
  }
  {
    Invocation pack = descriptors.pack();
    auto* const d = static_cast<pcd_pack_desc*>(pack.storage.get());
    for (int32_t count : {0, 17}) {
      d->count = count;
      refused(session, pack, "count", "out of range", PCD_ERROR_ARGUMENT, "1 to 16");
    }
    d->count = 2;
    refused(session, pack, "entries[1].op", "empty entry", PCD_ERROR_ARGUMENT, "is 0");
    d->count = 1;
    d->entries[0].blocks = 3;
    refused(session, pack, "entries[0].parameters", "of two blocks", PCD_ERROR_SHAPE, "blocks·(4C² + 4C)=864");
    d->entries[0].leads = 1;
    refused(session, pack, "entries[0].leads", "none here", PCD_ERROR_ARGUMENT, "0 to 0");
  }
  {
    Invocation fill = descriptors.fill();
    auto* const d = static_cast<pcd_fill_desc*>(fill.storage.get());
    d->value = NAN;
    if (fill.call() != PCD_OK) fail(session.message());
    d->tensor = session.tensor(PCD_DTYPE_U8, {4});
    for (double value : {-1.0, 256.0, 0.5, static_cast<double>(NAN)}) {
      d->value = value;
      refused(session, fill, "value", "not a U8", PCD_ERROR_ARGUMENT, "U8 cannot hold");
    }
    d->tensor = session.tensor(PCD_DTYPE_I64, {1});
    d->value = 9223372036854775808.0;
    refused(session, fill, "value", "2^63", PCD_ERROR_ARGUMENT, "I64 cannot hold");
  }
  {
    auto cast = sized<pcd_cast_desc>();
    cast.source = session.tensor(PCD_DTYPE_I32, {4});
    cast.target = session.tensor(PCD_DTYPE_F32, {4});
    CHECK_EQ(pcd_cast(session.stream, &cast), PCD_ERROR_SHAPE);
    CHECK_CONTAINS(session.message(), "cast: I32 to F32 is not defined");
    cast.source = session.tensor(PCD_DTYPE_F32, {2, 2});
    CHECK_EQ(pcd_cast(session.stream, &cast), PCD_ERROR_SHAPE);
    auto copy = sized<pcd_copy_desc>();
    copy.source = session.tensor(PCD_DTYPE_F64, {2});
    copy.target = session.tensor(PCD_DTYPE_F32, {2, 2});
    if (pcd_copy(session.stream, &copy) != PCD_OK) fail(session.message());  // equal bytes
    copy.target = session.tensor(PCD_DTYPE_F32, {3});
    CHECK_EQ(pcd_copy(session.stream, &copy), PCD_ERROR_SHAPE);
    CHECK_CONTAINS(session.message(), "copy: source F64 [2] has 16 bytes and target F32 [3] has 12");
  }
}

TEST(sizes_follow_from_shapes) {
  Session session;
  Descriptors descriptors(session);
  const auto without_buffers = [](Invocation& invocation) {
    for (const NamedView& named : invocation.views) named.view->buffer = nullptr;
  };
  {
    Invocation stack = descriptors.dilated_stack(false);
    auto* const d = static_cast<pcd_dilated_stack_desc*>(stack.storage.get());
    uint64_t full = 0, bare = 0, least = 0;
    session.require(pcd_dilated_stack_saved_size(session.context, d, &full));
    without_buffers(stack);
    session.require(pcd_dilated_stack_saved_size(session.context, d, &bare));
    auto input_only = sized<pcd_dilated_stack_desc>();
    input_only.blocks = d->blocks;
    std::memcpy(input_only.dilations, d->dilations, sizeof d->dilations);
    input_only.input = d->input;
    session.require(pcd_dilated_stack_saved_size(session.context, &input_only, &least));
    CHECK(full > 0 && full == bare && bare == least);
    input_only.input.rank = 0;
    CHECK_EQ(pcd_dilated_stack_saved_size(session.context, &input_only, &least), PCD_ERROR_ARGUMENT);
    CHECK_CONTAINS(session.message(), "dilated_stack_forward: input has no shape");
    CHECK_EQ(pcd_dilated_stack_saved_size(session.context, &input_only, nullptr), PCD_ERROR_ARGUMENT);
    CHECK_EQ(pcd_dilated_stack_saved_size(session.context, nullptr, &least), PCD_ERROR_ARGUMENT);
  }
  {
    // The stem's channels come from its output, its output's gradient or its number of parameters.
    Invocation stem = descriptors.stem(false);
    auto* const d = static_cast<pcd_stem_desc*>(stem.storage.get());
    uint64_t full = 0, inferred = 0;
    session.require(pcd_stem_workspace_size(session.context, d, &full));
    auto little = sized<pcd_stem_desc>();
    little.input = d->input;
    little.parameters = d->parameters;
    session.require(pcd_stem_workspace_size(session.context, &little, &inferred));
    CHECK_EQ(inferred, full);
    little.parameters.rank = 0;
    little.parameters.buffer = nullptr;
    CHECK_EQ(pcd_stem_workspace_size(session.context, &little, &inferred), PCD_ERROR_ARGUMENT);
    CHECK_CONTAINS(session.message(), "no shape");
  }
  {
    // Shapes that contradict each other are found here too, and sizes that no machine has do not overflow.
    Invocation film = descriptors.film(false);
    auto* const d = static_cast<pcd_film_desc*>(film.storage.get());
    d->h.shape[1] = 9;
    uint64_t bytes = 0;
    CHECK_EQ(pcd_film_workspace_size(session.context, d, &bytes), PCD_ERROR_SHAPE);
    CHECK_CONTAINS(session.message(), "film_forward: h is F32 [2, 9], expected F32 [B=2, C=8]");
    without_buffers(film);
    d->input.shape[0] = INT64_MAX;
    CHECK_EQ(pcd_film_workspace_size(session.context, d, &bytes), PCD_ERROR_SHAPE);
  }
  {
    uint64_t bytes = 0;
    Invocation pool = descriptors.pool_project(false);
    auto* const p = static_cast<pcd_pool_project_desc*>(pool.storage.get());
    auto little = sized<pcd_pool_project_desc>();
    little.input = p->input;
    little.parameters = p->parameters;
    session.require(pcd_pool_project_workspace_size(session.context, &little, &bytes));
    Invocation head = descriptors.head(false);
    auto* const h = static_cast<pcd_head_desc*>(head.storage.get());
    auto little_head = sized<pcd_head_desc>();
    little_head.input = h->input;
    little_head.parameters = h->parameters;
    session.require(pcd_head_saved_size(session.context, &little_head, &bytes));
    Invocation classifier = descriptors.classifier(false);
    auto* const c = static_cast<pcd_classifier_desc*>(classifier.storage.get());
    auto little_classifier = sized<pcd_classifier_desc>();
    little_classifier.h = c->h;
    little_classifier.parameters = c->parameters;
    session.require(pcd_classifier_workspace_size(session.context, &little_classifier, &bytes));
    auto adamw = sized<pcd_adamw_desc>();
    adamw.beta1 = adamw.beta2 = 0.9f;
    adamw.epsilon = 1e-8f;
    adamw.parameters = p->parameters;
    session.require(pcd_adamw_workspace_size(session.context, &adamw, &bytes));
    auto entry = pcd_pack_entry();
    entry.op = PCD_OP_STEM;
    CHECK_EQ(pcd_pack_size(session.context, &entry, &bytes), PCD_ERROR_ARGUMENT);
    CHECK_CONTAINS(session.message(), "pack_size: entry.channels is 0");
  }
}

TEST_MAIN
