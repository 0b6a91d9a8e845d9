// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where rank 0 listens.
 *
 * @param host a name, or an IPv4 or IPv6 address without brackets
 * @param port 1 to 65535; 0, for rank 0 alone, lets the system choose
 */
public record Address(String host, int port) {
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");

  public Address {
    if (host.isBlank() || host.length() > 255) {
      throw new RanksException("\"%s\" is no name of a host".formatted(host));
    }
    if (port < 0 || port > 65535) {
      throw new RanksException("port %d cannot be: ports are 1 to 65535".formatted(port));
    }
  }

  /**
   * Reads {@code HOST:PORT}, with an IPv6 address in brackets: {@code [::1]:29500}.
   *
   * @throws RanksException if it is something else
   */
  public static Address parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (colon < 0 || (host.indexOf(':') >= 0 && !bracketed)) {
      throw new RanksException(
          "\"%s\" is not HOST:PORT, for example node1:29500 or [fd00::1]:29500".formatted(text));
    }
    return new Address(
        bracketed ? host.substring(1, host.length() - 1) : host,
        port("the port of \"" + text + "\"", text.substring(colon + 1)));
  }

  /**
   * What {@code MASTER_ADDR} and {@code MASTER_PORT} say.
   *
   * @return empty where neither is set
   * @throws RanksException if one is missing or wrong
   */
  static Optional<Address> of(Map<String, String> environment) {
    String host = environment.getOrDefault("MASTER_ADDR", "").strip();
    String port = environment.getOrDefault("MASTER_PORT", "").strip();
    if (host.isEmpty() && port.isEmpty()) {
      return Optional.empty();
    }
    if (host.isEmpty() || port.isEmpty()) {
      throw new RanksException(
          "%s is set, but not %s: set both, the same for every rank"
              .formatted(
                  host.isEmpty() ? "MASTER_PORT" : "MASTER_ADDR",
                  host.isEmpty() ? "MASTER_ADDR" : "MASTER_PORT"));
    }
    return Optional.of(new Address(host, port("MASTER_PORT", port)));
  }

  private static int port(String what, String text) {
    int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65535) {
      throw new RanksException("%s is \"%s\", not a port from 1 to 65535".formatted(what, text));
    }
    return port;
  }

  Address withPort(int chosen) {
    return new Address(host, chosen);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
