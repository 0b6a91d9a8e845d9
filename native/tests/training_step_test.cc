// SPDX-License-Identifier: Apache-2.0
//
// A whole training step out of ABI ops on every backend: recorded once and replayed, it leaves bit for bit
// what the same calls leave directly, for any number of threads; the batch cursor, rate, moments and packed
// weights move by themselves; and the loss falls.
#include "support/random.h"
#include "support/suite.h"

namespace {

using namespace pcd;
using namespace pcd::test;

constexpr int64_t kBatch = 4, kLength = 64, kLeads = 3, kTargets = 5, kChannels = 16, kSteps = 12;
constexpr int64_t kStem = kChannels * kLeads * 7 + kChannels;
constexpr int64_t kStack = 2 * (4 * kChannels * kChannels + 4 * kChannels);
constexpr int64_t kHead = 2 * kChannels + kTargets * kChannels + kTargets;
constexpr int64_t kParameters = kStem + kStack + kHead;

pcd_tensor piece(const pcd_tensor& flat, int64_t begin, int64_t count) {
  pcd_tensor view = flat;
  view.offset += static_cast<uint64_t>(4 * begin);
  view.shape[0] = count;
  return view;
}

// Every descriptor of the step, over one set of buffers.
struct Step {
  pcd_step_begin_desc begin = descriptor<pcd_step_begin_desc>();
  pcd_gather_augment_desc gather = descriptor<pcd_gather_augment_desc>();
  pcd_stem_desc stem = descriptor<pcd_stem_desc>();
  pcd_dilated_stack_desc stack = descriptor<pcd_dilated_stack_desc>();
  pcd_head_desc head = descriptor<pcd_head_desc>();
  pcd_reconstruction_loss_desc loss = descriptor<pcd_reconstruction_loss_desc>();
  pcd_adamw_desc adamw = descriptor<pcd_adamw_desc>();
  pcd_pack_desc pack = descriptor<pcd_pack_desc>();
  pcd_metrics_desc metrics = descriptor<pcd_metrics_desc>();

  int32_t dtype;  // storage of activations

  Step(Device& device, int32_t type) : dtype(type) {
    Random random(21);
    pcd_step_state initial{};
    initial.cursor = uint64_t{0} - kBatch;
    initial.seed = 77;
    initial.beta1_power = initial.beta2_power = 1;
    initial.rate_scale = initial.weight_reconstruction = 1;
    const pcd_tensor state = device.inout(as_bytes(initial), {sizeof initial});
    begin.schedule = PCD_SCHEDULE_ONE_CYCLE;
    begin.peak = 1e-2f;
    begin.warmup = 3;
    begin.total = kSteps;
    begin.batch = kBatch;
    begin.beta1 = 0.9;
    begin.beta2 = 0.999;
    begin.state = state;

    std::vector<int16_t> samples(static_cast<size_t>(8 * 2000));
    for (size_t i = 0; i < samples.size(); ++i) {
      samples[i] = static_cast<int16_t>(
          std::lround(300 * std::sin(0.05 * static_cast<double>(i % 2000)) + 20 * random.normal()));
    }
    std::vector<int32_t> index;
    for (int32_t e = 0; e < kSteps * kBatch; ++e) index.insert(index.end(), {0, 30 * e});
    std::vector<float> inputs_mix(kLeads * 8, 0.0f), targets_mix(kTargets * 8, 0.0f);
    for (int64_t i = 0; i < kLeads; ++i) inputs_mix[static_cast<size_t>(i * 9)] = 1;
    for (int64_t i = 0; i < kTargets; ++i) targets_mix[static_cast<size_t>(i * 8 + i + 3)] = 1;
    gather.flags = PCD_FLAG_FREE_CROP;
    gather.gain_sd = 0.12f;
    gather.stretch_probability = 0.5f;
    gather.stretch_sd = 0.08f;
    gather.noise_sd = 0.02f;
    gather.microvolt_per_count = 1;
    gather.state = state;
    gather.samples = device.input(samples, {8 * 2000});
    gather.records = device.input(std::vector<int64_t>{0, 2000}, {1, 2});
    gather.index = device.input(index, {kSteps * kBatch, 2});
    gather.input_mix = device.input(inputs_mix, {kLeads, 8});
    gather.target_mix = device.input(targets_mix, {kTargets, 8});
    gather.mean = device.input(std::vector<float>(kLeads, 0.0f), {kLeads});
    gather.deviation = device.input(std::vector<float>(kLeads, 0.2f), {kLeads});
    gather.inputs = device.output({kBatch, kLength, kLeads});
    gather.targets = device.output({kBatch, kLength, kTargets});

    const pcd_tensor parameters = device.inout(random.normals(kParameters, 0.1), {kParameters});
    const pcd_tensor gradients = device.output({kParameters});
    stem.input = gather.inputs;
    stem.parameters = piece(parameters, 0, kStem);
    stem.parameter_grad = piece(gradients, 0, kStem);
    stem.output = device.output({kBatch, kLength, kChannels}, dtype);
    stack.blocks = 2;
    stack.dilations[0] = 1;
    stack.dilations[1] = 4;
    stack.input = stem.output;
    stack.parameters = piece(parameters, kStem, kStack);
    stack.parameter_grad = piece(gradients, kStem, kStack);
    stack.output = device.output({kBatch, kLength, kChannels}, dtype);
    head.input = stack.output;
    head.parameters = piece(parameters, kStem + kStack, kHead);
    head.parameter_grad = piece(gradients, kStem + kStack, kHead);
    head.output = device.output({kBatch, kLength, kTargets});
    loss.mse_weight = 0.8f;
    loss.l1_weight = 0.2f;
    loss.gradient_scale = 1;
    loss.prediction = head.output;
    loss.target = gather.targets;
    loss.state = state;
    loss.loss = device.output({3});
    loss.prediction_grad = device.output({kBatch, kLength, kTargets});
    head.output_grad = loss.prediction_grad;
    head.input_grad = device.output({kBatch, kLength, kChannels}, dtype);
    stack.output_grad = stack.input_grad = head.input_grad;
    stem.output_grad = stack.input_grad;

    adamw.beta1 = 0.9f;
    adamw.beta2 = 0.999f;
    adamw.epsilon = 1e-8f;
    adamw.weight_decay = 0.05f;
    adamw.clip_norm = 1;
    adamw.average_decay = 0.9f;
    adamw.parameters = parameters;
    adamw.gradients = gradients;
    adamw.first_moment = device.inout(std::vector<float>(kParameters, 0.0f), {kParameters});
    adamw.second_moment = device.inout(std::vector<float>(kParameters, 0.0f), {kParameters});
    adamw.average = device.inout(std::vector<float>(kParameters, 0.0f), {kParameters});
    adamw.segments = device.input(std::vector<int64_t>{0, kStem, kStem + kStack, kParameters}, {4});
    adamw.decay = device.input(std::vector<float>{1, 0, 1}, {3});
    adamw.state = state;

    add_entry(device, PCD_OP_STEM, kLeads, 0, stem.parameters, stem.packed);
    add_entry(device, PCD_OP_DILATED_STACK, 0, 2, stack.parameters, stack.packed);
    add_entry(device, PCD_OP_HEAD, kTargets, 0, head.parameters, head.packed);

    uint64_t saved = 0;
    device.check(pcd_dilated_stack_saved_size(device.context(), &stack, &saved));
    stack.saved = device.bytes(saved);
    device.check(pcd_head_saved_size(device.context(), &head, &saved));
    head.saved = device.bytes(saved);
    stem.workspace = device.workspace(pcd_stem_workspace_size, stem);
    stack.workspace = device.workspace(pcd_dilated_stack_workspace_size, stack);
    head.workspace = device.workspace(pcd_head_workspace_size, head);
    loss.workspace = device.workspace(pcd_reconstruction_loss_workspace_size, loss);
    adamw.workspace = device.workspace(pcd_adamw_workspace_size, adamw);
    metrics.state = state;
    metrics.reconstruction = loss.loss;
    metrics.ring = device.output({kSteps, sizeof(pcd_metrics_row)}, PCD_DTYPE_U8);
  }

  void add_entry(Device& device, int32_t op, int64_t leads, int32_t blocks, const pcd_tensor& parameters,
                 pcd_tensor& packed) {
    pcd_pack_entry& entry = pack.entries[pack.count++];
    entry.op = op;
    entry.dtype = dtype;
    entry.channels = kChannels;
    entry.leads = static_cast<int32_t>(leads);
    entry.blocks = blocks;
    entry.parameters = parameters;
    uint64_t bytes = 0;
    device.check(pcd_pack_size(device.context(), &entry, &bytes));
    entry.packed = packed = device.bytes(bytes);
  }

  void issue(Device& device) const {
    pcd_stream* stream = device.stream();
    device.check(pcd_step_begin(stream, &begin));
    device.check(pcd_gather_augment(stream, &gather));
    device.check(pcd_stem_forward(stream, &stem));
    device.check(pcd_dilated_stack_forward(stream, &stack));
    device.check(pcd_head_forward(stream, &head));
    device.check(pcd_reconstruction_loss(stream, &loss));
    device.check(pcd_head_backward(stream, &head));
    device.check(pcd_dilated_stack_backward(stream, &stack));
    device.check(pcd_stem_backward(stream, &stem));
    device.check(pcd_adamw(stream, &adamw));
    device.check(pcd_pack(stream, &pack));
    device.check(pcd_metrics(stream, &metrics));
  }
};

Outputs run(Device& device, int32_t dtype) {
  const Step step(device, dtype);
  device.check(pcd_pack(device.stream(), &step.pack));
  if (device.recorded) {
    pcd_graph* graph = nullptr;
    device.check(pcd_graph_begin(device.stream()));
    step.issue(device);
    device.check(pcd_graph_end(device.stream(), &graph));
    int64_t ops = 0;
    device.check(pcd_graph_size(graph, &ops));
    if (ops != 12) throw std::runtime_error("the graph holds " + std::to_string(ops) + " ops");
    for (int64_t i = 0; i < kSteps; ++i) device.check(pcd_graph_launch(graph, device.stream()));
    device.check(pcd_stream_synchronize(device.stream()));
    device.check(pcd_graph_destroy(graph));
  } else {
    for (int64_t i = 0; i < kSteps; ++i) step.issue(device);
  }
  const std::vector<uint8_t> raw = device.read_bytes(step.metrics.ring);
  std::vector<pcd_metrics_row> rows(kSteps);
  std::memcpy(rows.data(), raw.data(), raw.size());
  for (int64_t i = 0; i < kSteps; ++i) {
    if (rows[i].step != static_cast<uint64_t>(i + 1) || rows[i].non_finite != 0)
      throw std::runtime_error("metrics rows");
  }
  const auto state = from_bytes<pcd_step_state>(device.read_bytes(step.begin.state));
  if (state.cursor != (kSteps - 1) * kBatch)
    throw std::runtime_error("the cursor did not move by a batch a step");
  if (!(rows[kSteps - 1].loss < 0.7f * rows[0].loss)) throw std::runtime_error("the loss did not fall");
  return {make_output("parameters", device.read(step.adamw.parameters)),
          make_output("average", device.read(step.adamw.average)),
          make_output("second moment", device.read(step.adamw.second_moment)),
          make_output("metrics", raw, Kind::exact)};
}

}  // namespace

int main() {
  Suite suite("training_step");
  suite.check_identical("12 steps", [](Device& device) { return run(device, PCD_DTYPE_F32); });
  suite.check_identical("12 steps, bf16", [](Device& device) { return run(device, PCD_DTYPE_BF16); });
  return suite.finish();
}
