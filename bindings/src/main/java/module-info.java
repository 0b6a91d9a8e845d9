// SPDX-License-Identifier: Apache-2.0

/**
 * The one module that makes restricted calls: the bindings that jextract writes from {@code
 * precordia/precordia.h}, the loader of the library they call, and the few views of native memory
 * that the runtime needs. Run it with {@code --enable-native-access=org.precordia.bindings}.
 *
 * <p>Nothing in here is public API: the only package is exported to {@code org.precordia} alone.
 */
module org.precordia.bindings {
  exports org.precordia.bindings to
      org.precordia;
}
