// SPDX-License-Identifier: Apache-2.0
//
// Descriptors of a step over one set of buffers.
#include "network_step.h"

#include <cmath>
#include <cstring>
#include <random>
#include <stdexcept>

namespace pcd::bench {
namespace {

template <class Desc>
Desc make() {
  Desc desc{};
  desc.struct_size = sizeof desc;
  return desc;
}

constexpr int64_t kRecordLength = 1000;
constexpr int64_t kRecords = 64;
constexpr int64_t kMostSteps = 1 << 15;

}  // namespace

struct NetworkStep::Descriptors {
  pcd_step_begin_desc begin = make<pcd_step_begin_desc>();
  pcd_gather_augment_desc gather = make<pcd_gather_augment_desc>();
  pcd_stem_desc stem[2] = {make<pcd_stem_desc>(), make<pcd_stem_desc>()};  // pathology, waveform
  pcd_dilated_stack_desc stack[3] = {make<pcd_dilated_stack_desc>(), make<pcd_dilated_stack_desc>(),
                                     make<pcd_dilated_stack_desc>()};  // pathology, waveform, decoder
  pcd_pool_project_desc pool = make<pcd_pool_project_desc>();
  pcd_film_desc film = make<pcd_film_desc>();
  pcd_head_desc head = make<pcd_head_desc>();
  pcd_classifier_desc classifier = make<pcd_classifier_desc>();
  pcd_supcon_desc supcon = make<pcd_supcon_desc>();
  pcd_reconstruction_loss_desc loss = make<pcd_reconstruction_loss_desc>();
  pcd_adamw_desc adamw = make<pcd_adamw_desc>();
  pcd_pack_desc pack = make<pcd_pack_desc>();
  pcd_metrics_desc metrics = make<pcd_metrics_desc>();
  // The same for inference.
  pcd_dilated_stack_desc quick_stack[3];
  pcd_pool_project_desc quick_pool;
  pcd_film_desc quick_film;
  pcd_head_desc quick_head;
};

NetworkStep::NetworkStep(const NetworkShape& shape, int32_t threads, const std::string& instruction_set)
    : shape_(shape), d_(new Descriptors) {
  pcd_context_desc desc{};
  desc.struct_size = sizeof desc;
  desc.backend = PCD_BACKEND_CPU;
  desc.threads = threads;
  std::strncpy(desc.instruction_set, instruction_set.c_str(), sizeof desc.instruction_set - 1);
  char message[512] = "";
  if (pcd_context_create(&desc, &context_, message, sizeof message) != PCD_OK) {
    delete d_;
    throw std::runtime_error(message);
  }
  threads_ = threads;
  check(pcd_stream_create(context_, &stream_));
  build();
}

NetworkStep::~NetworkStep() {
  for (pcd_buffer* buffer : buffers_) pcd_buffer_destroy(buffer);
  pcd_stream_destroy(stream_);
  pcd_context_destroy(context_);
  delete d_;
}

void NetworkStep::check(int32_t status) const {
  if (status != PCD_OK) throw std::runtime_error(pcd_context_message(context_));
}

void NetworkStep::run(const Call& call) const { check(call.run()); }

uint64_t NetworkStep::memory() const {
  pcd_memory_info info{};
  info.struct_size = sizeof info;
  check(pcd_memory_query(context_, &info));
  return info.in_use;
}

pcd_tensor NetworkStep::tensor(std::vector<int64_t> shape, int32_t dtype) {
  static constexpr uint64_t sizes[] = {4, 2, 8, 2, 4, 8, 8, 1};
  pcd_tensor view{};
  view.dtype = dtype;
  view.rank = static_cast<int32_t>(shape.size());
  uint64_t bytes = sizes[dtype];
  for (int i = 0; i < 4; ++i) {
    view.shape[i] = i < view.rank ? shape[static_cast<size_t>(i)] : 1;
    bytes *= static_cast<uint64_t>(view.shape[i]);
  }
  check(pcd_buffer_create(stream_, bytes == 0 ? 64 : bytes, PCD_MEMORY_DEVICE, &view.buffer));
  buffers_.push_back(view.buffer);
  std::memset(pcd_buffer_data(view.buffer), 0, bytes);  // first touch
  return view;
}

pcd_tensor NetworkStep::normal(std::vector<int64_t> shape, double deviation) {
  const pcd_tensor view = tensor(std::move(shape));
  std::mt19937 generator(static_cast<uint32_t>(seed_++));
  std::normal_distribution<float> draw(0.0f, static_cast<float>(deviation));
  float* values = static_cast<float*>(pcd_buffer_data(view.buffer));
  for (uint64_t i = 0; i < pcd_buffer_size(view.buffer) / 4; ++i) values[i] = draw(generator);
  return view;
}

pcd_tensor NetworkStep::piece(const pcd_tensor& flat, int64_t count) {
  pcd_tensor view = flat;
  view.offset = static_cast<uint64_t>(4 * parameters_used_);
  view.shape[0] = count;
  return view;
}

template <class Desc>
pcd_tensor NetworkStep::sized(int32_t (*query)(pcd_context*, const Desc*, uint64_t*), const Desc& desc) {
  uint64_t bytes = 0;
  check(query(context_, &desc, &bytes));
  return bytes == 0 ? pcd_tensor{} : tensor({static_cast<int64_t>(bytes)}, PCD_DTYPE_U8);
}

void NetworkStep::pack(int32_t op, int64_t leads, int32_t blocks, const pcd_tensor& parameters,
                       pcd_tensor& packed) {
  pcd_pack_entry& entry = d_->pack.entries[d_->pack.count++];
  entry.op = op;
  entry.dtype = shape_.activations;
  entry.channels = static_cast<int32_t>(shape_.channels);
  entry.leads = static_cast<int32_t>(leads);
  entry.blocks = blocks;
  entry.parameters = parameters;
  uint64_t bytes = 0;
  check(pcd_pack_size(context_, &entry, &bytes));
  entry.packed = packed = tensor({static_cast<int64_t>(bytes)}, PCD_DTYPE_U8);
}

void NetworkStep::add(std::vector<Call>& calls, const std::string& name, double operations,
                      std::function<int32_t()> run) {
  calls.push_back({name, operations, std::move(run)});
}

void NetworkStep::build() {
  const auto [B, L, C, n, T, K, D, storage] = shape_;
  Descriptors& d = *d_;

  // Step state and data.
  pcd_step_state state{};
  state.cursor = uint64_t{0} - static_cast<uint64_t>(B);
  state.seed = 7;
  state.beta1_power = state.beta2_power = 1;
  state.rate_scale = state.weight_reconstruction = 1;
  state.weight_contrastive = state.weight_classifier = 0.01f;
  d.begin.state = tensor({sizeof state}, PCD_DTYPE_U8);
  std::memcpy(pcd_buffer_data(d.begin.state.buffer), &state, sizeof state);
  d.begin.schedule = PCD_SCHEDULE_CONSTANT;
  d.begin.peak = 1e-4f;
  d.begin.total = kMostSteps;
  d.begin.batch = B;
  d.begin.beta1 = 0.9;
  d.begin.beta2 = 0.999;

  std::mt19937 generator(5);
  const auto view_of = [](const pcd_tensor& t) { return pcd_buffer_data(t.buffer); };
  d.gather.flags = PCD_FLAG_FREE_CROP;
  d.gather.gain_sd = 0.12f;
  d.gather.stretch_probability = 0.5f;
  d.gather.stretch_sd = 0.08f;
  d.gather.noise_sd = 0.02f;
  d.gather.microvolt_per_count = 1;
  d.gather.state = d.begin.state;
  const int64_t record = kRecordLength > 2 * L ? kRecordLength : 2 * L;
  d.gather.samples = tensor({kRecords * 8 * record}, PCD_DTYPE_I16);
  for (int64_t i = 0; i < kRecords * 8 * record; ++i) {
    static_cast<int16_t*>(view_of(d.gather.samples))[i] =
        static_cast<int16_t>(std::lround(400 * std::sin(0.07 * static_cast<double>(i % record))));
  }
  d.gather.records = tensor({kRecords, 2}, PCD_DTYPE_I64);
  d.gather.record_labels = tensor({kRecords, 2}, PCD_DTYPE_U64);
  for (int64_t i = 0; i < kRecords; ++i) {
    static_cast<int64_t*>(view_of(d.gather.records))[2 * i] = i * 8 * record;
    static_cast<int64_t*>(view_of(d.gather.records))[2 * i + 1] = record;
    static_cast<uint64_t*>(view_of(d.gather.record_labels))[2 * i] = uint64_t{1} << (generator() % 12);
  }
  // One batch of entries for every step that may run: the cursor only goes forward.
  d.gather.index = tensor({kMostSteps * B, 2}, PCD_DTYPE_I32);
  for (int64_t i = 0; i < kMostSteps * B; ++i) {
    static_cast<int32_t*>(view_of(d.gather.index))[2 * i] = static_cast<int32_t>(generator() % kRecords);
  }
  d.gather.input_mix = tensor({n, 8});
  d.gather.target_mix = tensor({T, 8});
  for (int64_t i = 0; i < n; ++i) static_cast<float*>(view_of(d.gather.input_mix))[9 * i] = 1;
  for (int64_t i = 0; i < T; ++i) static_cast<float*>(view_of(d.gather.target_mix))[8 * i + (i + n) % 8] = 1;
  d.gather.mean = tensor({n});
  d.gather.deviation = tensor({n});
  for (int64_t i = 0; i < n; ++i) static_cast<float*>(view_of(d.gather.deviation))[i] = 0.2f;
  d.gather.inputs = tensor({B, L, n});
  d.gather.targets = tensor({B, L, T});
  d.gather.labels = tensor({B, 2}, PCD_DTYPE_U64);

  // Parameters, one flat buffer.
  const int64_t stem = C * n * 7 + C;
  const int64_t block = 4 * C * C + 4 * C;
  const int64_t pool = 2 * C + C * C + C + D * C + D;
  const int64_t film = 2 * C * C + 2 * C;
  const int64_t head = 2 * C + T * C + T;
  const int64_t classifier = K * C + K;
  const int64_t total = 2 * stem + 14 * block + pool + film + head + classifier;
  const pcd_tensor parameters = normal({total}, 1 / std::sqrt(3.0 * static_cast<double>(C)));
  const pcd_tensor gradients = tensor({total});
  const auto next = [&](auto& desc, int64_t count) {
    desc.parameters = piece(parameters, count);
    desc.parameter_grad = piece(gradients, count);
    parameters_used_ += count;
  };
  const auto activations = [&, type = storage] { return tensor({B, L, C}, type); };

  static constexpr int32_t dilations[3][6] = {{1, 2, 4, 8, 16, 32}, {1, 2, 4, 8}, {8, 4, 2, 1}};
  static constexpr int32_t blocks[3] = {6, 4, 4};
  for (int branch = 0; branch < 2; ++branch) {
    next(d.stem[branch], stem);
    d.stem[branch].input = d.gather.inputs;
    d.stem[branch].output = activations();
    pack(PCD_OP_STEM, n, 0, d.stem[branch].parameters, d.stem[branch].packed);
    d.stem[branch].workspace = sized(pcd_stem_workspace_size, d.stem[branch]);
  }
  const pcd_tensor gradient[2] = {activations(), activations()};  // of the two branches, in place
  for (int i = 0; i < 3; ++i) {
    pcd_dilated_stack_desc& stack = d.stack[i];
    next(stack, blocks[i] * block);
    stack.blocks = blocks[i];
    std::memcpy(stack.dilations, dilations[i], sizeof dilations[i]);
    stack.input = i < 2 ? d.stem[i].output : activations();
    stack.output = activations();
    stack.output_grad = stack.input_grad = gradient[i == 0 ? 0 : 1];
    pack(PCD_OP_DILATED_STACK, 0, blocks[i], stack.parameters, stack.packed);
    stack.saved = sized(pcd_dilated_stack_saved_size, stack);
    stack.workspace = sized(pcd_dilated_stack_workspace_size, stack);
    if (i < 2) d.stem[i].output_grad = stack.input_grad;
  }
  next(d.pool, pool);
  d.pool.input = d.stack[0].output;
  d.pool.h = tensor({B, C});
  d.pool.z = tensor({B, D});
  d.pool.h_grad = tensor({B, C});
  d.pool.z_grad = tensor({B, D});
  d.pool.input_grad = gradient[0];
  pack(PCD_OP_POOL_PROJECT, D, 0, d.pool.parameters, d.pool.packed);
  d.pool.saved = sized(pcd_pool_project_saved_size, d.pool);
  d.pool.workspace = sized(pcd_pool_project_workspace_size, d.pool);

  next(d.film, film);
  d.film.input = d.stack[1].output;
  d.film.h = d.pool.h;
  d.film.output = d.stack[2].input;
  d.film.output_grad = d.film.input_grad = gradient[1];
  d.film.h_grad = d.pool.h_grad;
  pack(PCD_OP_FILM, 0, 0, d.film.parameters, d.film.packed);
  d.film.saved = sized(pcd_film_saved_size, d.film);
  d.film.workspace = sized(pcd_film_workspace_size, d.film);

  next(d.head, head);
  d.head.input = d.stack[2].output;
  d.head.signal = d.gather.inputs;
  d.head.anchor = normal({T * n + T}, 0.1);
  d.head.output = tensor({B, L, T});
  d.head.output_grad = tensor({B, L, T});
  d.head.input_grad = gradient[1];
  pack(PCD_OP_HEAD, T, 0, d.head.parameters, d.head.packed);
  d.head.saved = sized(pcd_head_saved_size, d.head);
  d.head.workspace = sized(pcd_head_workspace_size, d.head);

  d.loss.mse_weight = 0.8f;
  d.loss.l1_weight = 0.2f;
  d.loss.gradient_scale = 1;
  d.loss.prediction = d.head.output;
  d.loss.target = d.gather.targets;
  d.loss.state = d.begin.state;
  d.loss.loss = tensor({3});
  d.loss.prediction_grad = d.head.output_grad;
  d.loss.workspace = sized(pcd_reconstruction_loss_workspace_size, d.loss);

  next(d.classifier, classifier);
  d.classifier.flags = PCD_FLAG_ACCUMULATE_INPUT;
  d.classifier.gradient_scale = 1;
  d.classifier.h = d.pool.h;
  d.classifier.labels = d.gather.labels;
  d.classifier.state = d.begin.state;
  d.classifier.logits = tensor({B, K});
  d.classifier.loss = tensor({1});
  d.classifier.h_grad = d.pool.h_grad;
  pack(PCD_OP_CLASSIFIER, K, 0, d.classifier.parameters, d.classifier.packed);
  d.classifier.workspace = sized(pcd_classifier_workspace_size, d.classifier);

  d.supcon.target = PCD_SUPCON_ANY;
  d.supcon.temperature = 0.07f;
  d.supcon.row_end = B;
  d.supcon.z = d.pool.z;
  d.supcon.labels = d.gather.labels;
  d.supcon.state = d.begin.state;
  d.supcon.statistics = tensor({B, 4});
  d.supcon.loss = tensor({3});
  d.supcon.z_grad = d.pool.z_grad;
  d.supcon.workspace = sized(pcd_supcon_workspace_size, d.supcon);

  d.adamw.beta1 = 0.9f;
  d.adamw.beta2 = 0.999f;
  d.adamw.epsilon = 1e-8f;
  d.adamw.weight_decay = 0.05f;
  d.adamw.clip_norm = 1;
  d.adamw.average_decay = 0.995f;
  d.adamw.parameters = parameters;
  d.adamw.gradients = gradients;
  d.adamw.first_moment = tensor({total});
  d.adamw.second_moment = tensor({total});
  d.adamw.average = tensor({total});
  d.adamw.segments = tensor({2}, PCD_DTYPE_I64);
  static_cast<int64_t*>(view_of(d.adamw.segments))[1] = total;
  d.adamw.decay = tensor({1});
  d.adamw.state = d.begin.state;
  d.adamw.workspace = sized(pcd_adamw_workspace_size, d.adamw);
  d.metrics.state = d.begin.state;
  d.metrics.reconstruction = d.loss.loss;
  d.metrics.contrastive = d.supcon.loss;
  d.metrics.classifier = d.classifier.loss;
  d.metrics.ring = tensor({64, sizeof(pcd_metrics_row)}, PCD_DTYPE_U8);

  // The step.
  const double rows = static_cast<double>(B * L);
  const double stem_operations = 2 * rows * static_cast<double>(C * n * 7);
  const double block_operations = 2 * rows * static_cast<double>(4 * C * C);
  const double head_operations = 2 * rows * static_cast<double>(C * T);
  std::vector<Call>& t = training_;
  const auto stack_name = [](int i, const char* direction) {
    static const char* const names[] = {"pathology stack", "waveform stack", "decoder stack"};
    return std::string(names[i]) + " " + direction;
  };
  const auto stack_forward = [&](int i) {
    add(t, stack_name(i, "forward"), blocks[i] * block_operations,
        [this, i] { return pcd_dilated_stack_forward(stream_, &d_->stack[i]); });
  };
  const auto stack_backward = [&](int i) {
    add(t, stack_name(i, "backward"), 2 * blocks[i] * block_operations,
        [this, i] { return pcd_dilated_stack_backward(stream_, &d_->stack[i]); });
    if (i < 2) {
      add(t, "stem backward", stem_operations,
          [this, i] { return pcd_stem_backward(stream_, &d_->stem[i]); });
    }
  };
  add(t, "step_begin", 0, [this] { return pcd_step_begin(stream_, &d_->begin); });
  add(t, "gather_augment", 0, [this] { return pcd_gather_augment(stream_, &d_->gather); });
  for (int i = 0; i < 2; ++i) {
    add(t, "stem forward", stem_operations, [this, i] { return pcd_stem_forward(stream_, &d_->stem[i]); });
    stack_forward(i);
    if (i == 0) {
      add(t, "pool_project forward", 0, [this] { return pcd_pool_project_forward(stream_, &d_->pool); });
      add(t, "classifier forward", 0, [this] { return pcd_classifier_forward(stream_, &d_->classifier); });
      add(t, "supcon forward", 0, [this] { return pcd_supcon_forward(stream_, &d_->supcon); });
      add(t, "supcon backward", 0, [this] { return pcd_supcon_backward(stream_, &d_->supcon); });
    }
  }
  add(t, "film forward", 0, [this] { return pcd_film_forward(stream_, &d_->film); });
  stack_forward(2);
  add(t, "head forward", head_operations, [this] { return pcd_head_forward(stream_, &d_->head); });
  add(t, "reconstruction_loss", 0, [this] { return pcd_reconstruction_loss(stream_, &d_->loss); });
  add(t, "head backward", 2 * head_operations, [this] { return pcd_head_backward(stream_, &d_->head); });
  stack_backward(2);
  add(t, "film backward", 0, [this] { return pcd_film_backward(stream_, &d_->film); });
  stack_backward(1);
  add(t, "classifier backward", 0, [this] { return pcd_classifier_backward(stream_, &d_->classifier); });
  add(t, "pool_project backward", 0, [this] { return pcd_pool_project_backward(stream_, &d_->pool); });
  stack_backward(0);
  add(t, "adamw", 0, [this] { return pcd_adamw(stream_, &d_->adamw); });
  add(t, "pack", 0, [this] { return pcd_pack(stream_, &d_->pack); });
  add(t, "metrics", 0, [this] { return pcd_metrics(stream_, &d_->metrics); });

  // Reconstruction: the same without anything kept for backward.
  std::vector<Call>& q = inference_;
  for (int i = 0; i < 3; ++i) {
    d.quick_stack[i] = d.stack[i];
    d.quick_stack[i].flags = PCD_FLAG_INFERENCE;
    d.quick_stack[i].saved = pcd_tensor{};
  }
  d.quick_pool = d.pool;
  d.quick_pool.flags = PCD_FLAG_INFERENCE;
  d.quick_film = d.film;
  d.quick_film.flags = PCD_FLAG_INFERENCE;
  d.quick_head = d.head;
  d.quick_head.flags = PCD_FLAG_INFERENCE;
  for (int i = 0; i < 2; ++i) {
    add(q, "stem", stem_operations, [this, i] { return pcd_stem_forward(stream_, &d_->stem[i]); });
    add(q, stack_name(i, "inference"), blocks[i] * block_operations,
        [this, i] { return pcd_dilated_stack_forward(stream_, &d_->quick_stack[i]); });
    if (i == 0)
      add(q, "pool_project", 0, [this] { return pcd_pool_project_forward(stream_, &d_->quick_pool); });
  }
  add(q, "film", 0, [this] { return pcd_film_forward(stream_, &d_->quick_film); });
  add(q, stack_name(2, "inference"), blocks[2] * block_operations,
      [this] { return pcd_dilated_stack_forward(stream_, &d_->quick_stack[2]); });
  add(q, "head", head_operations, [this] { return pcd_head_forward(stream_, &d_->quick_head); });
  check(pcd_pack(stream_, &d.pack));
}

}  // namespace pcd::bench
