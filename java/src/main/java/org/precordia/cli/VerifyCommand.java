// SPDX-License-Identifier: Apache-2.0
package org.precordia.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.precordia.data.Shard;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code precordia verify}: every byte of a prepared data set against its checksums. */
@Command(
    name = "verify",
    description = "Reads all of what prepare wrote and compares it with its checksums.")
final class VerifyCommand implements Callable<Integer> {
  @Mixin JsonOption json;

  @Parameters(paramLabel = "DATA", description = "What prepare wrote: a file or a folder.")
  Path data;

  @Override
  public Integer call() throws IOException {
    Output output = json.output();
    try (Shard shard = Shard.open(data)) {
      shard.verify();
      output.result(
          "%s  whole: %d records of %d patients, %,.1f MiB of samples in %d %s, content %s"
              .formatted(
                  data,
                  shard.records(),
                  shard.patients(),
                  shard.sampleBytes() / 0x1p20,
                  shard.files().size(),
                  shard.files().size() == 1 ? "file" : "files",
                  shard.fingerprint()));
      ObjectNode root = new ObjectMapper().createObjectNode();
      root.put("data", data.toString()).put("records", shard.records());
      root.put("patients", shard.patients()).put("sample_bytes", shard.sampleBytes());
      root.put("files", shard.files().size()).put("fingerprint", shard.fingerprint());
      output.result(root);
    }
    return ExitCode.OK;
  }
}
