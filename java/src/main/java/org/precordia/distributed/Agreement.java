// SPDX-License-Identifier: Apache-2.0
package org.precordia.distributed;

/** What ranks must have in common to be one job, as rank 0 sees it. */
final class Agreement {
  private final Hello own;
  private final Address address;

  Agreement(RendezvousOptions options, Member self, Address address) {
    this.own = Hello.of(options, 0);
    this.address = address;
  }

  /** Why a rank cannot be one of this job; empty where it can. */
  String objection(Hello hello) {
    if (!hello.job().equals(own.job())) {
      return ("two jobs meet at %s: rank 0 on host %s belongs to job %s, rank %d on host %s to job"
              + " %s. Give each job another MASTER_PORT; where it is one job, set"
              + " PRECORDIA_JOB_ID to the same for every rank")
          .formatted(
              address,
              own.member().host(),
              own.job(),
              hello.member().rank(),
              hello.member().host(),
              hello.job());
    }
    if (hello.ranks() != own.ranks()
        || hello.member().rank() < 0
        || hello.member().rank() >= own.ranks()) {
      return ("%s was started as rank %d of %d, but rank 0 as one of %d ranks at %s. Start all with"
              + " the same number (WORLD_SIZE)")
          .formatted(hello.member(), hello.member().rank(), hello.ranks(), own.ranks(), address);
    }
    if (!hello.build().equals(own.build())) {
      return ("ranks of different builds: rank 0 on host %s is build %s, rank %d on host %s is"
              + " build %s. Install the same build on every machine")
          .formatted(
              own.member().host(),
              own.build(),
              hello.member().rank(),
              hello.member().host(),
              hello.build());
    }
    if (!hello.fingerprint().equals(own.fingerprint())) {
      return ("ranks were asked for different things: rank 0 on host %s for \"%s\", rank %d on host"
              + " %s for \"%s\". Start every rank with the same options")
          .formatted(
              own.member().host(),
              own.options(),
              hello.member().rank(),
              hello.member().host(),
              hello.options());
    }
    return "";
  }
}
