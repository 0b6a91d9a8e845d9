// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Path;
import org.precordia.Reconstructor;
import org.precordia.data.Recording;
import org.precordia.data.Wfdb;

/** Reads a record with three leads, or more, and writes it with twelve: RECORD, and a folder. */
class TenLines {
  public static void main(String[] args) throws Exception {
    try (Reconstructor model = Reconstructor.load()) {
      Recording twelve = model.reconstruct(Wfdb.read(Path.of(args[0])));
      Wfdb.write(twelve, Path.of(args[1]));
    }
  }
}
