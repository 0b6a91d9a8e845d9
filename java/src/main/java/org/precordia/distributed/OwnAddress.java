// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The address by which other machines reach this one. */
final class OwnAddress {
  private OwnAddress() {}

  /**
   * What the machine's name resolves to; where that is a loopback address, as some systems have it,
   * the first address of an interface that is up, IPv4 before IPv6.
   */
  static String reachable() {
    try {
      InetAddress named = InetAddress.getLocalHost();
      return named.isLoopbackAddress() ? ofInterfaces() : named.getHostAddress();
    } catch (UnknownHostException e) {
      return ofInterfaces();
    }
  }

  private static String ofInterfaces() {
    try {
      List<NetworkInterface> interfaces = NetworkInterface.networkInterfaces().toList();
      Optional<InetAddress> found =
          interfaces.stream()
              .filter(OwnAddress::reachesOthers)
              .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
              .flatMap(NetworkInterface::inetAddresses)
              .filter(address -> !address.isLinkLocalAddress())
              .min(Comparator.comparing(address -> !(address instanceof Inet4Address)));
      return found.map(InetAddress::getHostAddress).orElseThrow(OwnAddress::unknown);
    } catch (SocketException e) {
      throw unknown();
    }
  }

  private static boolean reachesOthers(NetworkInterface candidate) {
    try {
      boolean ofContainers =
          Stream.of("docker", "virbr", "veth", "br-", "cni")
              .anyMatch(prefix -> candidate.getName().startsWith(prefix));
      return candidate.isUp() && !candidate.isLoopback() && !candidate.isVirtual() && !ofContainers;
    } catch (SocketException e) {
      return false;
    }
  }

  private static RanksException unknown() {
    return new RanksException(
        "host %s has no address that other machines could reach: set MASTER_ADDR and MASTER_PORT"
            .formatted(Member.hostName()));
  }
}
