package org.m365connector.emulator;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts an emulator on its own and leaves it running. */
public final class EmulatorMain {

    private static final String USAGE = """
            usage: emulator [--port N] [--https-port N] [--host ADDRESS] [--certificate-host NAME]... [--public-base URL]
                            [--redirect-uri URI]... [--short-lives] [--limits FILE]
            """;

    private EmulatorMain() {}

    public static void main(String[] args) {
        EmulatorOptions options;
        try {
            options = parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(USAGE);
            System.exit(2);
            return;
        }
        try {
            Emulator emulator = Emulator.start(options);
            Runtime.getRuntime().addShutdownHook(new Thread(emulator::close, "emulator-stop"));
            System.out.println("emulator ready http=" + emulator.httpBase() + " https=" + emulator.httpsBase());
        } catch (IllegalStateException | IllegalArgumentException e) {
            System.err.println("emulator cannot start: " + e.getMessage());
            System.exit(1);
        }
    }

    static EmulatorOptions parse(String[] args) {
        EmulatorOptions options = EmulatorOptions.defaults().withPorts(8090, 8490);
        List<String> redirectUris = new ArrayList<>();
        List<String> certificateHosts = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String flag = args[i];
            if (flag.equals("--short-lives")) {
                options = options.withShortLives();
                continue;
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException("emulator: what is " + flag + "?");
            }
            String value = args[++i];
            switch (flag) {
                case "--port" -> options = options.withPorts(Integer.parseInt(value), options.httpsPort());
                case "--https-port" -> options = options.withPorts(options.httpPort(), Integer.parseInt(value));
                case "--host" -> options = options.withHost(value);
                case "--certificate-host" -> certificateHosts.add(value);
                case "--public-base" -> options = options.withPublicBase(value);
                case "--redirect-uri" -> redirectUris.add(value);
                case "--limits" -> options = options.withLimitsFile(Path.of(value));
                default -> throw new IllegalArgumentException("emulator: what is " + flag + "?");
            }
        }
        if (!redirectUris.isEmpty()) {
            options = options.withRedirectUris(redirectUris);
        }
        return options.withCertificateHosts(certificateHosts);
    }
}
