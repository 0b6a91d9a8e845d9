// SPDX-License-Identifier: Apache-2.0
//
// A valid descriptor of every op, with its views by name, for tests that then break one thing.
#ifndef PCD_TESTS_CORE_DESCRIPTORS_H
#define PCD_TESTS_CORE_DESCRIPTORS_H

#include <string>
#include <utility>
#include <vector>

#include "core_invocation.h"

namespace pcd::test {

// B 2, L 12, n 3, T 5, C 8, D 4, K 6, W 1; every optional view present.
class Descriptors : public Maker {
 public:
  using Maker::Maker;

  std::vector<Invocation> all() {
    std::vector<Invocation> made;
    const auto add = [&](Invocation&& invocation) { made.push_back(std::move(invocation)); };
    add(step_begin());
    add(metrics());
    add(gather_augment());
    add(pack());
    for (bool backward : {false, true}) {
      add(stem(backward));
      add(dilated_stack(backward));
      add(pool_project(backward));
      add(film(backward));
      add(head(backward));
      add(supcon(backward));
      add(classifier(backward));
      add(convolution(backward));
      add(lstm(backward));
    }
    add(log_rms());
    add(reconstruction_loss());
    add(ridge());
    add(adamw());
    add(elementwise<pcd_cast_desc>("cast", pcd_cast));
    add(elementwise<pcd_copy_desc>("copy", pcd_copy));
    add(fill());
    add(multiply_add());
    return made;
  }

  static constexpr int64_t B = 2, L = 12, n = 3, T = 5, C = 8, D = 4, K = 6, W = 1, P = 40;

  Invocation step_begin() {
    auto d = make<pcd_step_begin_desc>();
    d->peak = 1;
    d->total = 10;
    d->batch = B;
    d->beta1 = d->beta2 = 0.9;
    d->state = state();
    auto made = invocation("step_begin", d, pcd_step_begin);
    made.views = {{"state", &d->state, View::required}};
    return made;
  }

  Invocation metrics() {
    auto d = make<pcd_metrics_desc>();
    d->state = state();
    d->reconstruction = f32({3});
    d->contrastive = f32({3});
    d->classifier = f32({1});
    d->ring = s_.tensor(PCD_DTYPE_U8, {4, sizeof(pcd_metrics_row)});
    pcd_step_state first;  // the row of step 1: step 0 has none
    std::memset(&first, 0, sizeof first);
    first.step = 1;
    s_.require(pcd_upload(s_.stream, &first, sizeof first, &d->state));
    auto made = invocation("metrics", d, pcd_metrics);
    made.flags = &d->flags;
    made.views = {{"state", &d->state, View::required},
                  {"reconstruction", &d->reconstruction, View::optional},
                  {"contrastive", &d->contrastive, View::optional},
                  {"classifier", &d->classifier, View::optional},
                  {"ring", &d->ring, View::required}};
    return made;
  }

  Invocation gather_augment() {
    auto d = make<pcd_gather_augment_desc>();
    d->microvolt_per_count = 1;
    d->state = state();
    d->samples = s_.tensor(PCD_DTYPE_I16, {2 * 8 * 20});
    d->records = s_.tensor(PCD_DTYPE_I64, {2, 2});
    s_.write(d->records, std::vector<int64_t>{0, 20, 160, 20});
    d->record_labels = s_.tensor(PCD_DTYPE_U64, {2, W});
    d->index = s_.tensor(PCD_DTYPE_I32, {4, 2});
    d->input_mix = f32({n, 8});
    d->target_mix = f32({T, 8});
    d->mean = f32({n});
    d->deviation = f32({n});
    s_.write(d->deviation, std::vector<float>(n, 1.0f));
    d->inputs = f32({B, L, n});
    d->targets = f32({B, L, T});
    d->labels = s_.tensor(PCD_DTYPE_U64, {B, W});
    d->groups = s_.tensor(PCD_DTYPE_I32, {B});
    d->excerpts = s_.tensor(PCD_DTYPE_I64, {B, 3});
    std::vector<int64_t> excerpts;
    for (int64_t row = 0; row < B; ++row) excerpts.insert(excerpts.end(), {0, 0, 20});
    s_.write(d->excerpts, excerpts);
    auto made = invocation("gather_augment", d, pcd_gather_augment);
    made.flags = &d->flags;
    made.views = {{"state", &d->state, View::required},
                  {"samples", &d->samples, View::required},
                  {"records", &d->records, View::required},
                  {"index", &d->index, View::required},
                  {"input_mix", &d->input_mix, View::required},
                  {"mean", &d->mean, View::required},
                  {"deviation", &d->deviation, View::required},
                  {"inputs", &d->inputs, View::required},
                  {"targets", &d->targets, View::optional},
                  {"labels", &d->labels, View::optional},
                  {"groups", &d->groups, View::optional},
                  {"excerpts", &d->excerpts, View::optional}};
    return made;
  }

  Invocation pack() {
    auto d = make<pcd_pack_desc>();
    d->count = 1;
    pcd_pack_entry& entry = d->entries[0];
    entry.op = PCD_OP_DILATED_STACK;
    entry.channels = C;
    entry.blocks = 2;
    entry.parameters = f32({2 * (4 * C * C + 4 * C)});
    entry.packed = packed(PCD_OP_DILATED_STACK, C, 0, 2);
    auto made = invocation("pack", d, pcd_pack);
    made.views = {{"entries[0].parameters", &entry.parameters, View::required},
                  {"entries[0].packed", &entry.packed, View::scratch}};
    return made;
  }

  Invocation stem(bool backward) {
    auto d = make<pcd_stem_desc>();
    d->input = f32({B, L, n});
    d->parameters = f32({C * n * 7 + C});
    d->packed = packed(PCD_OP_STEM, C, n, 0);
    d->output = f32({B, L, C});
    d->output_grad = f32({B, L, C});
    d->parameter_grad = f32({C * n * 7 + C});
    d->workspace = sized_by(pcd_stem_workspace_size, *d);
    auto made = backward ? invocation("stem_backward", d, pcd_stem_backward)
                         : invocation("stem_forward", d, pcd_stem_forward);
    made.flags = &d->flags;
    made.views = {{"input", &d->input, View::required},
                  {"parameters", &d->parameters, View::required},
                  {"packed", &d->packed, View::scratch},
                  {"workspace", &d->workspace, View::scratch}};
    if (backward) {
      made.views.push_back({"output_grad", &d->output_grad, View::required});
      made.views.push_back({"parameter_grad", &d->parameter_grad, View::required});
    } else {
      made.views.push_back({"output", &d->output, View::required});
    }
    return made;
  }

  Invocation dilated_stack(bool backward) {
    auto d = make<pcd_dilated_stack_desc>();
    const int64_t count = 2 * (4 * C * C + 4 * C);
    d->blocks = 2;
    d->dilations[0] = 1;
    d->dilations[1] = 32;
    d->input = f32({B, L, C});
    d->parameters = f32({count});
    d->packed = packed(PCD_OP_DILATED_STACK, C, 0, 2);
    d->output = f32({B, L, C});
    d->output_grad = f32({B, L, C});
    d->input_grad = f32({B, L, C});
    d->parameter_grad = f32({count});
    d->saved = sized_by(pcd_dilated_stack_saved_size, *d);
    d->workspace = sized_by(pcd_dilated_stack_workspace_size, *d);
    auto made = backward ? invocation("dilated_stack_backward", d, pcd_dilated_stack_backward)
                         : invocation("dilated_stack_forward", d, pcd_dilated_stack_forward);
    finish_layer(made, *d, backward);
    return made;
  }

  Invocation pool_project(bool backward) {
    auto d = make<pcd_pool_project_desc>();
    const int64_t count = 2 * C + C * C + C + D * C + D;
    d->input = f32({B, L, C});
    d->parameters = f32({count});
    d->packed = packed(PCD_OP_POOL_PROJECT, C, D, 0);
    d->h = f32({B, C});
    d->z = f32({B, D});
    d->h_grad = f32({B, C});
    d->z_grad = f32({B, D});
    d->input_grad = f32({B, L, C});
    d->parameter_grad = f32({count});
    d->saved = sized_by(pcd_pool_project_saved_size, *d);
    d->workspace = sized_by(pcd_pool_project_workspace_size, *d);
    auto made = backward ? invocation("pool_project_backward", d, pcd_pool_project_backward)
                         : invocation("pool_project_forward", d, pcd_pool_project_forward);
    made.flags = &d->flags;
    made.views = {{"input", &d->input, View::required},       {"parameters", &d->parameters, View::required},
                  {"packed", &d->packed, View::scratch},      {"h", &d->h, View::required},
                  {"saved", &d->saved, View::scratch},        {"workspace", &d->workspace, View::scratch}};
    if (backward) {
      made.views.push_back({"h_grad", &d->h_grad, View::optional});
      made.views.push_back({"z_grad", &d->z_grad, View::optional});
      made.views.push_back({"input_grad", &d->input_grad, View::required});
      made.views.push_back({"parameter_grad", &d->parameter_grad, View::required});
    } else {
      made.views.push_back({"z", &d->z, View::optional});
    }
    return made;
  }

  Invocation film(bool backward) {
    auto d = make<pcd_film_desc>();
    const int64_t count = 2 * C * C + 2 * C;
    d->input = f32({B, L, C});
    d->h = f32({B, C});
    d->parameters = f32({count});
    d->packed = packed(PCD_OP_FILM, C, 0, 0);
    d->output = f32({B, L, C});
    d->output_grad = f32({B, L, C});
    d->input_grad = f32({B, L, C});
    d->h_grad = f32({B, C});
    d->parameter_grad = f32({count});
    d->saved = sized_by(pcd_film_saved_size, *d);
    d->workspace = sized_by(pcd_film_workspace_size, *d);
    auto made = backward ? invocation("film_backward", d, pcd_film_backward)
                         : invocation("film_forward", d, pcd_film_forward);
    finish_layer(made, *d, backward);
    made.views.push_back({"h", &d->h, View::required});
    if (backward) made.views.push_back({"h_grad", &d->h_grad, View::optional});
    return made;
  }

  Invocation head(bool backward) {
    auto d = make<pcd_head_desc>();
    const int64_t count = 2 * C + T * C + T;
    d->input = f32({B, L, C});
    d->signal = f32({B, L, n});
    d->parameters = f32({count});
    d->anchor = f32({T * n + T});
    d->packed = packed(PCD_OP_HEAD, C, T, 0);
    d->output = f32({B, L, T});
    d->output_grad = f32({B, L, T});
    d->input_grad = f32({B, L, C});
    d->parameter_grad = f32({count});
    d->saved = sized_by(pcd_head_saved_size, *d);
    d->workspace = sized_by(pcd_head_workspace_size, *d);
    auto made = backward ? invocation("head_backward", d, pcd_head_backward)
                         : invocation("head_forward", d, pcd_head_forward);
    finish_layer(made, *d, backward);
    if (!backward) {
      made.views.push_back({"signal", &d->signal, View::required});
      made.views.push_back({"anchor", &d->anchor, View::optional});
    }
    return made;
  }

  Invocation reconstruction_loss() {
    auto d = make<pcd_reconstruction_loss_desc>();
    d->mse_weight = 0.8f;
    d->l1_weight = 0.2f;
    d->gradient_scale = 1;
    d->prediction = f32({B, L, T});
    d->target = f32({B, L, T});
    d->state = state();
    d->loss = f32({3});
    d->prediction_grad = f32({B, L, T});
    d->moments = s_.tensor(PCD_DTYPE_F64, {B, T, 7});
    d->workspace = sized_by(pcd_reconstruction_loss_workspace_size, *d);
    auto made = invocation("reconstruction_loss", d, pcd_reconstruction_loss);
    made.flags = &d->flags;
    made.views = {{"prediction", &d->prediction, View::required},
                  {"target", &d->target, View::required},
                  {"state", &d->state, View::optional},
                  {"loss", &d->loss, View::optional},
                  {"prediction_grad", &d->prediction_grad, View::optional},
                  {"moments", &d->moments, View::optional},
                  {"workspace", &d->workspace, View::scratch}};
    return made;
  }

  Invocation supcon(bool backward) {
    auto d = make<pcd_supcon_desc>();
    const int64_t N = 8;
    d->temperature = 0.07f;
    d->row_begin = 2;
    d->row_end = 6;
    d->z = f32({N, D});
    d->labels = s_.tensor(PCD_DTYPE_U64, {N, W});
    d->groups = s_.tensor(PCD_DTYPE_I32, {N});
    d->state = state();
    d->statistics = f32({N, 4});
    d->loss = f32({3});
    d->z_grad = f32({4, D});
    d->workspace = sized_by(pcd_supcon_workspace_size, *d);
    auto made = backward ? invocation("supcon_backward", d, pcd_supcon_backward)
                         : invocation("supcon_forward", d, pcd_supcon_forward);
    made.flags = &d->flags;
    made.views = {{"z", &d->z, View::required},          {"labels", &d->labels, View::required},
                  {"groups", &d->groups, View::optional}, {"state", &d->state, View::optional},
                  {"statistics", &d->statistics, View::required},
                  {"workspace", &d->workspace, View::scratch}};
    if (backward) {
      made.views.push_back({"z_grad", &d->z_grad, View::required});
    } else {
      made.views.push_back({"loss", &d->loss, View::optional});
    }
    return made;
  }

  Invocation classifier(bool backward) {
    auto d = make<pcd_classifier_desc>();
    d->gradient_scale = 1;
    d->h = f32({B, C});
    d->labels = s_.tensor(PCD_DTYPE_U64, {B, W});
    d->parameters = f32({K * C + K});
    d->packed = packed(PCD_OP_CLASSIFIER, C, K, 0);
    d->state = state();
    d->logits = f32({B, K});
    d->loss = f32({1});
    d->h_grad = f32({B, C});
    d->parameter_grad = f32({K * C + K});
    d->workspace = sized_by(pcd_classifier_workspace_size, *d);
    auto made = backward ? invocation("classifier_backward", d, pcd_classifier_backward)
                         : invocation("classifier_forward", d, pcd_classifier_forward);
    made.flags = &d->flags;
    made.views = {{"h", &d->h, View::required},
                  {"labels", &d->labels, View::required},  // for the loss, and backward
                  {"parameters", &d->parameters, View::required},
                  {"packed", &d->packed, View::scratch},
                  {"state", &d->state, View::optional},
                  {"logits", &d->logits, View::required},
                  {"workspace", &d->workspace, View::scratch}};
    if (backward) {
      made.views.push_back({"h_grad", &d->h_grad, View::optional});
      made.views.push_back({"parameter_grad", &d->parameter_grad, View::required});
    } else {
      made.views.push_back({"loss", &d->loss, View::optional});
    }
    return made;
  }

  // T channels at twice the rate become C.
  Invocation convolution(bool backward) {
    auto d = make<pcd_convolution_desc>();
    const int64_t count = C * T * 4 + C;
    d->taps = 4;
    d->stride = 2;
    d->padding = 1;
    d->input = f32({B, 2 * L, T});
    d->parameters = f32({count});
    d->addend = f32({B, L, C});
    d->output = f32({B, L, C});
    d->output_grad = f32({B, L, C});
    d->input_grad = f32({B, 2 * L, T});
    d->parameter_grad = f32({count});
    d->workspace = sized_by(pcd_convolution_workspace_size, *d);
    auto made = backward ? invocation("convolution_backward", d, pcd_convolution_backward)
                         : invocation("convolution_forward", d, pcd_convolution_forward);
    made.flags = &d->flags;
    made.views = {{"input", &d->input, View::required},
                  {"parameters", &d->parameters, View::required},
                  {"workspace", &d->workspace, View::scratch}};
    if (backward) {
      made.views.push_back({"output_grad", &d->output_grad, View::required});
      made.views.push_back({"input_grad", &d->input_grad, View::optional});
      made.views.push_back({"parameter_grad", &d->parameter_grad, View::required});
    } else {
      made.views.push_back({"addend", &d->addend, View::optional});
      made.views.push_back({"output", &d->output, View::required});
    }
    return made;
  }

  Invocation lstm(bool backward) {
    auto d = make<pcd_lstm_desc>();
    const int64_t H = C / 2;
    const int64_t count = 2 * 4 * H * (T + H + 2);
    d->directions = 2;
    d->input = f32({B, L, T});
    d->parameters = f32({count});
    d->output = f32({B, L, C});
    d->output_grad = f32({B, L, C});
    d->input_grad = f32({B, L, T});
    d->parameter_grad = f32({count});
    d->saved = sized_by(pcd_lstm_saved_size, *d);
    d->workspace = sized_by(pcd_lstm_workspace_size, *d);
    auto made = backward ? invocation("lstm_backward", d, pcd_lstm_backward)
                         : invocation("lstm_forward", d, pcd_lstm_forward);
    made.flags = &d->flags;
    made.views = {{"input", &d->input, View::required},
                  {"parameters", &d->parameters, View::required},
                  {"output", &d->output, View::required},
                  {"saved", &d->saved, View::scratch},
                  {"workspace", &d->workspace, View::scratch}};
    if (backward) {
      made.views.push_back({"output_grad", &d->output_grad, View::required});
      made.views.push_back({"input_grad", &d->input_grad, View::required});
      made.views.push_back({"parameter_grad", &d->parameter_grad, View::required});
    }
    return made;
  }

  Invocation log_rms() {
    auto d = make<pcd_log_rms_desc>();
    d->scale = 2;
    d->input = f32({B, L, n});
    d->h = f32({B, C});
    auto made = invocation("log_rms", d, pcd_log_rms);
    made.flags = &d->flags;
    made.views = {{"input", &d->input, View::required}, {"h", &d->h, View::required}};
    return made;
  }

  Invocation ridge() {
    auto d = make<pcd_ridge_desc>();
    d->inputs = f32({B, L, n});
    d->targets = f32({B, L, T});
    d->gram = s_.tensor(PCD_DTYPE_F64, {n + 1, n + 1});
    d->moment = s_.tensor(PCD_DTYPE_F64, {n + 1, T});
    d->workspace = sized_by(pcd_ridge_workspace_size, *d);
    auto made = invocation("ridge", d, pcd_ridge);
    made.flags = &d->flags;
    made.views = {{"inputs", &d->inputs, View::required},
                  {"targets", &d->targets, View::required},
                  {"gram", &d->gram, View::required},
                  {"moment", &d->moment, View::required},
                  {"workspace", &d->workspace, View::scratch}};
    return made;
  }

  Invocation adamw() {
    auto d = make<pcd_adamw_desc>();
    d->beta1 = 0.9f;
    d->beta2 = 0.999f;
    d->epsilon = 1e-8f;
    d->clip_norm = 1;
    d->average_decay = 0.995f;
    d->parameters = f32({P});
    d->gradients = f32({P});
    d->first_moment = f32({P});
    d->second_moment = f32({P});
    d->average = f32({P});
    d->segments = s_.tensor(PCD_DTYPE_I64, {3});
    s_.write(d->segments, std::vector<int64_t>{0, 24, P});
    d->decay = f32({2});
    d->state = state();
    pcd_step_state first;
    std::memset(&first, 0, sizeof first);
    first.step = 1;
    first.beta1_power = 0.9;
    first.beta2_power = 0.999;
    s_.require(pcd_upload(s_.stream, &first, sizeof first, &d->state));
    d->workspace = sized_by(pcd_adamw_workspace_size, *d);
    auto made = invocation("adamw", d, pcd_adamw);
    made.flags = &d->flags;
    made.views = {{"parameters", &d->parameters, View::required},
                  {"gradients", &d->gradients, View::required},
                  {"first_moment", &d->first_moment, View::required},
                  {"second_moment", &d->second_moment, View::required},
                  {"average", &d->average, View::optional},
                  {"segments", &d->segments, View::required},
                  {"decay", &d->decay, View::required},
                  {"state", &d->state, View::required},
                  {"workspace", &d->workspace, View::scratch}};
    return made;
  }

  Invocation fill() {
    auto d = make<pcd_fill_desc>();
    d->tensor = f32({2, 3, 4, 5});
    auto made = invocation("fill", d, pcd_fill);
    made.flags = &d->flags;
    made.views = {{"tensor", &d->tensor, View::required}};
    return made;
  }

  Invocation multiply_add() {
    auto d = make<pcd_multiply_add_desc>();
    d->dtype = PCD_DTYPE_BF16;
    d->rounds = 1;
    d->operations = s_.tensor(PCD_DTYPE_F64, {1});
    auto made = invocation("multiply_add", d, pcd_multiply_add);
    made.flags = &d->flags;
    made.views = {{"operations", &d->operations, View::required}};
    return made;
  }

 private:
  template <typename Desc>
  Invocation elementwise(const char* name, int32_t (*run)(pcd_stream*, const Desc*)) {
    auto d = make<Desc>();
    d->source = f32({3, 4});
    d->target = f32({3, 4});
    auto made = invocation(name, d, run);
    made.flags = &d->flags;
    made.views = {{"source", &d->source, View::required}, {"target", &d->target, View::required}};
    return made;
  }

  // The fields that dilated_stack, film and head share.
  template <typename Desc>
  void finish_layer(Invocation& made, Desc& d, bool backward) {
    made.flags = &d.flags;
    made.views = {{"input", &d.input, View::required},
                  {"parameters", &d.parameters, View::required},
                  {"packed", &d.packed, View::scratch},
                  {"saved", &d.saved, View::scratch},
                  {"workspace", &d.workspace, View::scratch}};
    if (backward) {
      made.views.push_back({"output_grad", &d.output_grad, View::required});
      made.views.push_back({"input_grad", &d.input_grad, View::required});
      made.views.push_back({"parameter_grad", &d.parameter_grad, View::required});
    } else {
      made.views.push_back({"output", &d.output, View::required});
    }
  }
};

}  // namespace pcd::test

#endif
