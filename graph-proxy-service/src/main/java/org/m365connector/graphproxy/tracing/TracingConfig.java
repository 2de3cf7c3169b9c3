package org.m365connector.graphproxy.tracing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** Where traces go. */
@ConfigMapping(prefix = "m365.traces")
interface TracingConfig {

    /** A collector of OpenTelemetry that takes OTLP over HTTP, without {@code /v1/traces}: {@code http://collector:4318}. None: no traces. */
    Optional<URI> endpoint();

    /** Which part of the traces that begin here is told, 0 to 1. Of those that began elsewhere it was decided there. */
    @WithDefault("1")
    double sampled();
}
