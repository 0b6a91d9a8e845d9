#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the Java bindings of the few cuDNN functions that the yardstick calls: run it to move to another cuDNN 9 and
# commit what it writes. Only names and types of NVIDIA's header are taken, none of its comments.
#
# usage: bench/cudnn/regenerate.sh [INCLUDE]   INCLUDE: folder with cudnn.h; default $CUDNN_HOME/include
#
# Needs `jextract` (for JDK 25) on PATH, as CONTRIBUTING.md says, and CUDA's headers in $CUDA_HOME/include (default
# /usr/local/cuda).
set -eu
export LC_ALL=C

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
output=$here/../src/main/generated
package=org.precordia.bench.cudnn
cuda=${CUDA_HOME:-/usr/local/cuda}/include
include=${1:-${CUDNN_HOME:+$CUDNN_HOME/include}}
[ -n "$include" ] || { echo "regenerate.sh: name the folder with cudnn.h, or set CUDNN_HOME" >&2; exit 2; }
[ -r "$include/cudnn.h" ] || { echo "regenerate.sh: no cudnn.h in $include" >&2; exit 1; }
[ -r "$cuda/cuda_runtime.h" ] || { echo "regenerate.sh: no cuda_runtime.h in $cuda; set CUDA_HOME" >&2; exit 1; }
command -v jextract >/dev/null 2>&1 || {
  echo "regenerate.sh: jextract is not on PATH; CONTRIBUTING.md says how to get it" >&2
  exit 1
}

functions="
cudnnConvolutionBackwardData cudnnConvolutionBackwardFilter cudnnConvolutionForward
cudnnCreate cudnnCreateConvolutionDescriptor cudnnCreateFilterDescriptor cudnnCreateTensorDescriptor
cudnnDestroy cudnnDestroyConvolutionDescriptor cudnnDestroyFilterDescriptor cudnnDestroyTensorDescriptor
cudnnFindConvolutionBackwardDataAlgorithmEx cudnnFindConvolutionBackwardFilterAlgorithmEx
cudnnFindConvolutionForwardAlgorithmEx
cudnnGetConvolutionNdForwardOutputDim cudnnGetErrorString cudnnGetTensorNdDescriptor cudnnGetVersion
cudnnSetConvolutionMathType cudnnSetConvolutionNdDescriptor cudnnSetFilterNdDescriptor cudnnSetStream
cudnnSetTensorNdDescriptorEx"
structs="
cudnnConvolutionFwdAlgoPerfStruct cudnnConvolutionBwdDataAlgoPerfStruct
cudnnConvolutionBwdFilterAlgoPerfStruct"
constants="
CUDNN_STATUS_SUCCESS CUDNN_STATUS_BAD_PARAM CUDNN_TENSOR_NHWC CUDNN_CROSS_CORRELATION
CUDNN_DATA_FLOAT CUDNN_DATA_HALF CUDNN_DATA_BFLOAT16
CUDNN_DEFAULT_MATH CUDNN_TENSOR_OP_MATH CUDNN_FMA_MATH"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
{
  printf -- '--include-function %s\n' $functions
  printf -- '--include-struct %s\n' $structs
  printf -- '--include-constant %s\n' $constants
} >"$scratch/bound"

# The library is named by its soname, which the dynamic linker resolves: CudnnLibrary has opened it by then.
(cd "$scratch" && jextract -I "$include" -I "$cuda" --output out --target-package "$package" \
  --header-class-name Cudnn --library :libcudnn.so.9 @bound "$include/cudnn.h") 2>"$scratch/log" ||
  { cat "$scratch/log" >&2; exit 1; }

find "$scratch/out" -name '*.java' | while read -r file; do
  { echo "// SPDX-License-Identifier: Apache-2.0"; cat "$file"; } >"$file.licensed"
  mv "$file.licensed" "$file"
done
rm -rf "$output"
mkdir -p "$(dirname "$output")"
cp -r "$scratch/out" "$output"

number() { sed -n "s/^#define CUDNN_$1 \([0-9]*\).*/\1/p" "$include/cudnn_version.h"; }
# cudnn.h includes the others: the digest is of all that were read, in the order of their names.
digest=$(cat "$include"/cudnn*.h | { if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi; })
{
  echo "# What the bindings under src/main/generated were made from; written by regenerate.sh."
  jextract --version 2>&1 | sed -n \
    -e 's/^jextract \(.*\)/jextract.version=\1/p' \
    -e 's/^JDK version \(.*\)/jextract.jdk=\1/p' \
    -e 's/^LibClang version \(.*\)/jextract.libclang=\1/p'
  echo "cudnn.version=$(number MAJOR).$(number MINOR).$(number PATCHLEVEL)"
  echo "headers=cudnn*.h"
  echo "headers.sha256=${digest%% *}"
  echo "functions=$(echo $functions | tr ' ' '\n' | sort | paste -sd, -)"
  echo "structs=$(echo $structs | tr ' ' '\n' | sort | paste -sd, -)"
} >"$here/GENERATED.properties"

echo "$(find "$output" -name '*.java' | wc -l | tr -d ' ') files written under bench/src/main/generated"
