// SPDX-License-Identifier: Apache-2.0
//
// Where a block's parameters lie in the flat buffer, how they are packed for the CUDA-core kernels, and how sums of
// pieces of rows become the flat gradient.
//
// Packed for the CUDA cores, fp32, a block after the other: conv [3·C][C] with element (tap·C + i, o), pointwise [C][C]
// with element (i, o), then both with i and o exchanged, for the gradient of the input.
#ifndef PCD_KERNELS_DILATED_STACK_PARAMETERS_CUH
#define PCD_KERNELS_DILATED_STACK_PARAMETERS_CUH

#include "common/device.cuh"

namespace pcd::kernels::stack {

constexpr int kTaps = 3;
constexpr int kMatrices = kTaps + 1;  // the taps, and the pointwise layer
constexpr int kVectors = 4;           // conv.bias, norm.weight, norm.bias, pointwise.bias

// Views of one block's parameters, or of their gradients.
template <typename P>
struct Parameters {
  P *conv, *conv_bias, *gain, *shift, *pointwise, *bias;
  PCD_BOTH Parameters(P* block, int64_t c)
      : conv(block), conv_bias(conv + kTaps * c * c), gain(conv_bias + c), shift(gain + c), pointwise(shift + c),
        bias(pointwise + c * c) {}
};

PCD_BOTH int64_t block_parameters(int64_t c) { return kMatrices * c * c + kVectors * c; }
PCD_BOTH int64_t packed_floats(int64_t c) { return 2 * kMatrices * c * c; }

// Element (matrix, o, i) of the weights: matrices 0 to 2 are the taps, 3 is the pointwise layer.
PCD_DEVICE float weight_at(const Parameters<const float>& p, int matrix, int64_t o, int64_t i, int64_t c) {
  return matrix < kTaps ? p.conv[(o * c + i) * kTaps + matrix] : p.pointwise[o * c + i];
}

// Grid (elements of a block's packed form / 256, blocks).
PCD_KERNEL void pack_floats(const float* parameters, int64_t c, float* packed) {
  const int64_t e = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (e >= packed_floats(c)) return;
  const Parameters<const float> p(parameters + blockIdx.y * block_parameters(c), c);
  const int64_t matrix = e / (c * c), row = e / c % c, column = e % c;
  const bool exchanged = matrix >= kMatrices;
  packed[blockIdx.y * packed_floats(c) + e] = weight_at(p, static_cast<int>(matrix % kMatrices),
                                                        exchanged ? row : column, exchanged ? column : row, c);
}

// One block's flat gradient from matrices [pieces][4][o][i] and vectors [pieces][4][C], where the pointwise matrix
// has pieces of its own. A block takes 32 parameters, in the order of the pieces' memory; each of its eight warps
// adds every eighth piece, then their sums are added in order.
constexpr int kPieceColumns = 32, kPieceRows = 8;

PCD_KERNEL void add_pieces(const float* matrices, int conv_pieces, int pointwise_pieces, const float* vectors,
                           int vector_pieces, int64_t c, bool accumulate, float* gradient) {
  __shared__ float sums[kPieceRows][kPieceColumns];
  const int64_t e = static_cast<int64_t>(blockIdx.x) * kPieceColumns + threadIdx.x, square = c * c;
  const float* from = nullptr;
  int64_t step = 0, target = 0;
  int pieces = 0;
  if (e < kMatrices * square) {
    const int64_t matrix = e / square, element = e % square;
    from = matrices + e;
    step = kMatrices * square;
    pieces = matrix < kTaps ? conv_pieces : pointwise_pieces;
    target = matrix < kTaps ? element * kTaps + matrix : kTaps * square + kTaps * c + element;
  } else if (e < block_parameters(c)) {
    const int64_t element = e - kMatrices * square;
    from = vectors + element;
    step = kVectors * c;
    pieces = vector_pieces;
    target = element < kTaps * c ? kTaps * square + element : kMatrices * square + element;
  }
  float sum = 0.0f;
#pragma unroll 4
  for (int piece = threadIdx.y; piece < pieces; piece += kPieceRows) sum += from[piece * step];
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || from == nullptr) return;
  sum = accumulate ? gradient[target] : 0.0f;
  for (int row = 0; row < kPieceRows; ++row) sum += sums[row][threadIdx.x];
  gradient[target] = sum;
}

}  // namespace pcd::kernels::stack

#endif
