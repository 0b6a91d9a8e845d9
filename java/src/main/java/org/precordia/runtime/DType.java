// SPDX-License-Identifier: Apache-2.0
package org.precordia.runtime;

import org.precordia.bindings.Precordia;

/** Element type of a tensor. */
public enum DType {
  F32(Precordia.PCD_DTYPE_F32(), 4),
  BF16(Precordia.PCD_DTYPE_BF16(), 2),
  F64(Precordia.PCD_DTYPE_F64(), 8),
  I16(Precordia.PCD_DTYPE_I16(), 2),
  I32(Precordia.PCD_DTYPE_I32(), 4),
  I64(Precordia.PCD_DTYPE_I64(), 8),
  U64(Precordia.PCD_DTYPE_U64(), 8),
  U8(Precordia.PCD_DTYPE_U8(), 1);

  private static final DType[] BY_CODE = byCode();

  private final int code;
  private final int bytes;

  DType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  private static DType[] byCode() {
    DType[] types = new DType[values().length];
    for (DType type : values()) {
      types[type.code] = type;
    }
    return types;
  }

  /** The type with a number of the native library. */
  static DType of(int code) {
    return BY_CODE[code];
  }

  int code() {
    return code;
  }

  /** Bytes an element takes. */
  public int bytes() {
    return bytes;
  }
}
