// SPDX-License-Identifier: Apache-2.0
//
// pack: flat parameters -> panels for cpu/gemm.h. Ops that read their parameters as they are get a copy of
// them.
#include "cpu/layout.h"
#include "cpu/ops.h"
#include "cpu/rows.h"

namespace pcd::cpu::PCD_ISA {
namespace {

int64_t packed_bytes(const pcd_pack_entry& entry) {
  const int64_t c = entry.channels;
  const int64_t n = entry.leads;
  constexpr int64_t of_float = sizeof(float);
  switch (entry.op) {
    case PCD_OP_STEM:
      return packed_values(stem_taps * n, c) * of_float;
    case PCD_OP_DILATED_STACK:
      return entry.dtype == PCD_DTYPE_BF16
                 ? entry.blocks * PackedBlock<int16_t>::count(c) * static_cast<int64_t>(sizeof(int16_t))
                 : entry.blocks * PackedBlock<float>::count(c) * of_float;
    case PCD_OP_HEAD:
      return PackedHead<float>::count(c, n) * of_float;
    case PCD_OP_POOL_PROJECT:
      return (3 * c + c * c + n * c + n) * of_float;
    case PCD_OP_FILM:
      return (2 * c * c + 2 * c) * of_float;
    case PCD_OP_CLASSIFIER:
      return (n * c + n) * of_float;
    default:
      return 0;
  }
}

// Input channel (forward) and output channel (transposed) i of one block.
void pack_block_row(const BlockParameters<const float>& from, const PackedBlock<float>& to, int64_t i,
                    int64_t c) {
  for (int64_t tap = 0; tap < 3; ++tap) {
    pack_row(from.conv + i * 3 + tap, 3 * c, tap * c + i, 3 * c, c, to.conv);
    pack_row(from.conv + i * 3 * c + tap, 3, tap * c + i, 3 * c, c, to.conv_transposed);
  }
  pack_row(from.pointwise + i, c, i, c, c, to.pointwise);
  pack_row(from.pointwise + i * c, 1, i, c, c, to.pointwise_transposed);
}

// The same in fixed point: a matrix and its transpose have one scale. Missing channels of an odd number are 0.
void pack_fixed_block(const BlockParameters<const float>& from, const PackedBlock<int16_t>& to, int64_t c) {
  const int64_t k = even(c);
  const FixedScale conv(largest_magnitude(from.conv, 3 * c * c), fixed_limit_of(3 * k));
  const FixedScale pointwise(largest_magnitude(from.pointwise, c * c), fixed_limit_of(k));
  to.scales[0] = conv.scale;
  to.scales[1] = pointwise.scale;
  const auto source = [c](const float* p, int64_t i) { return i < c ? p : nullptr; };
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t tap = 0; tap < 3; ++tap) {
      pack_fixed_row(source(from.conv + i * 3 + tap, i), 3 * c, tap * k + i, 3 * k, c, conv, to.conv);
      pack_fixed_row(source(from.conv + i * 3 * c + tap, i), 3, tap * k + i, 3 * k, c, conv, to.conv_transposed);
    }
    pack_fixed_row(source(from.pointwise + i, i), c, i, k, c, pointwise, to.pointwise);
    pack_fixed_row(source(from.pointwise + i * c, i), 1, i, k, c, pointwise, to.pointwise_transposed);
  }
}

void pack_entry(Pool& pool, const pcd_pack_entry& entry) {
  const float* from = data<const float>(entry.parameters);
  float* to = data<float>(entry.packed);
  const int64_t c = entry.channels;
  const int64_t n = entry.leads;
  switch (entry.op) {
    case PCD_OP_STEM:
      for (int64_t tap = 0; tap < stem_taps; ++tap) {
        for (int64_t lead = 0; lead < n; ++lead) {
          pack_row(from + lead * stem_taps + tap, n * stem_taps, tap * n + lead, stem_taps * n, c, to);
        }
      }
      break;
    case PCD_OP_DILATED_STACK: {
      if (entry.dtype == PCD_DTYPE_BF16) {
        int16_t* fixed = data<int16_t>(entry.packed);
        pool.run(entry.blocks, [&](int64_t block) {
          pack_fixed_block(BlockParameters<const float>(from, block, c), PackedBlock<int16_t>(fixed, block, c), c);
        });
        break;
      }
      constexpr int64_t rows = 16;
      const int64_t pieces = (c + rows - 1) / rows;
      pool.run(entry.blocks * pieces, [&](int64_t chunk) {
        const int64_t block = chunk / pieces;
        const int64_t first = chunk % pieces * rows;
        const BlockParameters<const float> parameters(from, block, c);
        const PackedBlock<float> packed(to, block, c);
        for (int64_t i = first; i < least(first + rows, c); ++i) pack_block_row(parameters, packed, i, c);
      });
      break;
    }
    case PCD_OP_HEAD: {
      const HeadParameters<const float> parameters(from, c, n);
      const PackedHead<float> packed(to, c, n);
      for (int64_t i = 0; i < c; ++i) pack_row(parameters.weight + i, c, i, c, n, packed.weight);
      for (int64_t i = 0; i < n; ++i) pack_row(parameters.weight + i * c, 1, i, n, c, packed.transposed);
      break;
    }
    default:
      copy_row(from, packed_bytes(entry) / static_cast<int64_t>(sizeof(float)), to);
      break;
  }
}

}  // namespace

int32_t pack(Pool& pool, const pcd_pack_desc& desc) {
  for (int32_t i = 0; i < desc.count; ++i) pack_entry(pool, desc.entries[i]);
  return PCD_OK;
}

uint64_t pack_size(const pcd_pack_entry& entry) {
  return static_cast<uint64_t>(packed_bytes(entry));
}

}  // namespace pcd::cpu::PCD_ISA
