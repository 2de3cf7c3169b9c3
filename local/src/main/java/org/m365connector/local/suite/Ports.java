package org.m365connector.local.suite;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The TCP ports of one run, all on the loopback interface. */
public record Ports(Map<Service, Integer> services, int emulator, int kafka, int postgres) {

    public Ports {
        services = Map.copyOf(services);
    }

    /** The ports that the documentation names; PostgreSQL keeps away from 5432, where a machine often has its own. */
    public static Ports usual() {
        Map<Service, Integer> services = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            services.put(service, service.usualPort());
        }
        return new Ports(services, 8090, 9092, 54329);
    }

    /** Ports that nobody uses at this moment, for runs beside others. */
    public static Ports free() {
        Map<Service, Integer> services = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            services.put(service, org.m365connector.backends.Ports.free());
        }
        return new Ports(
                services,
                org.m365connector.backends.Ports.free(),
                org.m365connector.backends.Ports.free(),
                org.m365connector.backends.Ports.free());
    }

    /** As {@link #toString()} writes them. */
    public static Ports parse(String text) {
        List<Integer> numbers =
                Arrays.stream(text.split(",", -1)).map(Integer::valueOf).toList();
        Map<Service, Integer> services = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            services.put(service, numbers.get(services.size()));
        }
        int next = services.size();
        return new Ports(services, numbers.get(next), numbers.get(next + 1), numbers.get(next + 2));
    }

    /** The numbers in the order services, emulator, Kafka, PostgreSQL, separated by commas. */
    @Override
    public String toString() {
        List<String> numbers = new ArrayList<>();
        for (Service service : Service.values()) {
            numbers.add(Integer.toString(of(service)));
        }
        numbers.addAll(List.of(Integer.toString(emulator), Integer.toString(kafka), Integer.toString(postgres)));
        return String.join(",", numbers);
    }

    public int of(Service service) {
        return services.get(service);
    }

    /** Who listens where, in the order of the start. */
    public Map<String, Integer> byName() {
        Map<String, Integer> all = new LinkedHashMap<>();
        all.put("PostgreSQL", postgres);
        all.put("Kafka", kafka);
        all.put("emulator", emulator);
        for (Service service : Service.values()) {
            all.put(service.module(), of(service));
        }
        return all;
    }

    /** One line for each port that somebody else holds, naming the holder where the system tells. */
    public List<String> taken() {
        List<String> lines = new ArrayList<>();
        byName().forEach((name, port) -> {
            if (isTaken(port)) {
                String holder = PortHolder.of(port)
                        .map(h -> ", held by " + h)
                        .orElse(", holder unknown (another user's process)");
                lines.add("port " + port + " (" + name + ") is taken" + holder);
            }
        });
        return lines;
    }

    private static boolean isTaken(int port) {
        try (ServerSocket loopback = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                ServerSocket everywhere = closedFirst(loopback, port)) {
            return everywhere == null;
        } catch (IOException e) {
            return true;
        }
    }

    /** Linux refuses the wildcard address while the loopback address is bound, so one follows the other. */
    private static ServerSocket closedFirst(ServerSocket loopback, int port) throws IOException {
        loopback.close();
        return new ServerSocket(port, 1);
    }
}
