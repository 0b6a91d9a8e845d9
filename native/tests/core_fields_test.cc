// SPDX-License-Identifier: Apache-2.0
//
// Validation of what is not a view: ranges of plain fields, rules of single ops, size queries.
#include <cmath>

#include "core_descriptors.h"

using namespace pcd::test;

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
    Invocation convolution = descriptors.convolution(false);
    auto* const d = static_cast<pcd_convolution_desc*>(convolution.storage.get());
    d->taps = 0;
    refused(session, convolution, "taps", "0", PCD_ERROR_ARGUMENT, "1 to 64");
    d->taps = 4;
    d->stride = 5;
    refused(session, convolution, "stride", "beyond the taps", PCD_ERROR_ARGUMENT, "1 to 4");
    d->stride = 2;
    d->padding = 4;
    refused(session, convolution, "padding", "beyond the taps", PCD_ERROR_ARGUMENT, "0 to 3");
    d->padding = 1;
    d->transposed = 1;
    refused(session, convolution, "output", "no length that makes the input", PCD_ERROR_SHAPE, "input has L=24");
    d->transposed = 2;
    refused(session, convolution, "transposed", "2", PCD_ERROR_ARGUMENT, "0 to 1");
  }
  {
    Invocation lstm = descriptors.lstm(false);
    auto* const d = static_cast<pcd_lstm_desc*>(lstm.storage.get());
    d->directions = 3;
    refused(session, lstm, "directions", "3", PCD_ERROR_ARGUMENT, "1 to 2");
  }
  {
    Invocation log_rms = descriptors.log_rms();
    auto* const d = static_cast<pcd_log_rms_desc*>(log_rms.storage.get());
    d->scale = NAN;
    refused(session, log_rms, "scale", "NaN", PCD_ERROR_ARGUMENT, "finite");
    d->scale = 1;
    d->h.shape[1] = 2;
    refused(session, log_rms, "h", "fewer channels than leads", PCD_ERROR_SHAPE, "n=3");
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
