// SPDX-License-Identifier: Apache-2.0
//
// supcon: supervised contrastive loss and gradient of rows [row_begin, row_end) against all N, in tiles of kTileRows
// rows by one panel of columns; the N×N matrix never exists. Memory: z twice (panels for the similarities, padded rows
// for the gradient) and a few numbers a row.
//
// |s| <= 1/τ because rows have length 1, so exp(s - 1/τ) neither overflows nor, with 2/τ < 80, loses a row's largest
// term: one fixed shift replaces the running maximum, and one exponential serves p_ij and p_ji.
// A task is kTaskRows rows; each row's sums run over the panels in order, in double.
#include <cmath>
#include <cstdint>

#include "core/buffer.h"
#include "cpu/math.h"
#include "cpu/ops.h"
#include "cpu/pool.h"
#include "cpu/rows.h"
#include "cpu/simd.h"

namespace pcd::cpu::PCD_ISA {
namespace {

constexpr int kTileRows = 6;
constexpr int kVectors = W == 16 ? 4 : 2;
constexpr int kPanel = kVectors * W;
constexpr int64_t kTaskRows = 8 * kTileRows;

int64_t round_up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

// Where things lie in the workspace; all extents padded so that tiles need no edges.
struct Plan {
  int64_t n, depth, words, columns, padded_depth, rows;
  float* panels;     // [columns / kPanel][depth][kPanel]
  float* padded;     // [columns][padded_depth]
  float* gradient;   // [rows][padded_depth]
  float* valid;      // [columns] 1 takes part, 0 does not
  float* softmax;    // [columns] exp(1/τ - logsumexp) / A of anchors, else 0
  float* target;     // [columns] what multiplies a pair's target weight, / A
  int32_t* groups;   // [columns]
  uint32_t* labels;  // [words][columns], halves of the masks: a lane of 32 bits each, as the floats have
  int32_t* sizes;    // [columns] labels of an entry
  uint64_t bytes;

  explicit Plan(const pcd_supcon_desc& d)
      : n(d.z.shape[0]), depth(d.z.shape[1]), words(d.labels.rank == 2 ? 2 * d.labels.shape[1] : 0),
        columns(round_up(n, kPanel)), padded_depth(round_up(depth, kPanel)),
        rows(round_up(d.row_end - d.row_begin, kTileRows)) {
    char* base = data<char>(d.workspace);
    uint64_t used = 0;
    const auto take = [&](int64_t count, uint64_t size) {
      char* place = base == nullptr ? nullptr : base + used;
      used += (static_cast<uint64_t>(count) * size + 63) / 64 * 64;
      return place;
    };
    panels = reinterpret_cast<float*>(take(columns * depth, sizeof(float)));
    padded = reinterpret_cast<float*>(take(columns * padded_depth, sizeof(float)));
    gradient = reinterpret_cast<float*>(take(rows * padded_depth, sizeof(float)));
    valid = reinterpret_cast<float*>(take(columns, sizeof(float)));
    softmax = reinterpret_cast<float*>(take(columns, sizeof(float)));
    target = reinterpret_cast<float*>(take(columns, sizeof(float)));
    groups = reinterpret_cast<int32_t*>(take(columns, sizeof(int32_t)));
    labels = reinterpret_cast<uint32_t*>(take(words * columns, sizeof(uint32_t)));
    sizes = reinterpret_cast<int32_t*>(take(columns, sizeof(int32_t)));
    bytes = used;
  }
};

// Copies z, labels and groups into their padded layouts, a panel a task.
void arrange(Pool& pool, const pcd_supcon_desc& d, const Plan& plan) {
  const float* z = data<const float>(d.z);
  const bool views_only = (d.flags & PCD_FLAG_VIEWS_ONLY) != 0;
  pool.run(plan.columns / kPanel, [&](int64_t panel) {
    float* block = plan.panels + panel * plan.depth * kPanel;
    for (int64_t j = 0; j < kPanel; ++j) {
      const int64_t column = panel * kPanel + j;
      const bool exists = column < plan.n;
      float* row = plan.padded + column * plan.padded_depth;
      fill_row(row, plan.padded_depth, 0.0f);
      if (exists) copy_row(z + column * plan.depth, plan.depth, row);
      for (int64_t k = 0; k < plan.depth; ++k) block[k * kPanel + j] = row[k];
      int32_t size = 0;
      for (int64_t w = 0; w < plan.words; w += 2) {
        const uint64_t word = exists ? data<const uint64_t>(d.labels)[column * (plan.words / 2) + w / 2] : 0;
        size += __builtin_popcountll(word);
        plan.labels[w * plan.columns + column] = views_only ? 0 : static_cast<uint32_t>(word);
        plan.labels[(w + 1) * plan.columns + column] = views_only ? 0 : static_cast<uint32_t>(word >> 32);
      }
      plan.sizes[column] = size;
      plan.valid[column] = exists && (views_only || size != 0) ? 1.0f : 0.0f;
      // Without groups every entry is a group of its own.
      plan.groups[column] = exists && present(d.groups) ? data<const int32_t>(d.groups)[column]
                                                        : static_cast<int32_t>(column);
    }
  });
}

// tile[r][j] = z_{row+r} · z_j / τ for one panel. Rows past the last repeat it; their results are not used.
void similarities(const Plan& plan, const float* const rows[kTileRows], int64_t panel, float scale, float* tile) {
  const float* block = plan.panels + panel * plan.depth * kPanel;
  vf sum[kTileRows][kVectors] = {};
  for (int64_t k = 0; k < plan.depth; ++k) {
    vf column[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) column[v] = load(block + k * kPanel + v * W);
#pragma GCC unroll 6
    for (int r = 0; r < kTileRows; ++r) {
      const vf a = broadcast(rows[r][k]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sum[r][v] += a * column[v];
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) store(tile + r * kPanel + v * W, sum[r][v] * broadcast(scale));
  }
}

// Bits set in each lane.
PCD_INLINE vi count_bits(vi x) {
  x -= (x >> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >> 2) & 0x33333333);
  x = (x + (x >> 4)) & 0x0f0f0f0f;
  x += x >> 8;
  return (x + (x >> 16)) & 0x3f;
}

// weight[j]: what pair (i, j) counts as a positive: 0 or 1, or the Jaccard index of the label sets. 0 for i itself.
void pair_weights(const Plan& plan, int32_t kind, int64_t i, int64_t panel, float* weight) {
  const int64_t first = panel * kPanel;
  const vi no_labels{};
  // Bits in common, or how many there are.
  vi common[kVectors] = {};
  for (int64_t w = 0; w < plan.words; ++w) {
    const int32_t mine = static_cast<int32_t>(plan.labels[w * plan.columns + i]);
    if (mine == 0) continue;
    const uint32_t* others = plan.labels + w * plan.columns + first;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const vi shared = load_int(others + v * W) & mine;
      common[v] = kind == PCD_SUPCON_JACCARD ? common[v] + count_bits(shared) : common[v] | shared;
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const vi same = load_int(plan.groups + first + v * W) == plan.groups[i];
    const vi some = common[v] != no_labels;
    const vf ones = broadcast(1.0f);
    vf index = from_bits(bits(ones) & (some | same));
    if (kind == PCD_SUPCON_JACCARD) {
      const vi all = load_int(plan.sizes + first + v * W) + plan.sizes[i] - common[v];
      index = from_bits((bits(ones) & same) | (bits(to_float(common[v]) / to_float(all)) & some & ~same));
    }
    store(weight + v * W, index * load(plan.valid + first + v * W));
  }
  if (i >= first && i < first + kPanel) weight[i - first] = 0.0f;
}

// exponential[j] = exp(s_ij - 1/τ), 0 for entries that take no part and for i itself.
void exponentials(const Plan& plan, const float* similarity, float shift, int64_t i, int64_t panel,
                  float* exponential) {
  const int64_t first = panel * kPanel;
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const vf e = exp(load(similarity + v * W) - broadcast(shift));
    store(exponential + v * W, e * load(plan.valid + first + v * W));
  }
  if (i >= first && i < first + kPanel) exponential[i - first] = 0.0f;
}

struct RowSums {
  double all = 0, positive = 0, weight = 0, similarity = 0;

  void add(const float* exponential, const float* weights, const float* s) {
    float sums[4] = {};
    float &e = sums[0], &we = sums[1], &w = sums[2], &ws = sums[3];
#pragma omp simd reduction(+ : e, we, w, ws)
    for (int64_t j = 0; j < kPanel; ++j) {
      e += exponential[j];
      we += weights[j] > 0.0f ? exponential[j] : 0.0f;
      w += weights[j];
      ws += weights[j] * s[j];
    }
    all += e;
    positive += we;
    weight += w;
    similarity += ws;
  }
};

void write_statistics(const RowSums& sums, int32_t kind, double shift, float* row) {
  const float none = -__builtin_inff();
  const double all = shift + std::log(sums.all);
  row[0] = static_cast<float>(all);
  row[1] = none;
  row[2] = static_cast<float>(sums.weight);
  row[3] = 0.0f;
  if (sums.weight == 0) return;
  const double positive = shift + std::log(sums.positive);
  row[1] = static_cast<float>(positive);
  row[3] = static_cast<float>(all - (kind == PCD_SUPCON_ANY ? positive : sums.similarity / sums.weight));
}

// The rows of one tile: indices and z, the last one repeated past the end.
struct TileRows {
  int64_t index[kTileRows];
  const float* z[kTileRows];
  int count;

  TileRows(const Plan& plan, int64_t begin, int64_t end) : count(static_cast<int>(least(kTileRows, end - begin))) {
    for (int r = 0; r < kTileRows; ++r) {
      index[r] = begin + least(r, count - 1);
      z[r] = plan.padded + index[r] * plan.padded_depth;
    }
  }
};

void forward_rows(const pcd_supcon_desc& d, const Plan& plan, int64_t begin, int64_t end) {
  const float scale = 1.0f / d.temperature;
  RowSums sums[kTaskRows];
  alignas(64) float tile[kTileRows * kPanel], exponential[kPanel], weight[kPanel];
  for (int64_t panel = 0; panel < plan.columns / kPanel; ++panel) {
    for (int64_t first = begin; first < end; first += kTileRows) {
      const TileRows rows(plan, first, end);
      similarities(plan, rows.z, panel, scale, tile);
      for (int r = 0; r < rows.count; ++r) {
        const float* s = tile + r * kPanel;
        exponentials(plan, s, scale, rows.index[r], panel, exponential);
        pair_weights(plan, d.target, rows.index[r], panel, weight);
        sums[first - begin + r].add(exponential, weight, s);
      }
    }
  }
  for (int64_t i = begin; i < end; ++i) {
    // An entry that takes no part is no anchor either.
    const RowSums row = plan.valid[i] != 0 ? sums[i - begin] : RowSums{};
    write_statistics(row, d.target, scale, data<float>(d.statistics) + 4 * i);
  }
}

// gradient[r] += Σ_j pair[r][j] · z_j over one panel.
void add_products(const Plan& plan, const float* pair, int64_t panel, float* const gradient[kTileRows]) {
  for (int64_t k = 0; k < plan.padded_depth; k += kPanel) {
    vf sum[kTileRows][kVectors];
#pragma GCC unroll 6
    for (int r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sum[r][v] = load(gradient[r] + k + v * W);
    }
    const float* z = plan.padded + panel * kPanel * plan.padded_depth + k;
    for (int64_t j = 0; j < kPanel; ++j) {
      vf row[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) row[v] = load(z + j * plan.padded_depth + v * W);
#pragma GCC unroll 6
      for (int r = 0; r < kTileRows; ++r) {
        const vf a = broadcast(pair[r * kPanel + j]);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sum[r][v] += a * row[v];
      }
    }
#pragma GCC unroll 6
    for (int r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) store(gradient[r] + k + v * W, sum[r][v]);
    }
  }
}

// pair[j] = G_ij + G_ji for one row and panel.
void pair_gradients(const Plan& plan, int32_t kind, int64_t i, int64_t panel, const float* exponential,
                    const float* weight, float* pair) {
  const float softmax = plan.softmax[i], target = plan.target[i], valid = plan.valid[i];
  const float* softmaxes = plan.softmax + panel * kPanel;
  const float* targets = plan.target + panel * kPanel;
  if (kind == PCD_SUPCON_ANY) {
#pragma omp simd
    for (int64_t j = 0; j < kPanel; ++j) {
      pair[j] = valid * exponential[j] * (softmax + softmaxes[j] - weight[j] * (target + targets[j]));
    }
  } else {
#pragma omp simd
    for (int64_t j = 0; j < kPanel; ++j) {
      pair[j] = valid * (exponential[j] * (softmax + softmaxes[j]) - weight[j] * (target + targets[j]));
    }
  }
}

void backward_rows(const pcd_supcon_desc& d, const Plan& plan, int64_t begin, int64_t end, float factor) {
  const float scale = 1.0f / d.temperature;
  float* gradient = plan.gradient + (begin - d.row_begin) * plan.padded_depth;
  fill_row(gradient, round_up(end - begin, kTileRows) * plan.padded_depth, 0.0f);
  alignas(64) float tile[kTileRows * kPanel], exponential[kPanel], weight[kPanel];
  alignas(64) float pair[kTileRows * kPanel] = {};  // rows past the last stay 0
  for (int64_t panel = 0; panel < plan.columns / kPanel; ++panel) {
    for (int64_t first = begin; first < end; first += kTileRows) {
      const TileRows rows(plan, first, end);
      float* targets[kTileRows];
      for (int r = 0; r < kTileRows; ++r) targets[r] = gradient + (first - begin + r) * plan.padded_depth;
      similarities(plan, rows.z, panel, scale, tile);
      for (int r = 0; r < kTileRows; ++r) {
        exponentials(plan, tile + r * kPanel, scale, rows.index[r], panel, exponential);
        pair_weights(plan, d.target, rows.index[r], panel, weight);
        pair_gradients(plan, d.target, rows.index[r], panel, exponential, weight, pair + r * kPanel);
      }
      add_products(plan, pair, panel, targets);
    }
  }
  float* out = data<float>(d.z_grad);
  for (int64_t i = begin; i < end; ++i) {
    const float* row = gradient + (i - begin) * plan.padded_depth;
    for (int64_t k = 0; k < plan.depth; ++k) out[(i - d.row_begin) * plan.depth + k] = factor * row[k];
  }
}

// f(begin, end) over the tasks of the descriptor's rows.
template <class F>
void in_tasks(Pool& pool, const pcd_supcon_desc& d, F&& f) {
  pool.run((d.row_end - d.row_begin + kTaskRows - 1) / kTaskRows, [&](int64_t task) {
    const int64_t begin = d.row_begin + task * kTaskRows;
    f(begin, least(d.row_end, begin + kTaskRows));
  });
}

}  // namespace

uint64_t supcon_workspace(const Pool&, const pcd_supcon_desc& d) {
  pcd_supcon_desc shapes = d;
  shapes.workspace.buffer = nullptr;
  return Plan(shapes).bytes;
}

int32_t supcon_forward(Pool& pool, const pcd_supcon_desc& d) {
  const Plan plan(d);
  arrange(pool, d, plan);
  in_tasks(pool, d, [&](int64_t begin, int64_t end) { forward_rows(d, plan, begin, end); });
  double sum = 0;
  int64_t anchors = 0;
  for (int64_t i = d.row_begin; i < d.row_end; ++i) {
    const float* row = data<const float>(d.statistics) + 4 * i;
    // Not "> 0": a NaN must reach the loss.
    if (row[2] != 0) {
      sum += row[3];
      ++anchors;
    }
  }
  if (present(d.state)) data<pcd_step_state>(d.state)->anchors = static_cast<int32_t>(anchors);
  if (present(d.loss)) {
    float* loss = data<float>(d.loss);
    loss[0] = anchors == 0 ? 0.0f : static_cast<float>(sum / static_cast<double>(anchors));
    loss[1] = static_cast<float>(sum);
    loss[2] = static_cast<float>(anchors);
  }
  return PCD_OK;
}

int32_t supcon_backward(Pool& pool, const pcd_supcon_desc& d) {
  const Plan plan(d);
  arrange(pool, d, plan);
  const float* statistics = data<const float>(d.statistics);
  int64_t anchors = 0;
  for (int64_t i = 0; i < plan.n; ++i) anchors += statistics[4 * i + 2] != 0;
  const double share = anchors == 0 ? 0.0 : 1.0 / static_cast<double>(anchors);
  const double shift = 1.0 / d.temperature;
  for (int64_t i = 0; i < plan.columns; ++i) {
    const float* row = statistics + 4 * i;
    const bool anchor = i < plan.n && row[2] != 0;
    plan.softmax[i] = anchor ? static_cast<float>(share * std::exp(shift - row[0])) : 0.0f;
    plan.target[i] = !anchor                      ? 0.0f
                     : d.target == PCD_SUPCON_ANY ? static_cast<float>(share * std::exp(shift - row[1]))
                                                  : static_cast<float>(share / row[2]);
  }
  float weight = 1.0f;
  if (present(d.state)) {
    pcd_step_state& state = *data<pcd_step_state>(d.state);
    state.anchors = static_cast<int32_t>(anchors);
    weight = state.weight_contrastive;
  }
  in_tasks(pool, d, [&](int64_t begin, int64_t end) {
    backward_rows(d, plan, begin, end, weight / d.temperature);
  });
  return PCD_OK;
}

}  // namespace pcd::cpu::PCD_ISA
