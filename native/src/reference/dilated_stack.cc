// SPDX-License-Identifier: Apache-2.0
//
// One block: u[t,o] = bias[o] + Σ_{k=0..2} Σ_i w[o,i,k] · x[t+(k-1)·d, i] (zero outside), v = LN(u), g =
// GELU(v), y = x + P·g + p. Backward recomputes u, v, g from the block's input.
#include "reference/dilated_stack.h"

#include "reference/layers.h"

namespace pcd::reference {
namespace {

// Views of one block's parameters, or of their gradients, in a flat array.
template <typename P>
struct Block {
  P *conv_weight, *conv_bias, *norm_weight, *norm_bias, *point_weight, *point_bias;

  Block(P* base, int64_t C)
      : conv_weight(base),
        conv_bias(conv_weight + 3 * C * C),
        norm_weight(conv_bias + C),
        norm_bias(norm_weight + C),
        point_weight(norm_bias + C),
        point_bias(point_weight + C * C) {}
};

// u of row (b, t).
template <typename T>
void convolve(const DilatedStackShape& shape, int64_t dilation, const std::vector<T>& x,
              const Block<const T>& block, int64_t b, int64_t t, T* u) {
  const int64_t L = shape.length, C = shape.channels;
  for (int64_t o = 0; o < C; ++o) {
    T sum = block.conv_bias[o];
    for (int64_t k = 0; k < 3; ++k) {
      const int64_t source = t + (k - 1) * dilation;
      if (source < 0 || source >= L) continue;
      for (int64_t i = 0; i < C; ++i)
        sum += block.conv_weight[(o * C + i) * 3 + k] * x[(b * L + source) * C + i];
    }
    u[o] = sum;
  }
}

template <typename T>
std::vector<T> block_forward(const DilatedStackShape& shape, int64_t dilation, const std::vector<T>& x,
                             const Block<const T>& block) {
  const int64_t L = shape.length, C = shape.channels;
  std::vector<T> y(x.size()), u(C), v(C);
  for (int64_t b = 0; b < shape.batch; ++b) {
    for (int64_t t = 0; t < L; ++t) {
      convolve(shape, dilation, x, block, b, t, u.data());
      LayerNorm<T>::forward(u.data(), block.norm_weight, block.norm_bias, C, v.data());
      for (T& value : v) value = gelu(value);
      T* row = y.data() + (b * L + t) * C;
      affine(v.data(), block.point_weight, block.point_bias, C, C, row);
      for (int64_t c = 0; c < C; ++c) row[c] += x[(b * L + t) * C + c];
    }
  }
  return y;
}

template <typename T>
std::vector<T> block_backward(const DilatedStackShape& shape, int64_t dilation, const std::vector<T>& x,
                              const Block<const T>& block, const std::vector<T>& y_grad,
                              const Block<T>& grad) {
  const int64_t L = shape.length, C = shape.channels;
  std::vector<T> x_grad = y_grad;  // the identity branch
  std::vector<T> u(C), v(C), g(C), g_grad(C), u_grad(C);
  for (int64_t b = 0; b < shape.batch; ++b) {
    for (int64_t t = 0; t < L; ++t) {
      convolve(shape, dilation, x, block, b, t, u.data());
      LayerNorm<T>::forward(u.data(), block.norm_weight, block.norm_bias, C, v.data());
      for (int64_t c = 0; c < C; ++c) g[c] = gelu(v[c]);
      g_grad.assign(C, T(0));
      affine_backward(g.data(), block.point_weight, y_grad.data() + (b * L + t) * C, C, C, g_grad.data(),
                      grad.point_weight, grad.point_bias);
      for (int64_t c = 0; c < C; ++c) g_grad[c] *= gelu_derivative(v[c]);  // now the gradient of v
      LayerNorm<T>::backward(u.data(), block.norm_weight, g_grad.data(), C, u_grad.data(), grad.norm_weight,
                             grad.norm_bias);
      for (int64_t o = 0; o < C; ++o) {
        grad.conv_bias[o] += u_grad[o];
        for (int64_t k = 0; k < 3; ++k) {
          const int64_t source = t + (k - 1) * dilation;
          if (source < 0 || source >= L) continue;
          for (int64_t i = 0; i < C; ++i) {
            grad.conv_weight[(o * C + i) * 3 + k] += u_grad[o] * x[(b * L + source) * C + i];
            x_grad[(b * L + source) * C + i] += u_grad[o] * block.conv_weight[(o * C + i) * 3 + k];
          }
        }
      }
    }
  }
  return x_grad;
}

}  // namespace

template <typename T>
std::vector<T> dilated_stack_forward(const DilatedStackShape& shape, const std::vector<T>& input,
                                     const std::vector<T>& parameters) {
  std::vector<T> x = input;
  for (size_t n = 0; n < shape.dilations.size(); ++n) {
    const Block<const T> block(parameters.data() + static_cast<int64_t>(n) * shape.block_parameters(),
                               shape.channels);
    x = block_forward(shape, shape.dilations[n], x, block);
  }
  return x;
}

template <typename T>
DilatedStackGradients<T> dilated_stack_backward(const DilatedStackShape& shape, const std::vector<T>& input,
                                                const std::vector<T>& parameters,
                                                const std::vector<T>& output_grad) {
  const int64_t blocks = static_cast<int64_t>(shape.dilations.size());
  std::vector<std::vector<T>> inputs{input};  // of each block
  for (int64_t n = 0; n + 1 < blocks; ++n) {
    const Block<const T> block(parameters.data() + n * shape.block_parameters(), shape.channels);
    inputs.push_back(block_forward(shape, shape.dilations[n], inputs.back(), block));
  }
  DilatedStackGradients<T> gradients{output_grad, std::vector<T>(parameters.size(), T(0))};
  for (int64_t n = blocks - 1; n >= 0; --n) {
    const Block<const T> block(parameters.data() + n * shape.block_parameters(), shape.channels);
    const Block<T> grad(gradients.parameters.data() + n * shape.block_parameters(), shape.channels);
    gradients.input = block_backward(shape, shape.dilations[n], inputs[n], block, gradients.input, grad);
  }
  return gradients;
}

#define PCD_INSTANTIATE(T)                                                                                  \
  template std::vector<T> dilated_stack_forward(const DilatedStackShape&, const std::vector<T>&,            \
                                                const std::vector<T>&);                                     \
  template DilatedStackGradients<T> dilated_stack_backward(const DilatedStackShape&, const std::vector<T>&, \
                                                           const std::vector<T>&, const std::vector<T>&);
PCD_INSTANTIATE(double)
PCD_INSTANTIATE(float)
#undef PCD_INSTANTIATE

}  // namespace pcd::reference
