package org.m365connector.graphproxy.throttle;

import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * Where a process listens, as a name that tells nothing else: a kernel since it was booted, a network namespace of it, an address and a port. The
 * kernel lets no two processes listen there at a time. Who is started again in the same pod, or on the same machine, has the same name.
 */
final class ListeningPlace {

    private static final Path KERNEL = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path NAMESPACE = Path.of("/proc/self/ns/net");

    private ListeningPlace() {}

    /** Empty where the system does not tell, where several may listen, and where the port is one of chance. Looks up the host's address. */
    static Optional<String> of(HttpServerOptions server) {
        if (server.isReusePort() || server.getPort() <= 0) {
            return Optional.empty();
        }
        try {
            String socket = InetAddress.getByName(server.getHost()).getHostAddress() + ":" + server.getPort();
            String place = Files.readString(KERNEL).strip() + "/" + Files.readSymbolicLink(NAMESPACE) + "/" + socket;
            return Optional.of(UUID.nameUUIDFromBytes(place.getBytes(StandardCharsets.UTF_8))
                    .toString());
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }
}
