// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a rank says of itself to rank 0.
 *
 * @param member which rank it is, where
 * @param ranks how many it takes part with
 * @param job the job it belongs to
 * @param build its library's build
 * @param fingerprint digest of its options, whatever their length
 * @param options its options, to be read
 * @param nonce a number that the answer repeats
 */
record Hello(
    Member member,
    int ranks,
    String job,
    String build,
    String fingerprint,
    String options,
    long nonce) {

  static Hello of(RendezvousOptions options, long nonce) {
    return new Hello(
        Member.self(options.ranks().rank()),
        options.ranks().ranks(),
        options.job().id(),
        options.build(),
        digest(options.configuration().fingerprint()),
        options.configuration().sentence(),
        nonce);
  }

  Frame frame() {
    return Frame.of(Frame.Type.HELLO, this::write);
  }

  private void write(DataOutputStream out) throws IOException {
    Frame.writeMember(out, member);
    out.writeInt(ranks);
    Frame.writeText(out, job);
    Frame.writeText(out, build);
    Frame.writeText(out, fingerprint);
    Frame.writeText(out, options);
    out.writeLong(nonce);
  }

  static Hello read(Frame frame) throws IOException {
    if (frame.type() != Frame.Type.HELLO) {
      throw new Wire.ProtocolException("it sent " + frame.type() + " and not who it is");
    }
    return frame.read(Hello::read);
  }

  private static Hello read(DataInputStream in) throws IOException {
    return new Hello(
        Frame.readMember(in),
        in.readInt(),
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readLong());
  }

  private static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
